#include "mqtt/packets.h"
#include "mqtt/writer.h"

namespace energy::mqtt {
namespace {

// Writes the fixed header once the body is known: the body is appended first and moved by the one
// to four bytes of its length. Only control packets, which are short, go this way.
class Packet {
 public:
  Packet(PacketType type, uint8_t flags, std::string& out) : out_(out), writer_(out) {
    writer_.U8(static_cast<uint8_t>(static_cast<unsigned>(type) << 4U | flags));
    begin_ = out.size();
  }
  Writer& body() { return writer_; }
  void Finish() {
    std::string length;
    Writer(length).VarInt(static_cast<uint32_t>(out_.size() - begin_));
    out_.insert(begin_, length);
  }

 private:
  std::string& out_;
  Writer writer_;
  size_t begin_ = 0;
};

uint8_t Byte(ReasonCode code) { return static_cast<uint8_t>(code); }

uint8_t ConnectFlagBits(const Connect& packet) {
  unsigned flags = packet.clean_start ? 2U : 0U;
  if (packet.will) {
    flags |=
        4U | static_cast<unsigned>(packet.will->qos) << 3U | (packet.will->retain ? 0x20U : 0U);
  }
  if (packet.password) flags |= 0x40U;
  if (packet.username) flags |= 0x80U;
  return static_cast<uint8_t>(flags);
}

// The reason code and the properties may be left out when they say nothing (§3.4.2.1, §3.14.2.1).
void WriteReasonAndProperties(ReasonCode reason, const Properties& properties, std::string& out) {
  if (reason == ReasonCode::kSuccess && properties.empty()) return;
  Writer(out).U8(Byte(reason));
  if (!properties.empty()) properties.Encode(out);
}

}  // namespace

void Encode(const Connect& packet, std::string& out) {
  Packet frame(PacketType::kConnect, 0, out);
  Writer& body = frame.body();
  const bool v5 = packet.version == Version::k5;
  body.Binary("MQTT");
  body.U8(static_cast<uint8_t>(packet.version));
  body.U8(ConnectFlagBits(packet));
  body.U16(packet.keep_alive_s);
  if (v5) packet.properties.Encode(out);
  body.Binary(packet.client_id);
  if (packet.will) {
    if (v5) packet.will->properties.Encode(out);
    body.Binary(packet.will->topic);
    body.Binary(packet.will->payload);
  }
  if (packet.username) body.Binary(*packet.username);
  if (packet.password) body.Binary(*packet.password);
  frame.Finish();
}

void Encode(const Connack& packet, Version version, std::string& out) {
  Packet frame(PacketType::kConnack, 0, out);
  frame.body().U8(packet.session_present ? 1 : 0);
  if (version == Version::k5) {
    frame.body().U8(Byte(packet.reason));
    packet.properties.Encode(out);
  } else {
    frame.body().U8(static_cast<uint8_t>(ToReturnCode(packet.reason)));
  }
  frame.Finish();
}

void EncodePublishHead(std::string_view topic, uint8_t qos, bool retain, bool dup,
                       uint16_t packet_id, size_t rest_size, std::string& out) {
  Writer writer(out);
  const unsigned flags = (dup ? 8U : 0U) | static_cast<unsigned>(qos) << 1U | (retain ? 1U : 0U);
  writer.U8(static_cast<uint8_t>(static_cast<unsigned>(PacketType::kPublish) << 4U | flags));
  writer.VarInt(static_cast<uint32_t>(2 + topic.size() + (qos > 0 ? 2 : 0) + rest_size));
  writer.Binary(topic);
  if (qos > 0) writer.U16(packet_id);
}

void Encode(const Publish& packet, Version version, std::string& out) {
  size_t rest = packet.payload.size();
  if (version == Version::k5) {
    const size_t properties = packet.properties.EncodedSize();
    rest += VarIntSize(static_cast<uint32_t>(properties)) + properties;
  }
  EncodePublishHead(packet.topic, packet.qos, packet.retain, packet.dup, packet.packet_id, rest,
                    out);
  if (version == Version::k5) packet.properties.Encode(out);
  out.append(packet.payload);
}

void Encode(PacketType type, const Ack& packet, Version version, std::string& out) {
  Packet frame(type, type == PacketType::kPubrel ? 2 : 0, out);
  frame.body().U16(packet.packet_id);
  if (version == Version::k5) WriteReasonAndProperties(packet.reason, packet.properties, out);
  frame.Finish();
}

void Encode(const Subscribe& packet, Version version, std::string& out) {
  Packet frame(PacketType::kSubscribe, 2, out);
  frame.body().U16(packet.packet_id);
  if (version == Version::k5) packet.properties.Encode(out);
  for (const SubscribeFilter& entry : packet.filters) {
    frame.body().Binary(entry.filter);
    unsigned options = entry.qos;
    if (version == Version::k5) {
      options |= (entry.no_local ? 4U : 0U) | (entry.retain_as_published ? 8U : 0U) |
                 static_cast<unsigned>(entry.retain_handling) << 4U;
    }
    frame.body().U8(static_cast<uint8_t>(options));
  }
  frame.Finish();
}

void Encode(PacketType type, const Suback& packet, Version version, std::string& out) {
  Packet frame(type, 0, out);
  frame.body().U16(packet.packet_id);
  if (version == Version::k5) packet.properties.Encode(out);
  if (type == PacketType::kSuback || version == Version::k5) {
    for (const ReasonCode code : packet.reasons) frame.body().U8(Byte(code));
  }
  frame.Finish();
}

void Encode(const Unsubscribe& packet, Version version, std::string& out) {
  Packet frame(PacketType::kUnsubscribe, 2, out);
  frame.body().U16(packet.packet_id);
  if (version == Version::k5) packet.properties.Encode(out);
  for (const std::string_view filter : packet.filters) frame.body().Binary(filter);
  frame.Finish();
}

void Encode(PacketType type, const Disconnect& packet, Version version, std::string& out) {
  Packet frame(type, 0, out);
  if (version == Version::k5) WriteReasonAndProperties(packet.reason, packet.properties, out);
  frame.Finish();
}

void EncodePing(PacketType type, std::string& out) { Packet(type, 0, out).Finish(); }

}  // namespace energy::mqtt
