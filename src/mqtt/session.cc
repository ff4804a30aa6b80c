#include "mqtt/session.h"

#include <algorithm>

namespace energy::mqtt {
namespace {

// MQTT 3.1.1 has no receive maximum; a client that does not acknowledge is not sent more than this.
constexpr size_t kMaxInFlight = 1024;
// Acknowledged messages behind an unacknowledged one keep their place in the range of ids.
constexpr size_t kMaxRange = 32'768;
constexpr uint32_t kPacketIds = 65'535;  // 1 to 65535

}  // namespace

Session::Session(const Limits& limits) : limits_(limits) {}

Session::Push Session::Offer(MessagePtr message, uint8_t qos, bool retain) {
  const size_t bytes = message->memory();
  // One message always fits, or a small limit would cut off a client that keeps up.
  if (!queue_.empty() && queued_bytes_ + bytes > limits_.max_queued_bytes) {
    return qos == 0 ? Push::kDropped : Push::kOverflow;
  }
  queued_bytes_ += bytes;
  queue_.push_back({std::move(message), qos, retain});
  return Push::kQueued;
}

Session::Sent Session::Fill(std::string& out, size_t target, Message::TimePoint now) {
  Sent result;
  const size_t window = std::min<size_t>(limits_.receive_maximum, kMaxInFlight);
  while (!queue_.empty() && out.size() < target) {
    const Waiting& next = queue_.front();
    if (next.message->expired(now)) {
      ++result.expired;
    } else if (next.message->EncodedSize(limits_.version, next.qos) > limits_.max_packet_bytes) {
      ++result.too_large;
    } else {
      if (next.qos > 0 && (unacknowledged_ >= window || in_flight_.size() >= kMaxRange)) break;
      const uint16_t packet_id = next.qos > 0 ? NextPacketId() : uint16_t{0};
      next.message->Encode(limits_.version, next.qos, next.retain, packet_id, now, out);
      ++result.sent;
    }
    queued_bytes_ -= next.message->memory();
    queue_.pop_front();
  }
  return result;
}

uint16_t Session::NextPacketId() {
  const uint32_t offset = first_id_ - 1U + static_cast<uint32_t>(in_flight_.size());
  in_flight_.push_back(false);
  ++unacknowledged_;
  return static_cast<uint16_t>(offset % kPacketIds + 1);
}

bool Session::OnAck(uint16_t packet_id) {
  const size_t index = (packet_id + kPacketIds - first_id_) % kPacketIds;
  if (index >= in_flight_.size() || in_flight_[index]) return false;
  in_flight_[index] = true;
  --unacknowledged_;
  while (!in_flight_.empty() && in_flight_.front()) {
    in_flight_.pop_front();
    first_id_ = static_cast<uint16_t>(first_id_ % kPacketIds + 1);
  }
  return true;
}

}  // namespace energy::mqtt
