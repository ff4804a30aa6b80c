#pragma once

#include <cstdint>
#include <string_view>

namespace energy::mqtt {

/// How a client reaches the broker.
enum class Transport : uint8_t { kTcp, kTls, kWebSocket, kWebSocketTls };

constexpr std::string_view TransportName(Transport transport) {
  switch (transport) {
    case Transport::kTcp:
      return "tcp";
    case Transport::kTls:
      return "tls";
    case Transport::kWebSocket:
      return "ws";
    case Transport::kWebSocketTls:
      return "wss";
  }
  return "tcp";
}

constexpr bool IsEncrypted(Transport transport) {
  return transport == Transport::kTls || transport == Transport::kWebSocketTls;
}

constexpr bool IsWebSocket(Transport transport) {
  return transport == Transport::kWebSocket || transport == Transport::kWebSocketTls;
}

}  // namespace energy::mqtt
