#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <functional>
#include <string>
#include <string_view>
#include <thread>

#include "mqtt/packets.h"

/// For this module's tests: bytes, and a client that sends and reads them.
namespace energy::mqtt::test {

/// "10 0c 00" -> bytes; blanks are ignored.
inline std::string Hex(std::string_view text) {
  std::string bytes;
  std::string digits;
  for (const char c : text) {
    if (c == ' ') continue;
    digits += c;
    if (digits.size() < 2) continue;
    bytes += static_cast<char>(std::stoi(digits, nullptr, 16));
    digits.clear();
  }
  return bytes;
}

inline std::string ToHex(std::string_view bytes) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string text;
  for (const char c : bytes) {
    if (!text.empty()) text += ' ';
    text += kDigits[static_cast<unsigned char>(c) >> 4U];
    text += kDigits[static_cast<unsigned char>(c) & 15U];
  }
  return text;
}

/// Polls until `condition` holds; false after ten seconds.
inline bool Eventually(const std::function<bool()>& condition) {
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(10);
  while (!condition()) {
    if (std::chrono::steady_clock::now() > deadline) return false;
    std::this_thread::yield();
  }
  return true;
}

/// A socket that speaks bytes, not MQTT. Reads give up after five seconds.
class RawClient {
 public:
  explicit RawClient(uint16_t port) : fd_(::socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    const timeval timeout{5, 0};
    ::setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof timeout);
    connected_ = ::connect(fd_, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0;
  }
  ~RawClient() { Close(); }
  RawClient(const RawClient&) = delete;
  RawClient& operator=(const RawClient&) = delete;

  bool connected() const { return connected_; }
  int fd() const { return fd_; }
  void Close() {
    if (fd_ >= 0) ::close(fd_);
    fd_ = -1;
  }
  void Send(std::string_view bytes) {
    while (!bytes.empty()) {
      const ssize_t count = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (count <= 0) return;
      bytes.remove_prefix(static_cast<size_t>(count));
    }
  }
  void SendHex(std::string_view text) { Send(Hex(text)); }

  /// The next whole packet; empty at the end of the stream or after the timeout.
  std::string ReadPacket() {
    while (true) {
      Frame frame;
      size_t size = 0;
      const FrameStatus status = ParseFrame(buffer_, 64 << 20, frame, size);
      if (status == FrameStatus::kComplete) {
        std::string packet = buffer_.substr(0, size);
        buffer_.erase(0, size);
        return packet;
      }
      if (status != FrameStatus::kIncomplete || !Receive()) return {};
    }
  }
  std::string ReadHex() { return ToHex(ReadPacket()); }
  /// The next `count` bytes; fewer at the end of the stream or after the timeout.
  std::string ReadBytes(size_t count) {
    while (buffer_.size() < count && Receive()) {
    }
    std::string bytes = buffer_.substr(0, count);
    buffer_.erase(0, count);
    return bytes;
  }
  /// Everything up to and with `end`.
  std::string ReadBytes(std::string_view end) {
    size_t at = buffer_.find(end);
    while (at == std::string::npos && Receive()) at = buffer_.find(end);
    return at == std::string::npos ? std::string() : ReadBytes(at + end.size());
  }
  /// True when the broker closed the connection and nothing more came before.
  bool ReadEnd() { return buffer_.empty() && !Receive() && ended_; }
  /// Reads and forgets whatever comes until the connection ends.
  bool ReadUntilEnd() {
    while (Receive()) buffer_.clear();
    return ended_;
  }

 private:
  bool Receive() {
    char bytes[65536];
    const ssize_t count = ::recv(fd_, bytes, sizeof bytes, 0);
    if (count > 0) {
      buffer_.append(bytes, static_cast<size_t>(count));
      return true;
    }
    ended_ = count == 0 || errno == ECONNRESET;
    return false;
  }

  int fd_;
  bool connected_ = false;
  bool ended_ = false;
  std::string buffer_;
};

}  // namespace energy::mqtt::test
