#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "mqtt/packets.h"

namespace energy::mqtt {

/// A message on its way to subscribers: one copy, shared by all their queues. Immutable.
class Message {
 public:
  using TimePoint = std::chrono::steady_clock::time_point;

  /// `properties` is the publisher's encoded list: it is passed on unaltered [MQTT-3.3.2-4, -15 to
  /// -20] but for the Message Expiry Interval, which counts down.
  Message(std::string_view topic, std::string_view payload, std::string_view properties,
          std::optional<std::chrono::seconds> expiry, TimePoint now);

  std::string_view topic() const { return std::string_view(bytes_).substr(0, topic_size_); }
  std::string_view payload() const {
    return std::string_view(bytes_).substr(topic_size_ + properties_size_);
  }
  size_t memory() const { return bytes_.size() + sizeof(Message); }
  bool expired(TimePoint now) const { return expires_ && now >= *expires_; }

  /// Appends the PUBLISH packet. `packet_id` is 0 for QoS 0.
  void Encode(Version version, uint8_t qos, bool retain, uint16_t packet_id, TimePoint now,
              std::string& out) const;
  size_t EncodedSize(Version version, uint8_t qos) const;

 private:
  size_t RestSize(Version version) const;

  std::string bytes_;  // topic, properties, payload
  uint32_t topic_size_;
  uint32_t properties_size_;
  std::optional<TimePoint> expires_;
};

using MessagePtr = std::shared_ptr<const Message>;

}  // namespace energy::mqtt
