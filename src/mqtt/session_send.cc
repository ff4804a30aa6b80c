#include <algorithm>
#include <utility>

#include "mqtt/session.h"

// The way of messages out of a session: see session.h.
namespace energy::mqtt {
namespace {

// MQTT 3.1.1 has no receive maximum; a client that does not acknowledge is not sent more than this.
constexpr size_t kMaxInFlight = 1024;
// Acknowledged messages behind an unacknowledged one keep their place in the range of ids.
constexpr size_t kMaxRange = 32'768;
constexpr uint32_t kPacketIds = 65'535;  // 1 to 65535

}  // namespace

uint16_t Session::PacketIdAt(size_t index) const {
  return static_cast<uint16_t>((first_id_ - 1U + index) % kPacketIds + 1);
}

bool Session::WindowOpen() const {
  const size_t window = std::min<size_t>(limits_.receive_maximum, kMaxInFlight);
  if (unacknowledged_ >= window || queues_->in_flight.size() >= kMaxRange) return false;
  // What is in flight is kept in memory: it is bounded in bytes as what waits.
  return unacknowledged_ == 0 || in_flight_bytes_ < budget_->session_bytes;
}

void Session::Finish(InFlight& entry) {
  const size_t bytes = Cost(entry.delivery);
  Remove(bytes);
  in_flight_bytes_ -= bytes;
  entry.delivery = {};
  entry.acknowledged = true;
}

void Session::TrimInFlight() {
  auto& in_flight = queues_->in_flight;
  while (!in_flight.empty() && in_flight.front().acknowledged) {
    in_flight.pop_front();
    first_id_ = static_cast<uint16_t>(first_id_ % kPacketIds + 1);
    if (resend_ > 0) --resend_;
  }
}

// What an earlier connection left unacknowledged, in the order and with the packet ids it had.
bool Session::SendAgain(size_t target, Message::TimePoint now, std::string& out, Sent& sent) {
  auto& in_flight = queues_->in_flight;
  for (; resend_ < in_flight.size(); ++resend_) {
    InFlight& entry = in_flight[resend_];
    if (entry.acknowledged) continue;
    if (out.size() >= target) return false;
    Message::Envelope envelope;
    envelope.version = limits_.version;
    envelope.qos = entry.delivery.qos;
    envelope.retain = entry.delivery.retain;
    envelope.dup = true;
    envelope.packet_id = PacketIdAt(resend_);
    envelope.subscription_ids = entry.delivery.subscription_ids;
    const Message& message = *entry.delivery.message;
    const bool too_large = message.EncodedSize(envelope) > limits_.max_packet_bytes;
    if (too_large || message.expired(now)) {
      ++(too_large ? sent.too_large : sent.expired);
      if (entry.delivery.id != 0) sent.finished.push_back(entry.delivery.id);
      Finish(entry);
      continue;
    }
    if (unacknowledged_ >= std::min<size_t>(limits_.receive_maximum, kMaxInFlight)) return false;
    message.Encode(envelope, now, out);
    ++unacknowledged_;
    ++sent.sent;
  }
  TrimInFlight();
  return true;
}

// Takes one waiting message; false when it must wait on.
bool Session::SendNext(Message::TimePoint now, OutboundAliases* aliases, std::string& out,
                       Sent& sent) {
  Delivery& next = queues_->waiting.front();
  const Message& message = *next.message;
  Message::Envelope envelope;
  envelope.version = limits_.version;
  envelope.qos = next.qos;
  envelope.retain = next.retain;
  envelope.dup = next.sent_before && next.qos > 0;
  envelope.subscription_ids = next.subscription_ids;
  const bool expired = message.expired(now);
  bool sendable = !expired;
  if (sendable) {
    if (next.qos > 0 && !WindowOpen()) return false;
    if (aliases != nullptr) {
      const OutboundAliases::Use use = aliases->Find(message.topic());
      envelope.alias = use.alias;
      envelope.alias_known = use.known;
    }
    sendable = message.EncodedSize(envelope) <= limits_.max_packet_bytes;
  }
  const size_t bytes = Cost(next);
  if (!sendable) {
    ++(expired ? sent.expired : sent.too_large);
    if (next.id != 0) sent.finished.push_back(next.id);
    Remove(bytes);
    queues_->waiting.pop_front();
    return true;
  }
  if (envelope.alias != 0 && !envelope.alias_known) {
    aliases->Remember(message.topic(), envelope.alias);
  }
  if (next.qos > 0) {
    auto& in_flight = queues_->in_flight;
    envelope.packet_id = PacketIdAt(in_flight.size());
    message.Encode(envelope, now, out);
    in_flight.push_back({std::move(next), false});
    ++unacknowledged_;
    resend_ = in_flight.size();
    in_flight_bytes_ += bytes;
  } else {
    message.Encode(envelope, now, out);
    Remove(bytes);
  }
  queues_->waiting.pop_front();
  ++sent.sent;
  return true;
}

Session::Sent Session::Fill(const ConnectionRef& connection, size_t target, Message::TimePoint now,
                            OutboundAliases* aliases, std::string& out) {
  const std::lock_guard lock(mutex_);
  Sent sent;
  if (!(owner_ == connection) || ended_) return sent;
  signaled_ = false;
  if (!queues_ || !SendAgain(target, now, out, sent)) return sent;
  while (!queues_->waiting.empty() && out.size() < target) {
    if (!SendNext(now, aliases, out, sent)) break;
  }
  if (congested_.load(std::memory_order_relaxed) &&
      (bytes_ - in_flight_bytes_) * 2 <= budget_->session_bytes &&
      queues_->waiting.size() * 2 <= budget_->session_messages) {
    congested_.store(false, std::memory_order_relaxed);
  }
  return sent;
}

bool Session::Awaits(const ConnectionRef& connection, uint16_t packet_id) const {
  const std::lock_guard lock(mutex_);
  return InFlightIndex(connection, packet_id).has_value();
}

std::optional<size_t> Session::InFlightIndex(const ConnectionRef& connection,
                                             uint16_t packet_id) const {
  if (!(owner_ == connection) || !queues_) return std::nullopt;
  const auto& in_flight = queues_->in_flight;
  const size_t index = (packet_id + kPacketIds - first_id_) % kPacketIds;
  if (index >= in_flight.size() || in_flight[index].acknowledged) return std::nullopt;
  return index;
}

bool Session::OnAck(const ConnectionRef& connection, uint16_t packet_id, uint64_t& stored) {
  const std::lock_guard lock(mutex_);
  const auto found = InFlightIndex(connection, packet_id);
  if (!found) return false;
  const size_t index = *found;
  auto& in_flight = queues_->in_flight;
  stored = in_flight[index].delivery.id;
  if (index < resend_) --unacknowledged_;
  Finish(in_flight[index]);
  TrimInFlight();
  return true;
}

}  // namespace energy::mqtt
