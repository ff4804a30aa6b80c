#pragma once

#include <netdb.h>

#include <chrono>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "cache/redis_address.h"
#include "cache/resp.h"
#include "cache/tls_client.h"

namespace energy::cache {

/// One connection to a Redis server: blocking, each call bounded by a time limit. Not used again
/// after an error. Threads: one at a time.
class RedisConnection {
 public:
  using Limit = std::chrono::milliseconds;

  /// Connects, logs in and selects the database within `limit`, the resolution of the host's name
  /// left aside, which the system's resolver bounds. `tls`: null for a connection in plain text.
  /// Errors: kUnavailable; kUnauthenticated when the server refuses the login.
  static base::Result<std::unique_ptr<RedisConnection>> Open(const RedisAddress& address,
                                                             Limit limit,
                                                             const TlsClient* tls = nullptr);
  ~RedisConnection();
  RedisConnection(const RedisConnection&) = delete;
  RedisConnection& operator=(const RedisConnection&) = delete;

  /// Sends a command and waits for its reply, which may be an error of the server.
  /// Errors: kUnavailable when the connection ends or the time is over, kInternal for nonsense.
  base::Result<Reply> Run(const std::vector<std::string_view>& command, Limit limit);

  /// True while nothing has come that was not asked for, above all the end of the connection.
  bool Fresh() const;

 private:
  using Time = std::chrono::steady_clock::time_point;
  explicit RedisConnection(int socket) : socket_(socket) {}

  static base::Result<int> Connect(const addrinfo& place, Time until);
  base::Status LogIn(const RedisAddress& address, Limit limit);
  base::Status Encrypt(const TlsClient& tls, const std::string& host, Time until);
  base::Status Send(std::string_view text, Time until);
  base::Status SendBytes(std::string_view bytes, Time until);
  /// Waits for something, which becomes part of `received_`.
  base::Status Receive(Time until);
  base::Status ReceiveBytes(Time until);

  const int socket_;
  std::unique_ptr<TlsSession> tls_;  // null: plain text
  std::string received_;
};

}  // namespace energy::cache
