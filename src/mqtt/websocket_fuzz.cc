#include <cstdint>
#include <cstdlib>
#include <string>

#include "mqtt/websocket.h"

// The first byte says how the rest is cut into reads. However it is cut, the same bytes must come
// out, and what is to be written must stay bounded.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using energy::mqtt::WebSocket;
  constexpr std::string_view kRequest =
      "GET /mqtt HTTP/1.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
      "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
      "Sec-WebSocket-Protocol: mqtt\r\n\r\n";
  if (size < 2) return 0;
  const size_t step = 1 + data[0] % 16;
  std::string input(reinterpret_cast<const char*>(data) + 1, size - 1);
  // Half of the inputs are frames after a good handshake.
  if (data[0] >= 128) input.insert(0, kRequest);
  const auto run = [&](size_t piece_bytes) {
    WebSocket socket;
    std::string out;
    for (size_t at = 0; at < input.size(); at += piece_bytes) {
      std::string piece = input.substr(at, piece_bytes);
      const auto count = socket.Decode(piece);
      if (!count) break;
      if (*count > piece.size()) std::abort();
      out += piece.substr(0, *count);
      if (socket.head().size() > 1024) std::abort();
    }
    return out;
  };
  const std::string whole = run(input.size());
  const std::string cut = run(step);
  // Bytes that share a read with a broken frame are not handed on.
  if (!cut.starts_with(whole)) std::abort();
  return 0;
}
