#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "base/status.h"

namespace energy::bench {

/// A blocking TCP socket of this machine, closed with the object. Timeouts are errors.
class Socket {
 public:
  Socket() = default;
  explicit Socket(int fd) : fd_(fd) {}
  Socket(Socket&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  Socket& operator=(Socket&& other) noexcept;
  ~Socket();

  /// Connects to 127.0.0.1, without Nagle's delay.
  static base::Result<Socket> Connect(uint16_t port);

  int fd() const { return fd_; }
  base::Status SendAll(std::string_view bytes) const;
  /// Exactly `count` bytes.
  base::Result<std::string> Receive(size_t count) const;
  void SetNonBlocking() const;

 private:
  int fd_ = -1;
};

/// A listening socket on a free port of 127.0.0.1, for a peer within this program.
base::Result<Socket> Listen(uint16_t& port);

/// Sends CONNECT (MQTT 3.1.1, clean session, anonymous) or waits for the server to accept it;
/// apart, so that many connections can be made side by side.
base::Status SendConnect(const Socket& socket, std::string_view client_id);
base::Status AwaitConnack(const Socket& socket);

/// Seconds of processor time of this process so far.
double OwnCpuSeconds();

inline uint64_t NowNs() {
  return static_cast<uint64_t>(std::chrono::steady_clock::now().time_since_epoch().count());
}

}  // namespace energy::bench
