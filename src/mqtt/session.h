#pragma once

#include <cstdint>
#include <deque>
#include <set>
#include <string>

#include "mqtt/message.h"

namespace energy::mqtt {

/// The subscriber side of one client: its filters, the messages waiting for it and those it has not
/// acknowledged. Made with the first SUBSCRIBE; lives as long as the connection.
///
/// Threads: only the connection's I/O thread.
class Session {
 public:
  struct Limits {
    Version version = Version::k311;
    uint16_t receive_maximum = UINT16_MAX;   ///< of the client [MQTT-3.3.4-9]
    uint32_t max_packet_bytes = UINT32_MAX;  ///< of the client [MQTT-3.1.2-24]
    size_t max_queued_bytes = 0;
  };
  enum class Push : uint8_t {
    kQueued,
    kDropped,   ///< QoS 0 and the queue is full
    kOverflow,  ///< QoS 1 and the queue is full: the client cannot be served
  };
  struct Sent {
    uint32_t sent = 0;
    uint32_t expired = 0;
    uint32_t too_large = 0;
  };

  explicit Session(const Limits& limits);

  Push Offer(MessagePtr message, uint8_t qos, bool retain);

  /// Encodes waiting messages into `out` until it has `target` bytes, the window of unacknowledged
  /// messages is full, or nothing waits.
  Sent Fill(std::string& out, size_t target, Message::TimePoint now);

  /// A PUBACK. False when no such message is in flight.
  bool OnAck(uint16_t packet_id);

  std::set<std::string, std::less<>>& filters() { return filters_; }
  size_t queued() const { return queue_.size(); }

 private:
  struct Waiting {
    MessagePtr message;
    uint8_t qos;
    bool retain;
  };

  uint16_t NextPacketId();

  const Limits limits_;
  std::set<std::string, std::less<>> filters_;
  std::deque<Waiting> queue_;
  size_t queued_bytes_ = 0;
  // Packet ids are given out in order, so the ids in flight are a range: element i stands for
  // first_id_ + i and tells whether it was acknowledged out of turn.
  std::deque<bool> in_flight_;
  uint16_t first_id_ = 1;
  size_t unacknowledged_ = 0;
};

}  // namespace energy::mqtt
