#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "mqtt/packets.h"
#include "mqtt/reader.h"
#include "mqtt/test_client.h"

/// For this module's tests: packets as a client sends and receives them.
namespace energy::mqtt::test {

inline std::string ConnectPacket(Version version, std::string_view client_id,
                                 std::string_view username = "alice",
                                 std::string_view password = "secret", uint16_t keep_alive_s = 0) {
  Connect packet;
  packet.version = version;
  packet.client_id = client_id;
  packet.keep_alive_s = keep_alive_s;
  if (!username.empty()) {
    packet.username = username;
    packet.password = password;
  }
  std::string bytes;
  Encode(packet, bytes);
  return bytes;
}

inline std::string PublishPacket(Version version, std::string_view topic, std::string_view payload,
                                 uint8_t qos = 0, uint16_t packet_id = 0) {
  Publish packet;
  packet.topic = topic;
  packet.payload = payload;
  packet.qos = qos;
  packet.packet_id = packet_id;
  std::string bytes;
  Encode(packet, version, bytes);
  return bytes;
}

inline std::string SubscribePacket(Version version, uint16_t packet_id, std::string_view filter,
                                   uint8_t qos = 0, bool no_local = false) {
  Subscribe packet;
  packet.packet_id = packet_id;
  packet.filters.push_back({filter, qos, no_local});
  std::string bytes;
  Encode(packet, version, bytes);
  return bytes;
}

/// A CONNECT of alice to be changed further. Text must outlive it.
inline Connect MakeConnect(Version version, std::string_view client_id, bool clean_start,
                           uint32_t expiry_s = 0) {
  Connect packet;
  packet.version = version;
  packet.client_id = client_id;
  packet.clean_start = clean_start;
  packet.username = "alice";
  packet.password = "secret";
  if (expiry_s > 0) packet.properties.Set(Property::kSessionExpiryInterval, expiry_s);
  return packet;
}

/// A PUBLISH that a client received.
struct Arrived {
  std::string topic;
  std::string payload;
  uint8_t qos = 9;  ///< 9: nothing came
  bool retain = false;
  bool dup = false;
  uint16_t packet_id = 0;
  uint32_t expiry_s = 0;
  std::vector<uint32_t> ids;  ///< subscription identifiers, in the order of the packet
  uint16_t alias = 0;
};

inline Arrived ReadPublish(RawClient& client, Version version) {
  const std::string bytes = client.ReadPacket();
  Frame frame;
  size_t size = 0;
  Publish packet;
  Arrived arrived;
  if (ParseFrame(bytes, 64 << 20, frame, size) != FrameStatus::kComplete ||
      frame.type != PacketType::kPublish || Decode(frame, version, packet)) {
    return arrived;
  }
  arrived = {std::string(packet.topic),
             std::string(packet.payload),
             packet.qos,
             packet.retain,
             packet.dup,
             packet.packet_id,
             packet.properties.Number(Property::kMessageExpiryInterval),
             {},
             static_cast<uint16_t>(packet.properties.Number(Property::kTopicAlias))};
  // Identifiers come first: see Message.
  for (std::string_view raw = packet.properties.raw(); !raw.empty();) {
    Reader in(raw);
    const uint8_t id = in.U8();
    if (id == static_cast<uint8_t>(Property::kTopicAlias)) {
      in.U16();
    } else if (id == static_cast<uint8_t>(Property::kSubscriptionIdentifier)) {
      arrived.ids.push_back(in.VarInt());
    } else {
      break;
    }
    raw = in.rest();
  }
  return arrived;
}

/// The acknowledgement of what arrived.
inline std::string PubackOf(const Arrived& arrived) {
  return {'\x40', '\x02', static_cast<char>(arrived.packet_id >> 8),
          static_cast<char>(arrived.packet_id & 0xFF)};
}

}  // namespace energy::mqtt::test
