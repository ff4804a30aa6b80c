#include "mqtt/websocket_handshake.h"

#include <openssl/evp.h>

#include <algorithm>
#include <array>
#include <cctype>

#include "base/base64.h"
#include "base/text.h"

namespace energy::mqtt {
namespace {

bool EqualNoCase(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](unsigned char x, unsigned char y) {
    return std::tolower(x) == std::tolower(y);
  });
}

// The value of a header; that of the first of several.
std::string_view Header(std::string_view request, std::string_view name) {
  size_t at = request.find("\r\n");
  while (at != std::string_view::npos && at + 2 < request.size()) {
    const size_t begin = at + 2;
    at = request.find("\r\n", begin);
    const std::string_view line = request.substr(begin, at - begin);
    const size_t colon = line.find(':');
    if (colon == std::string_view::npos || !EqualNoCase(line.substr(0, colon), name)) continue;
    return base::Trim(line.substr(colon + 1));
  }
  return {};
}

bool ListHas(std::string_view list, std::string_view wanted) {
  while (true) {
    const size_t comma = list.find(',');
    if (EqualNoCase(base::Trim(list.substr(0, comma)), wanted)) return true;
    if (comma == std::string_view::npos) return false;
    list.remove_prefix(comma + 1);
  }
}

// RFC 6455 §4.2.2.
std::string AcceptKey(std::string_view key) {
  const std::string text = std::string(key) + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned size = 0;
  EVP_Digest(text.data(), text.size(), digest.data(), &size, EVP_sha1(), nullptr);
  return base::EncodeBase64({reinterpret_cast<const char*>(digest.data()), size});
}

}  // namespace

HandshakeAnswer AnswerHandshake(std::string_view request) {
  const std::string_view line = request.substr(0, request.find("\r\n"));
  if (!line.starts_with("GET ") || !line.ends_with(" HTTP/1.1")) {
    return RefuseHandshake("400 Bad Request", "not a WebSocket request");
  }
  const std::string_view target = line.substr(4, line.size() - 4 - 9);
  if (target.substr(0, target.find('?')) != "/mqtt") {
    return RefuseHandshake("404 Not Found", "MQTT over WebSocket is at /mqtt");
  }
  if (!EqualNoCase(Header(request, "Upgrade"), "websocket") ||
      !ListHas(Header(request, "Connection"), "upgrade")) {
    return RefuseHandshake("426 Upgrade Required\r\nUpgrade: websocket\r\nConnection: Upgrade",
                           "not a WebSocket request");
  }
  if (Header(request, "Sec-WebSocket-Version") != "13") {
    return RefuseHandshake("426 Upgrade Required\r\nSec-WebSocket-Version: 13",
                           "the WebSocket version is not 13");
  }
  const std::string_view key = Header(request, "Sec-WebSocket-Key");
  const auto nonce = base::DecodeBase64(key);
  if (!nonce || nonce->size() != 16) {
    return RefuseHandshake("400 Bad Request", "Sec-WebSocket-Key is not 16 bytes in base64");
  }
  if (!ListHas(Header(request, "Sec-WebSocket-Protocol"), "mqtt")) {  // [MQTT-6.0.0-3]
    return RefuseHandshake("400 Bad Request", "the subprotocol mqtt is not offered");
  }
  return {
      "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
      "Sec-WebSocket-Protocol: mqtt\r\nSec-WebSocket-Accept: " +
          AcceptKey(key) + "\r\n\r\n",
      {}};
}

HandshakeAnswer RefuseHandshake(std::string_view status, std::string_view problem) {
  return {"HTTP/1.1 " + std::string(status) +
              "\r\nConnection: close\r\nContent-Type: text/plain\r\nContent-Length: " +
              std::to_string(problem.size() + 1) + "\r\n\r\n" + std::string(problem) + "\n",
          problem};
}

}  // namespace energy::mqtt
