#include "cache/redis_connection.h"

#include <fcntl.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>

namespace energy::cache {
namespace {

using std::chrono::steady_clock;

base::Status Failed(const char* what, int error) {
  return base::Unavailable(std::string("the connection to Redis ") + what + ": " +
                           std::strerror(error));
}

// Waits until the socket can be used. Errors: kUnavailable when the time is over.
base::Status Await(int socket, short events, steady_clock::time_point until) {
  for (;;) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(until - steady_clock::now());
    if (left.count() <= 0) return base::Unavailable("Redis does not answer in time");
    pollfd waiting{socket, events, 0};
    const int ready = ::poll(&waiting, 1, static_cast<int>(left.count()));
    if (ready > 0) return {};
    if (ready < 0 && errno != EINTR) return Failed("failed", errno);
  }
}

}  // namespace

base::Result<std::unique_ptr<RedisConnection>> RedisConnection::Open(const RedisAddress& address,
                                                                     Limit limit,
                                                                     const TlsClient* tls) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  const int error =
      ::getaddrinfo(address.host.c_str(), std::to_string(address.port).c_str(), &hints, &found);
  if (error != 0) {
    return base::Unavailable("the host of cache.url is not found: " +
                             std::string(::gai_strerror(error)));
  }
  const std::unique_ptr<addrinfo, void (*)(addrinfo*)> places(found, ::freeaddrinfo);
  const Time until = steady_clock::now() + limit;
  base::Status last = base::Unavailable("the host of cache.url has no address");
  for (const addrinfo* place = found; place != nullptr; place = place->ai_next) {
    auto socket = Connect(*place, until);
    if (!socket.ok()) {
      last = socket.status();
      continue;
    }
    std::unique_ptr<RedisConnection> connection(new RedisConnection(*socket));
    if (tls != nullptr) {
      ENERGY_RETURN_IF_ERROR(connection->Encrypt(*tls, address.host, until));
    }
    ENERGY_RETURN_IF_ERROR(connection->LogIn(address, limit));
    return connection;
  }
  return last;
}

RedisConnection::~RedisConnection() { ::close(socket_); }

base::Result<int> RedisConnection::Connect(const addrinfo& place, Time until) {
  const int socket =
      ::socket(place.ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, place.ai_protocol);
  if (socket < 0) return Failed("cannot be made", errno);
  int error = ::connect(socket, place.ai_addr, place.ai_addrlen) == 0 ? 0 : errno;
  base::Status status;
  if (error == EINPROGRESS) {
    status = Await(socket, POLLOUT, until);
    socklen_t size = sizeof(error);
    if (status.ok()) ::getsockopt(socket, SOL_SOCKET, SO_ERROR, &error, &size);
  }
  if (status.ok() && error != 0) status = Failed("cannot be made", error);
  if (!status.ok()) {
    ::close(socket);
    return status;
  }
  const int on = 1;
  ::setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
  return socket;
}

base::Status RedisConnection::LogIn(const RedisAddress& address, Limit limit) {
  if (!address.password.empty()) {
    std::vector<std::string_view> command{"AUTH"};
    if (!address.user.empty()) command.push_back(address.user);
    command.push_back(address.password);
    ENERGY_ASSIGN_OR_RETURN(const Reply reply, Run(command, limit));
    if (reply.kind == Reply::Kind::kError) {
      return base::Unauthenticated("Redis refuses the login of cache.url: " + reply.text);
    }
  }
  if (address.database == 0) return {};
  ENERGY_ASSIGN_OR_RETURN(const Reply reply,
                          Run({"SELECT", std::to_string(address.database)}, limit));
  if (reply.kind != Reply::Kind::kError) return {};
  return base::Unauthenticated("Redis refuses the database of cache.url: " + reply.text);
}

base::Result<Reply> RedisConnection::Run(const std::vector<std::string_view>& command,
                                         Limit limit) {
  const Time until = steady_clock::now() + limit;
  std::string bytes;
  AppendCommand(bytes, command);
  ENERGY_RETURN_IF_ERROR(Send(bytes, until));
  for (;;) {
    std::string_view rest = received_;
    ENERGY_ASSIGN_OR_RETURN(std::optional<Reply> reply, ReadReply(rest));
    if (reply) {
      received_.erase(0, received_.size() - rest.size());
      return std::move(*reply);
    }
    ENERGY_RETURN_IF_ERROR(Receive(until));
  }
}

bool RedisConnection::Fresh() const {
  pollfd waiting{socket_, POLLIN, 0};
  return received_.empty() && ::poll(&waiting, 1, 0) == 0;
}

base::Status RedisConnection::Encrypt(const TlsClient& tls, const std::string& host, Time until) {
  tls_ = std::make_unique<TlsSession>(tls, host);
  for (;;) {
    const auto done = tls_->Handshake();
    // Also when it failed: the server is told why.
    const base::Status sent = SendBytes(tls_->Outgoing(), until);
    if (!done.ok()) return done.status();
    ENERGY_RETURN_IF_ERROR(sent);
    if (*done) return {};
    if (const base::Status got = ReceiveBytes(until); !got.ok()) {
      // A server that speaks plain text waits for the end of a line.
      return base::Unavailable("no TLS with Redis: " + got.message());
    }
  }
}

base::Status RedisConnection::Send(std::string_view text, Time until) {
  if (!tls_) return SendBytes(text, until);
  ENERGY_RETURN_IF_ERROR(tls_->Encrypt(text));
  return SendBytes(tls_->Outgoing(), until);
}

base::Status RedisConnection::SendBytes(std::string_view bytes, Time until) {
  while (!bytes.empty()) {
    const ssize_t sent = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent >= 0) {
      bytes.remove_prefix(static_cast<size_t>(sent));
    } else if (errno == EAGAIN) {
      ENERGY_RETURN_IF_ERROR(Await(socket_, POLLOUT, until));
    } else if (errno != EINTR) {
      return Failed("broke", errno);
    }
  }
  return {};
}

base::Status RedisConnection::Receive(Time until) {
  ENERGY_RETURN_IF_ERROR(ReceiveBytes(until));
  if (!tls_) return {};
  ENERGY_RETURN_IF_ERROR(tls_->Decrypt(received_));
  return SendBytes(tls_->Outgoing(), until);  // an answer to a change of keys
}

base::Status RedisConnection::ReceiveBytes(Time until) {
  std::array<char, 4096> buffer;
  for (;;) {
    ENERGY_RETURN_IF_ERROR(Await(socket_, POLLIN, until));
    const ssize_t got = ::recv(socket_, buffer.data(), buffer.size(), 0);
    if (got > 0) {
      const std::string_view bytes(buffer.data(), static_cast<size_t>(got));
      if (tls_) {
        tls_->Take(bytes);
      } else {
        received_.append(bytes);
      }
      return {};
    }
    if (got == 0) return base::Unavailable("Redis ended the connection");
    if (errno != EAGAIN && errno != EINTR) return Failed("broke", errno);
  }
}

}  // namespace energy::cache
