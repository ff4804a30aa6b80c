#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "mqtt/packets.h"

namespace energy::mqtt {

/// A message on its way to subscribers: one copy, shared by all their queues. Immutable.
class Message {
 public:
  using TimePoint = std::chrono::steady_clock::time_point;

  /// What differs from one subscriber to the next.
  struct Envelope {
    Version version = Version::k311;
    uint8_t qos = 0;
    bool retain = false;
    bool dup = false;
    uint16_t packet_id = 0;                      ///< 0 for QoS 0
    uint16_t alias = 0;                          ///< topic alias; 0: none
    bool alias_known = false;                    ///< the client knows it: the topic is left out
    std::span<const uint32_t> subscription_ids;  ///< of the subscriptions that matched
  };

  /// `properties` is the publisher's encoded list: it is passed on unaltered [MQTT-3.3.2-4, -15 to
  /// -20] but for the Message Expiry Interval, which counts down. `qos`: as published.
  Message(std::string_view topic, std::string_view payload, std::string_view properties,
          std::optional<std::chrono::seconds> expiry, TimePoint now, uint8_t qos = 0);

  std::string_view topic() const { return std::string_view(bytes_).substr(0, topic_size_); }
  std::string_view properties() const {
    return std::string_view(bytes_).substr(topic_size_, properties_size_);
  }
  std::string_view payload() const {
    return std::string_view(bytes_).substr(topic_size_ + properties_size_);
  }
  uint8_t qos() const { return qos_; }
  size_t memory() const { return bytes_.size() + sizeof(Message); }
  const std::optional<TimePoint>& expires() const { return expires_; }
  bool expired(TimePoint now) const { return expires_ && now >= *expires_; }

  /// Appends the PUBLISH packet.
  void Encode(const Envelope& envelope, TimePoint now, std::string& out) const;
  size_t EncodedSize(const Envelope& envelope) const;

 private:
  std::string bytes_;  // topic, properties, payload
  uint32_t topic_size_;
  uint32_t properties_size_;
  uint8_t qos_;
  std::optional<TimePoint> expires_;
};

using MessagePtr = std::shared_ptr<const Message>;

}  // namespace energy::mqtt
