#include "mqtt/message.h"

#include "mqtt/writer.h"

namespace energy::mqtt {

Message::Message(std::string_view topic, std::string_view payload, std::string_view properties,
                 std::optional<std::chrono::seconds> expiry, TimePoint now)
    : topic_size_(static_cast<uint32_t>(topic.size())),
      properties_size_(static_cast<uint32_t>(properties.size())) {
  bytes_.reserve(topic.size() + properties.size() + payload.size());
  bytes_.append(topic).append(properties).append(payload);
  if (expiry) expires_ = now + *expiry;
}

size_t Message::RestSize(Version version) const {
  const size_t payload_size = bytes_.size() - topic_size_ - properties_size_;
  if (version == Version::k311) return payload_size;
  return VarIntSize(properties_size_) + properties_size_ + payload_size;
}

size_t Message::EncodedSize(Version version, uint8_t qos) const {
  const size_t remaining = 2U + topic_size_ + (qos > 0 ? 2U : 0U) + RestSize(version);
  return 1 + VarIntSize(static_cast<uint32_t>(remaining)) + remaining;
}

void Message::Encode(Version version, uint8_t qos, bool retain, uint16_t packet_id, TimePoint now,
                     std::string& out) const {
  EncodePublishHead(topic(), qos, retain, false, packet_id, RestSize(version), out);
  if (version == Version::k5) {
    Writer(out).VarInt(properties_size_);
    const std::string_view properties =
        std::string_view(bytes_).substr(topic_size_, properties_size_);
    const size_t begin = out.size();
    out.append(properties);
    const size_t offset = expires_ ? FindMessageExpiry(properties) : std::string_view::npos;
    if (offset != std::string_view::npos) {
      // What is left of the interval, rounded up so that it never becomes 0 early [MQTT-3.3.2-6].
      const auto left = std::chrono::ceil<std::chrono::seconds>(*expires_ - now).count();
      std::string value;
      Writer(value).U32(static_cast<uint32_t>(left));
      out.replace(begin + offset, value.size(), value);
    }
  }
  out.append(payload());
}

}  // namespace energy::mqtt
