#include "socket.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "mqtt/packets.h"

namespace energy::bench {
namespace {

constexpr timeval kTimeout{10, 0};
constexpr uint16_t kKeepAliveS = 600;

base::Status Failed(const char* what) {
  return base::Unavailable(std::string(what) + ": " + std::strerror(errno));
}

sockaddr_in Loopback(uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

}  // namespace

Socket& Socket::operator=(Socket&& other) noexcept {
  std::swap(fd_, other.fd_);
  return *this;
}

Socket::~Socket() {
  if (fd_ >= 0) close(fd_);
}

base::Result<Socket> Socket::Connect(uint16_t port) {
  Socket socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (socket.fd() < 0) return Failed("socket");
  const int on = 1;
  setsockopt(socket.fd(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  setsockopt(socket.fd(), SOL_SOCKET, SO_RCVTIMEO, &kTimeout, sizeof kTimeout);
  setsockopt(socket.fd(), SOL_SOCKET, SO_SNDTIMEO, &kTimeout, sizeof kTimeout);
  const sockaddr_in address = Loopback(port);
  if (connect(socket.fd(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    return Failed("connect");
  }
  return socket;
}

base::Result<Socket> Socket::StartConnect(uint16_t port) {
  Socket socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (socket.fd() < 0) return Failed("socket");
  const sockaddr_in address = Loopback(port);
  if (connect(socket.fd(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 &&
      errno != EINPROGRESS) {
    return Failed("connect");
  }
  return socket;
}

base::Status Socket::SendAll(std::string_view bytes) const {
  while (!bytes.empty()) {
    const ssize_t sent = send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent <= 0) return Failed("send");
    bytes.remove_prefix(static_cast<size_t>(sent));
  }
  return {};
}

base::Result<std::string> Socket::Receive(size_t count) const {
  std::string bytes(count, '\0');
  size_t have = 0;
  while (have < count) {
    const ssize_t got = recv(fd_, bytes.data() + have, count - have, 0);
    if (got == 0) return base::Unavailable("the server closed the connection");
    if (got < 0) return Failed("receive");
    have += static_cast<size_t>(got);
  }
  return bytes;
}

base::Result<std::string> Socket::ReceiveSome() const {
  std::string bytes(4096, '\0');
  const ssize_t got = recv(fd_, bytes.data(), bytes.size(), 0);
  if (got == 0) return base::Unavailable("the server closed the connection");
  if (got < 0) return Failed("receive");
  bytes.resize(static_cast<size_t>(got));
  return bytes;
}

void Socket::SetNonBlocking() const { fcntl(fd_, F_SETFL, fcntl(fd_, F_GETFL) | O_NONBLOCK); }

base::Result<Socket> Listen(uint16_t& port) {
  Socket socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in address = Loopback(0);
  socklen_t size = sizeof address;
  if (bind(socket.fd(), reinterpret_cast<const sockaddr*>(&address), size) != 0 ||
      listen(socket.fd(), 1) != 0 ||
      getsockname(socket.fd(), reinterpret_cast<sockaddr*>(&address), &size) != 0) {
    return Failed("listen");
  }
  port = ntohs(address.sin_port);
  return socket;
}

std::string ConnectPacket(std::string_view client_id, const MqttLogin& login) {
  mqtt::Connect connect;
  connect.level = static_cast<uint8_t>(mqtt::Version::k311);
  connect.keep_alive_s = kKeepAliveS;
  connect.client_id = client_id;
  if (!login.username.empty()) {
    connect.username = login.username;
    connect.password = login.password;
  }
  std::string bytes;
  mqtt::Encode(connect, bytes);
  return bytes;
}

base::Status SendConnect(const Socket& socket, std::string_view client_id, const MqttLogin& login) {
  return socket.SendAll(ConnectPacket(client_id, login));
}

base::Status AwaitConnack(const Socket& socket) {
  ENERGY_ASSIGN_OR_RETURN(const std::string answer, socket.Receive(4));
  if (answer == std::string_view("\x20\x02\x00\x00", 4)) return {};
  return base::Unavailable("the server refused the connection (return code " +
                           std::to_string(static_cast<int>(answer[3])) + ")");
}

void AllowSockets(unsigned count) {
  rlimit limit{};
  getrlimit(RLIMIT_NOFILE, &limit);
  limit.rlim_cur = std::min<rlim_t>(limit.rlim_max, std::max<rlim_t>(limit.rlim_cur, count + 100));
  setrlimit(RLIMIT_NOFILE, &limit);
}

double OwnCpuSeconds() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

}  // namespace energy::bench
