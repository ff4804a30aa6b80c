#include "sqlquery/channel.h"

#include <poll.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

namespace energy::sqlquery {
namespace {

constexpr int kCheckIntervalMs = kCheckInterval.count();
constexpr size_t kHeaderBytes = sizeof(uint32_t) + 1;

base::Status Gone() { return base::Unavailable("the other end of the SQL helper is gone"); }

}  // namespace

Channel::~Channel() {
  if (socket_ >= 0) close(socket_);
}

Channel::Channel(Channel&& other) noexcept
    : socket_(std::exchange(other.socket_, -1)), check_(std::move(other.check_)) {}

base::Status Channel::Wait(short events) const {
  for (;;) {
    if (check_) ENERGY_RETURN_IF_ERROR(check_());
    pollfd waited{.fd = socket_, .events = events, .revents = 0};
    const int ready = poll(&waited, 1, check_ ? kCheckIntervalMs : -1);
    if (ready > 0) return {};
    if (ready < 0 && errno != EINTR) return Gone();
  }
}

base::Status Channel::Send(uint8_t type, std::string_view content) {
  if (content.size() > kMaxContent) return base::Internal("a message to the SQL helper is too big");
  std::array<char, kHeaderBytes> header{};
  const auto size = static_cast<uint32_t>(content.size());
  std::memcpy(header.data(), &size, sizeof(size));
  header[sizeof(size)] = static_cast<char>(type);
  size_t sent = 0;
  while (sent < header.size() + content.size()) {
    const size_t in_header = std::min(sent, header.size());
    const size_t in_content = sent - in_header;
    std::array<iovec, 2> parts{
        iovec{header.data() + in_header, header.size() - in_header},
        iovec{const_cast<char*>(content.data()) + in_content, content.size() - in_content}};
    msghdr message{};
    message.msg_iov = parts.data();
    message.msg_iovlen = parts.size();
    const ssize_t written = sendmsg(socket_, &message, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (written >= 0) {
      sent += static_cast<size_t>(written);
    } else if (errno == EAGAIN) {
      ENERGY_RETURN_IF_ERROR(Wait(POLLOUT));
    } else if (errno != EINTR) {
      return Gone();
    }
  }
  return {};
}

base::Status Channel::Read(char* to, size_t size) const {
  while (size > 0) {
    const ssize_t got = recv(socket_, to, size, MSG_DONTWAIT);
    if (got > 0) {
      to += got;
      size -= static_cast<size_t>(got);
    } else if (got == 0) {
      return Gone();
    } else if (errno == EAGAIN) {
      ENERGY_RETURN_IF_ERROR(Wait(POLLIN));
    } else if (errno != EINTR) {
      return Gone();
    }
  }
  return {};
}

base::Result<Channel::Message> Channel::Receive() {
  std::array<char, kHeaderBytes> header{};
  ENERGY_RETURN_IF_ERROR(Read(header.data(), header.size()));
  uint32_t size = 0;
  std::memcpy(&size, header.data(), sizeof(size));
  if (size > kMaxContent) return base::Internal("a message of the SQL helper is too big");
  Message message{.type = static_cast<uint8_t>(header[sizeof(size)]), .content = {}};
  message.content.resize(size);
  ENERGY_RETURN_IF_ERROR(Read(message.content.data(), size));
  return message;
}

}  // namespace energy::sqlquery
