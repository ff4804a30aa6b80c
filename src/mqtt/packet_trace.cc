#include "mqtt/packet_trace.h"

#include <algorithm>
#include <array>

namespace energy::mqtt {
namespace {

uint16_t PacketId(const Frame& frame) {
  switch (frame.type) {
    case PacketType::kPuback:
    case PacketType::kPubrec:
    case PacketType::kPubrel:
    case PacketType::kPubcomp:
    case PacketType::kSubscribe:
    case PacketType::kSuback:
    case PacketType::kUnsubscribe:
    case PacketType::kUnsuback:
      break;
    default:
      return 0;
  }
  if (frame.body.size() < 2) return 0;
  return static_cast<uint16_t>(static_cast<unsigned char>(frame.body[0]) << 8U |
                               static_cast<unsigned char>(frame.body[1]));
}

void Join(std::string& list, std::string_view filter) {
  if (!list.empty()) list += ", ";
  list += filter;
}

}  // namespace

std::string_view PacketTypeName(PacketType type) {
  constexpr std::array<std::string_view, 16> kNames{
      "RESERVED", "CONNECT",  "CONNACK",    "PUBLISH", "PUBACK",      "PUBREC",
      "PUBREL",   "PUBCOMP",  "SUBSCRIBE",  "SUBACK",  "UNSUBSCRIBE", "UNSUBACK",
      "PINGREQ",  "PINGRESP", "DISCONNECT", "AUTH"};
  return kNames.at(static_cast<size_t>(type));
}

void PacketTrace::Add(bool received, std::string_view packet, Version version) {
  if (over()) return;
  Frame frame;
  size_t size = 0;
  if (ParseFrame(packet, SIZE_MAX, frame, size) != FrameStatus::kComplete) return;
  TracedPacket traced = Describe(frame, version);
  traced.time = clock_.Now();
  traced.received = received;
  traced.bytes = size;
  const std::lock_guard lock(mutex_);
  if (packets_.size() == kMaxPackets) {
    packets_.pop_front();
    ++forgotten_;
  }
  packets_.push_back(std::move(traced));
}

TracedPacket PacketTrace::Describe(const Frame& frame, Version version) const {
  TracedPacket traced;
  traced.type = frame.type;
  traced.packet_id = PacketId(frame);
  if (frame.type == PacketType::kPublish) {
    Publish publish;
    if (Decode(frame, version, publish)) return traced;
    traced.topic = publish.topic;
    traced.packet_id = publish.packet_id;
    traced.qos = publish.qos;
    traced.retain = publish.retain;
    traced.dup = publish.dup;
    if (with_payload_) traced.payload = publish.payload.substr(0, kMaxPayloadBytes);
  } else if (frame.type == PacketType::kSubscribe) {
    Subscribe subscribe;
    if (Decode(frame, version, subscribe)) return traced;
    for (const SubscribeFilter& entry : subscribe.filters) Join(traced.topic, entry.filter);
  } else if (frame.type == PacketType::kUnsubscribe) {
    Unsubscribe unsubscribe;
    if (Decode(frame, version, unsubscribe)) return traced;
    for (const std::string_view filter : unsubscribe.filters) Join(traced.topic, filter);
  }
  return traced;
}

std::vector<TracedPacket> PacketTrace::packets(uint64_t& forgotten) const {
  const std::lock_guard lock(mutex_);
  forgotten = forgotten_;
  return {packets_.begin(), packets_.end()};
}

PacketTracePtr PacketTraces::Start(const std::string& client_id, const base::Clock& clock,
                                   std::chrono::seconds duration, bool with_payload) {
  const std::lock_guard lock(mutex_);
  if (traces_.size() >= kMaxTraces && traces_.find(client_id) == traces_.end()) {
    const auto ended = std::find_if(traces_.begin(), traces_.end(),
                                    [](const auto& entry) { return entry.second->over(); });
    if (ended == traces_.end()) return nullptr;
    traces_.erase(ended);
  }
  auto trace = std::make_shared<PacketTrace>(clock, duration, with_payload);
  traces_[client_id] = trace;
  count_.store(traces_.size(), std::memory_order_relaxed);
  return trace;
}

PacketTracePtr PacketTraces::Find(std::string_view client_id) const {
  const std::lock_guard lock(mutex_);
  const auto found = traces_.find(client_id);
  return found == traces_.end() ? nullptr : found->second;
}

}  // namespace energy::mqtt
