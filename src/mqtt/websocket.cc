#include "mqtt/websocket.h"

#include <openssl/evp.h>

#include <algorithm>
#include <cctype>
#include <cstring>
#include <utility>

#include "base/base64.h"

namespace energy::mqtt {
namespace {

constexpr uint8_t kContinuation = 0x0;
constexpr uint8_t kBinary = 0x2;
constexpr uint8_t kCloseFrame = 0x8;
constexpr uint8_t kPing = 0x9;
constexpr uint8_t kPong = 0xA;
constexpr size_t kMaxControlBytes = 125;

constexpr uint16_t kNormal = 1000;
constexpr uint16_t kProtocolError = 1002;
constexpr uint16_t kUnsupportedData = 1003;
constexpr uint16_t kTooBig = 1009;

std::string_view Trim(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

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
    return Trim(line.substr(colon + 1));
  }
  return {};
}

bool ListHas(std::string_view list, std::string_view wanted) {
  while (true) {
    const size_t comma = list.find(',');
    if (EqualNoCase(Trim(list.substr(0, comma)), wanted)) return true;
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

void AppendHeader(uint8_t opcode, size_t size, std::string& out) {
  out += static_cast<char>(0x80U | opcode);
  int bytes = 0;
  if (size < 126) {
    out += static_cast<char>(size);
  } else if (size <= UINT16_MAX) {
    out += static_cast<char>(126);
    bytes = 2;
  } else {
    out += static_cast<char>(127);
    bytes = 8;
  }
  while (bytes-- > 0) out += static_cast<char>(size >> (8U * static_cast<unsigned>(bytes)) & 0xFFU);
}

void Unmask(char* to, const char* from, size_t size, const unsigned char* mask, uint32_t& at) {
  std::array<char, 8> wide{};
  for (size_t i = 0; i < wide.size(); ++i) wide[i] = static_cast<char>(mask[(at + i) & 3U]);
  uint64_t key = 0;
  std::memcpy(&key, wide.data(), sizeof key);
  size_t i = 0;
  for (; i + sizeof key <= size; i += sizeof key) {
    uint64_t word = 0;
    std::memcpy(&word, from + i, sizeof word);
    word ^= key;
    std::memcpy(to + i, &word, sizeof word);
  }
  for (; i < size; ++i) to[i] = static_cast<char>(from[i] ^ wide[i & 7U]);
  at = static_cast<uint32_t>((at + size) & 3U);
}

}  // namespace

std::optional<size_t> WebSocket::Decode(std::span<char> bytes) {
  size_t in = 0;
  size_t out = 0;
  if (state_ == State::kRequest) {
    const size_t before = collected_.size();
    collected_.append(bytes.data(), std::min(bytes.size(), kMaxRequestBytes - before));
    const size_t end = collected_.find("\r\n\r\n", before < 3 ? 0 : before - 3);
    if (end == std::string::npos) {
      if (collected_.size() < kMaxRequestBytes) return 0;
      RefuseRequest("431 Request Header Fields Too Large", "the WebSocket request is too long");
      return std::nullopt;
    }
    in = end + 4 - before;
    collected_.resize(end + 2);
    if (!OnRequest()) return std::nullopt;
  }
  while (in < bytes.size()) {
    if (state_ == State::kClosed) return std::nullopt;
    if (left_ == 0) {
      header_[header_have_++] = static_cast<unsigned char>(bytes[in++]);
      if (header_have_ < 2 || header_have_ < HeaderBytes()) continue;
      if (!BeginFrame()) return std::nullopt;
      if (left_ > 0) continue;
    } else {
      const size_t size = std::min<uint64_t>(left_, bytes.size() - in);
      const unsigned char* mask = header_.data() + HeaderBytes() - 4;
      if (opcode_ >= kCloseFrame) {
        const size_t begin = collected_.size();
        collected_.resize(begin + size);
        Unmask(collected_.data() + begin, bytes.data() + in, size, mask, mask_at_);
      } else {
        Unmask(bytes.data() + out, bytes.data() + in, size, mask, mask_at_);
        out += size;
      }
      in += size;
      left_ -= size;
      if (left_ > 0) continue;
    }
    // The frame is complete.
    header_have_ = 0;
    if (opcode_ >= kCloseFrame && !EndControl()) {
      // MQTT bytes before the Close frame count; the next call tells the end.
      if (out == 0) return std::nullopt;
      return out;
    }
  }
  return state_ == State::kClosed ? std::nullopt : std::optional(out);
}

size_t WebSocket::HeaderBytes() const {
  const unsigned size = header_[1] & 0x7FU;
  return 6U + (size == 126 ? 2U : size == 127 ? 8U : 0U);
}

bool WebSocket::BeginFrame() {
  const bool final = (header_[0] & 0x80U) != 0;
  opcode_ = header_[0] & 0x0FU;
  uint64_t size = header_[1] & 0x7FU;
  if (size >= 126) {
    const size_t bytes = size == 126 ? 2 : 8;
    size = 0;
    for (size_t i = 0; i < bytes; ++i) size = size << 8U | header_[2 + i];
  }
  if ((header_[0] & 0x70U) != 0) return Fail(kProtocolError, "reserved bits are set");
  if ((header_[1] & 0x80U) == 0) return Fail(kProtocolError, "a frame is not masked");
  if (opcode_ >= kCloseFrame) {
    if (opcode_ > kPong) return Fail(kProtocolError, "unknown control frame");
    if (!final || size > kMaxControlBytes) {
      return Fail(kProtocolError, "a control frame is fragmented or longer than 125 bytes");
    }
    collected_.clear();
  } else {
    // Only binary frames carry MQTT [MQTT-6.0.0-1].
    if (opcode_ != kBinary && opcode_ != kContinuation) {
      return Fail(kUnsupportedData, "a frame is not binary");
    }
    if ((opcode_ == kContinuation) != in_message_) {
      return Fail(kProtocolError, "fragments are out of order");
    }
    if (size > kMaxFrameBytes) return Fail(kTooBig, "a frame is larger than 16 MiB");
    in_message_ = !final;
  }
  left_ = size;
  mask_at_ = 0;
  return true;
}

bool WebSocket::EndControl() {
  const std::string payload = std::move(collected_);
  collected_ = {};
  if (opcode_ == kPing) {
    // Of several unanswered pings the last is answered (RFC 6455 §5.5.3), so this is bounded.
    answer_.clear();
    AppendHeader(kPong, payload.size(), answer_);
    answer_ += payload;
    return true;
  }
  if (opcode_ == kPong) return true;
  AnswerClose(kNormal);
  state_ = State::kClosed;
  return false;
}

bool WebSocket::Fail(uint16_t status, std::string_view reason) {
  problem_ = reason;
  state_ = State::kClosed;
  AnswerClose(status);
  return false;
}

void WebSocket::AnswerClose(uint16_t status) {
  if (std::exchange(close_sent_, true)) return;
  answer_.clear();
  AppendHeader(kCloseFrame, 2, answer_);
  answer_ += static_cast<char>(status >> 8U);
  answer_ += static_cast<char>(status & 0xFFU);
}

void WebSocket::Close() {
  if (state_ == State::kOpen) AnswerClose(kNormal);
}

bool WebSocket::OnRequest() {
  const std::string request = std::move(collected_);
  collected_ = {};
  const std::string_view line = std::string_view(request).substr(0, request.find("\r\n"));
  if (!line.starts_with("GET ") || !line.ends_with(" HTTP/1.1")) {
    return RefuseRequest("400 Bad Request", "not a WebSocket request");
  }
  const std::string_view target = line.substr(4, line.size() - 4 - 9);
  if (target.substr(0, target.find('?')) != "/mqtt") {
    return RefuseRequest("404 Not Found", "MQTT over WebSocket is at /mqtt");
  }
  if (!EqualNoCase(Header(request, "Upgrade"), "websocket") ||
      !ListHas(Header(request, "Connection"), "upgrade")) {
    return RefuseRequest("426 Upgrade Required\r\nUpgrade: websocket\r\nConnection: Upgrade",
                         "not a WebSocket request");
  }
  if (Header(request, "Sec-WebSocket-Version") != "13") {
    return RefuseRequest("426 Upgrade Required\r\nSec-WebSocket-Version: 13",
                         "the WebSocket version is not 13");
  }
  const std::string_view key = Header(request, "Sec-WebSocket-Key");
  const auto nonce = base::DecodeBase64(key);
  if (!nonce || nonce->size() != 16) {
    return RefuseRequest("400 Bad Request", "Sec-WebSocket-Key is not 16 bytes in base64");
  }
  if (!ListHas(Header(request, "Sec-WebSocket-Protocol"), "mqtt")) {  // [MQTT-6.0.0-3]
    return RefuseRequest("400 Bad Request", "the subprotocol mqtt is not offered");
  }
  head_ =
      "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
      "Sec-WebSocket-Protocol: mqtt\r\nSec-WebSocket-Accept: " +
      AcceptKey(key) + "\r\n\r\n";
  state_ = State::kOpen;
  return true;
}

bool WebSocket::RefuseRequest(std::string_view status, std::string_view reason) {
  problem_ = reason;
  state_ = State::kClosed;
  close_sent_ = true;
  head_ = "HTTP/1.1 " + std::string(status) +
          "\r\nConnection: close\r\nContent-Type: text/plain\r\nContent-Length: " +
          std::to_string(reason.size() + 1) + "\r\n\r\n" + std::string(reason) + "\n";
  return false;
}

void WebSocket::Prepare(size_t bytes) {
  if (frame_left_ > 0 || !head_.empty()) return;
  head_ += answer_;
  answer_ = {};
  if (bytes == 0) return;
  AppendHeader(kBinary, bytes, head_);
  frame_left_ = bytes;
}

size_t WebSocket::Written(size_t count) {
  const size_t from_head = std::min(count, head_.size());
  head_.erase(0, from_head);
  if (head_.empty() && head_.capacity() > 64) head_.shrink_to_fit();
  frame_left_ -= count - from_head;
  return count - from_head;
}

}  // namespace energy::mqtt
