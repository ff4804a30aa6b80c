#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "http/message.h"

namespace energy::http {

struct WebSocketOptions {
  std::string host = "127.0.0.1";
  uint16_t port = 0;
  std::string target = "/";
  Headers headers;
  std::vector<std::string> subprotocols;
  std::chrono::milliseconds timeout = std::chrono::seconds(10);  ///< to connect, send and close
};

/// A small blocking WebSocket client for tests and tools. Pings of the server are answered while
/// Receive waits, and only then. Threads: one at a time.
class WebSocketClient {
 public:
  /// `answer`, when given, becomes the server's answer to the request, accepted or not.
  /// Errors: kUnavailable when not reached; kUnauthenticated, kPermissionDenied, kNotFound,
  /// kUnavailable for a refusal with 401, 403, 404, any other status.
  static base::Result<WebSocketClient> Connect(const WebSocketOptions& options,
                                               Response* answer = nullptr);
  ~WebSocketClient();
  WebSocketClient(WebSocketClient&&) noexcept;
  WebSocketClient& operator=(WebSocketClient&&) noexcept;

  /// The subprotocol the server chose; empty if none.
  const std::string& subprotocol() const;
  /// The next message. Errors: kUnavailable after `timeout` (call again), kNotFound once closed.
  base::Result<std::string> Receive(std::chrono::milliseconds timeout);
  base::Status Send(std::string_view text);
  base::Status SendBinary(std::string_view data);
  /// Closes and waits for the server to agree.
  void Close(uint16_t code = 1000, std::string_view reason = {});

  /// What the server closed with; 0 while open, 1006 if it hung up without a word.
  uint16_t close_code() const;
  const std::string& close_reason() const;
  /// Pings received so far.
  uint64_t pings() const;

 private:
  struct Impl;
  explicit WebSocketClient(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace energy::http
