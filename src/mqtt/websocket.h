#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "mqtt/websocket_handshake.h"

namespace energy::mqtt {

/// MQTT over WebSocket, the server's side (MQTT 5 §6, RFC 6455): handshake at /mqtt with the
/// subprotocol `mqtt`, then binary frames whose bounds mean nothing to MQTT. Knows no socket.
///
/// Input is decoded where it lies and nothing of a frame is collected, so an idle connection costs
/// this object and nothing else.
///
/// Threads: one at a time.
class WebSocket {
 public:
  static constexpr size_t kMaxRequestBytes = 8 << 10;
  static constexpr uint64_t kMaxFrameBytes = 16 << 20;

  /// Takes the next bytes that came. The MQTT bytes among them are moved to the front of `bytes`;
  /// returns how many. Nothing once the peer has closed or broken the protocol: see problem().
  std::optional<size_t> Decode(std::span<char> bytes);

  /// Bytes to write before those of frame_left(): frame headers, answers to pings and the like.
  std::string_view head() const { return head_; }
  /// Bytes of data still to be written in the frame begun last.
  size_t frame_left() const { return frame_left_; }
  /// Makes head() ready; begins a frame for `bytes` of data when none is open and there is any.
  void Prepare(size_t bytes);
  /// `count` bytes of head() and then of the data were written; returns how many of them were data.
  size_t Written(size_t count);
  /// Something has to be written though there is no data.
  bool unsent() const { return !head_.empty() || !answer_.empty(); }
  /// Ends what this side sends: a Close frame with status 1000.
  void Close();

  /// Why Decode returned nothing; empty after an orderly close.
  std::string_view problem() const { return problem_; }

 private:
  enum class State : uint8_t { kRequest, kOpen, kClosed };

  bool OnRequest();
  /// What the request is answered with; whether the connection is open then.
  bool Take(HandshakeAnswer answer);
  bool BeginFrame();
  bool EndControl();
  bool Fail(uint16_t status, std::string_view reason);
  size_t HeaderBytes() const;
  void AnswerClose(uint16_t status);

  State state_ = State::kRequest;
  bool in_message_ = false;  // a fragmented message waits for its end
  bool close_sent_ = false;
  uint8_t opcode_ = 0;
  uint8_t header_have_ = 0;
  std::array<unsigned char, 14> header_{};
  uint64_t left_ = 0;  // payload bytes to come of the current frame
  uint32_t mask_at_ = 0;
  std::string collected_;  // the request, or the payload of a control frame
  std::string head_;
  std::string answer_;  // waits until the open frame was written
  size_t frame_left_ = 0;
  std::string_view problem_;
};

}  // namespace energy::mqtt
