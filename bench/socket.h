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

  /// The same without waiting: the socket does not block, and can be written once connected.
  static base::Result<Socket> StartConnect(uint16_t port);

  int fd() const { return fd_; }
  base::Status SendAll(std::string_view bytes) const;
  /// Exactly `count` bytes.
  base::Result<std::string> Receive(size_t count) const;
  /// What has come, at least one byte.
  base::Result<std::string> ReceiveSome() const;
  void SetNonBlocking() const;

 private:
  int fd_ = -1;
};

/// A listening socket on a free port of 127.0.0.1, for a peer within this program.
base::Result<Socket> Listen(uint16_t& port);

struct MqttLogin {
  std::string username;  ///< empty: anonymous
  std::string password;
};

/// A CONNECT (MQTT 3.1.1, clean session).
std::string ConnectPacket(std::string_view client_id, const MqttLogin& login = {});

/// Sends CONNECT, or waits for the server to accept it; apart, so that many connections can be made
/// side by side.
base::Status SendConnect(const Socket& socket, std::string_view client_id,
                         const MqttLogin& login = {});
base::Status AwaitConnack(const Socket& socket);

/// Raises this process's limit of open files, as far as it may, to `count` sockets and a few.
void AllowSockets(unsigned count);

/// Seconds of processor time of this process so far.
double OwnCpuSeconds();

inline uint64_t NowNs() {
  return static_cast<uint64_t>(std::chrono::steady_clock::now().time_since_epoch().count());
}

}  // namespace energy::bench
