#pragma once

#include <string>
#include <string_view>

namespace energy::mqtt {

/// What a request to open a WebSocket is answered with.
struct HandshakeAnswer {
  std::string head;  ///< to be written
  std::string_view
      problem;  ///< why it was refused, of static storage; empty: the connection is open
};

/// Answers the request of a client for MQTT over WebSocket (RFC 6455 §4.2, MQTT 5 §6): at /mqtt
/// with the subprotocol `mqtt`. `request`: all lines of it, each with its end, without the empty
/// last one. Threads: pure.
HandshakeAnswer AnswerHandshake(std::string_view request);

/// Refuses with an HTTP status such as "400 Bad Request", headers after it where wanted.
HandshakeAnswer RefuseHandshake(std::string_view status, std::string_view problem);

}  // namespace energy::mqtt
