#include "mqtt/websocket.h"

#include <algorithm>
#include <cstring>
#include <utility>

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
      Take(RefuseHandshake("431 Request Header Fields Too Large",
                           "the WebSocket request is too long"));
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
  HandshakeAnswer answer = AnswerHandshake(collected_);
  collected_ = {};
  return Take(std::move(answer));
}

bool WebSocket::Take(HandshakeAnswer answer) {
  head_ = std::move(answer.head);
  problem_ = answer.problem;
  close_sent_ = !problem_.empty();
  state_ = problem_.empty() ? State::kOpen : State::kClosed;
  return problem_.empty();
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
