#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "http/message.h"

namespace energy::http {

/// The server's end of one WebSocket (RFC 6455). Held by shared_ptr; outlives its connection
/// safely: then Send answers kClosed.
///
/// Threads: safe anywhere; nothing blocks.
class WebSocketSession {
 public:
  enum class SendResult { kQueued, kDroppedOldest, kClosed };

  virtual ~WebSocketSession() = default;

  /// Queues a text message, which must be UTF-8. One text may be shared by many sessions. A reader
  /// slower than the messages loses the oldest queued ones and is told how many before the next.
  virtual SendResult Send(std::shared_ptr<const std::string> text) = 0;
  /// Sends what is queued, then closes with `code` (RFC 6455 §7.4.1) and `reason` (cut to 123
  /// bytes). A peer that does not take it within 5 s is disconnected.
  virtual void Close(uint16_t code, std::string_view reason) = 0;
  /// False after Close or once the connection is gone.
  virtual bool open() const = 0;
};

/// What a route decides about a request for a WebSocket.
struct WebSocketAccept {
  bool accept = false;
  int refuse_status = 403;  ///< used when `refusal` is left as it is
  Response refusal;         ///< sent as it is when its status is not 200
  std::string subprotocol;  ///< answered in Sec-WebSocket-Protocol when not empty
  /// Text that tells a slow reader how many messages it lost; without it, it is not told.
  std::function<std::string(uint64_t missed)> missed_message;
};

/// One WebSocket route. All but `authorize` may be empty; they run on the connection's I/O thread
/// and must not block.
struct WebSocketHandler {
  /// Before the upgrade, on the worker pool. Checks identity and, for browsers, Origin.
  std::function<WebSocketAccept(Request&)> authorize;
  /// After the upgrade; the session can be kept. `request` is valid during the call.
  std::function<void(const Request& request, std::shared_ptr<WebSocketSession> session)> on_open;
  /// A text message from the peer. Binary messages close the connection (1003).
  std::function<void(const std::shared_ptr<WebSocketSession>& session, std::string_view text)>
      on_message;
  /// Once, when the connection has ended, for whatever reason.
  std::function<void(const std::shared_ptr<WebSocketSession>& session)> on_close;
};

}  // namespace energy::http
