#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>

#include "base/clock.h"
#include "base/log.h"
#include "base/service.h"
#include "http/router.h"
#include "http/trusted_proxies.h"

namespace energy::base {
class IoThreads;
class Metrics;
class Random;
class WorkerPool;
}  // namespace energy::base

namespace energy::http {

struct ServerOptions {
  std::string address = "127.0.0.1";  ///< numeric IPv4 or IPv6
  uint16_t port = 0;                  ///< 0: a free one
  /// PEM files; with a certificate the port speaks TLS 1.2 and 1.3 and nothing else. Changed files
  /// are used for new connections within seconds.
  std::string tls_certificate = {};
  std::string tls_key = {};
  size_t body_limit = 1 << 20;  ///< bytes; larger requests get 413
  /// Bytes that the bodies over `body_limit`, which some routes take, may hold in all; a request
  /// for which there is no room is answered 503.
  size_t large_body_budget = 256 << 20;
  size_t header_limit = 16 << 10;  ///< bytes; 414 for the request line, 431 for the headers
  std::chrono::milliseconds header_timeout = std::chrono::seconds(10);
  std::chrono::milliseconds body_timeout = std::chrono::seconds(30);
  /// Between requests, and without progress while an answer is written.
  std::chrono::milliseconds idle_timeout = std::chrono::seconds(75);
  std::chrono::milliseconds stop_timeout = std::chrono::seconds(2);
  TrustedProxies trusted_proxies = {};
  uint32_t max_connections = 4096;            ///< more are answered 503 and closed
  size_t max_pending_requests = 1024;         ///< given to the worker pool and not yet answered
  size_t websocket_queue_limit = 256;         ///< messages per session
  size_t websocket_message_limit = 64 << 10;  ///< bytes of a message from a peer; more closes, 1009
  /// A peer silent for twice this time is dead.
  std::chrono::milliseconds websocket_ping_interval = std::chrono::seconds(20);
};

/// HTTP/1.1 and WebSocket over TCP or TLS (RFC 9110, 9112, 6455). Answers the requests of a
/// connection one after the other, in order; pipelined ones wait.
///
/// Threads: Start, Stop and port from one thread. `io` runs from before Start until after Stop.
/// What the constructor takes outlives the server; the router also outlives the tasks of `workers`.
class Server final : public base::Service {
 public:
  Server(ServerOptions options, base::IoThreads& io, base::WorkerPool& workers, Router& router,
         const base::Clock& clock, base::Random& random, base::Logger log, base::Metrics& metrics);
  ~Server() override;

  std::string_view name() const override { return "http"; }
  /// Listens. Errors: kInvalidArgument when the address is malformed or not of this machine,
  /// kUnavailable when the port is taken or forbidden.
  base::Status Start() override;
  /// Accepts no more, finishes requests in flight for up to `stop_timeout`, closes WebSockets with
  /// 1001. Requests still in the worker pool then are not answered.
  void Stop() override;

  /// The port listened on; 0 before Start.
  uint16_t port() const;

 private:
  struct Impl;
  std::shared_ptr<Impl> impl_;
};

}  // namespace energy::http
