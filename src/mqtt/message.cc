#include "mqtt/message.h"

#include "mqtt/writer.h"

namespace energy::mqtt {
namespace {

// Bytes of the properties that the broker adds to the publisher's.
size_t AddedSize(const Message::Envelope& envelope) {
  size_t size = envelope.alias != 0 ? 3 : 0;
  for (const uint32_t id : envelope.subscription_ids) size += 1 + VarIntSize(id);
  return size;
}

void WriteAdded(const Message::Envelope& envelope, Writer& writer) {
  if (envelope.alias != 0) {
    writer.U8(static_cast<uint8_t>(Property::kTopicAlias));
    writer.U16(envelope.alias);
  }
  for (const uint32_t id : envelope.subscription_ids) {
    writer.U8(static_cast<uint8_t>(Property::kSubscriptionIdentifier));
    writer.VarInt(id);
  }
}

}  // namespace

Message::Message(std::string_view topic, std::string_view payload, std::string_view properties,
                 std::optional<std::chrono::seconds> expiry, TimePoint now, uint8_t qos)
    : topic_size_(static_cast<uint32_t>(topic.size())),
      properties_size_(static_cast<uint32_t>(properties.size())),
      qos_(qos) {
  bytes_.reserve(topic.size() + properties.size() + payload.size());
  bytes_.append(topic).append(properties).append(payload);
  if (expiry) expires_ = now + *expiry;
}

size_t Message::EncodedSize(const Envelope& envelope) const {
  size_t remaining = 2U + (envelope.alias_known ? 0U : topic_size_) + (envelope.qos > 0 ? 2U : 0U) +
                     payload().size();
  if (envelope.version == Version::k5) {
    const size_t properties = properties_size_ + AddedSize(envelope);
    remaining += VarIntSize(static_cast<uint32_t>(properties)) + properties;
  }
  return 1 + VarIntSize(static_cast<uint32_t>(remaining)) + remaining;
}

void Message::Encode(const Envelope& envelope, TimePoint now, std::string& out) const {
  const bool v5 = envelope.version == Version::k5;
  size_t rest = payload().size();
  const size_t list = properties_size_ + AddedSize(envelope);
  if (v5) rest += VarIntSize(static_cast<uint32_t>(list)) + list;
  EncodePublishHead(envelope.alias_known ? std::string_view() : topic(), envelope.qos,
                    envelope.retain, envelope.dup, envelope.packet_id, rest, out);
  if (v5) {
    Writer writer(out);
    writer.VarInt(static_cast<uint32_t>(list));
    WriteAdded(envelope, writer);
    const size_t begin = out.size();
    out.append(properties());
    const size_t offset = expires_ ? FindMessageExpiry(properties()) : std::string_view::npos;
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
