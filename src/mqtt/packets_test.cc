#include "mqtt/packets.h"

#include <gtest/gtest.h>

#include "mqtt/test_client.h"

namespace energy::mqtt {
namespace {

using test::Hex;
using test::ToHex;

constexpr size_t kMaxSize = 1 << 20;

Frame Parse(std::string_view bytes) {
  Frame frame;
  size_t size = 0;
  EXPECT_EQ(ParseFrame(bytes, kMaxSize, frame, size), FrameStatus::kComplete) << ToHex(bytes);
  EXPECT_EQ(size, bytes.size());
  return frame;
}

TEST(Frame, NeedsTheWholePacket) {
  const std::string packet = Hex("30 05 00 01 61 78 79");
  Frame frame;
  size_t size = 0;
  for (size_t length = 0; length < packet.size(); ++length) {
    EXPECT_EQ(ParseFrame(std::string_view(packet).substr(0, length), kMaxSize, frame, size),
              FrameStatus::kIncomplete);
    EXPECT_EQ(size, length < 2 ? 0 : packet.size());
  }
  const std::string longer = packet + "more";
  EXPECT_EQ(ParseFrame(longer, kMaxSize, frame, size), FrameStatus::kComplete);
  EXPECT_EQ(frame.body, std::string_view(packet).substr(2));
}

TEST(Frame, ReadsRemainingLengthsOfOneToFourBytes) {
  for (const size_t length : {0UL, 127UL, 128UL, 16383UL, 16384UL, 2097151UL, 2097152UL}) {
    std::string packet;
    EncodePublishHead("t", 0, false, false, 0, length, packet);
    packet.append(length, 'x');
    Frame frame;
    size_t size = 0;
    EXPECT_EQ(ParseFrame(packet, packet.size(), frame, size), FrameStatus::kComplete);
    EXPECT_EQ(size, packet.size());
    EXPECT_EQ(ParseFrame(packet, packet.size() - 1, frame, size), FrameStatus::kTooLarge);
  }
}

TEST(Frame, RefusesMalformedFixedHeaders) {
  // Type 0, a fifth length byte, a length not in its shortest form, reserved flags.
  for (const char* bytes :
       {"00 00", "30 ff ff ff ff", "30 80 80 80 80 01", "c0 80 00", "11 00", "c1 00", "e1 00",
        "80 05", "81 05", "83 05", "8a 05", "60 02", "61 02", "a0 05", "41 02", "d8 00", "f2 00"}) {
    Frame frame;
    size_t size = 0;
    const FrameStatus status = ParseFrame(Hex(bytes), kMaxSize, frame, size);
    EXPECT_EQ(status, FrameStatus::kMalformed) << bytes;
  }
}

TEST(Connect, RoundTripsInBothVersions) {
  for (const Version version : {Version::k311, Version::k5}) {
    Connect in;
    in.version = version;
    in.clean_start = false;
    in.keep_alive_s = 258;
    in.client_id = "c1";
    in.username = "u";
    in.password = std::string_view("p\0w", 3);
    in.will.emplace();
    in.will->topic = "w/t";
    in.will->payload = "gone";
    in.will->qos = 1;
    in.will->retain = true;
    if (version == Version::k5) {
      in.properties.Set(Property::kSessionExpiryInterval, 70'000);
      in.properties.Set(Property::kReceiveMaximum, 20);
      in.properties.AddUser("k", "v");
      in.will->properties.Set(Property::kWillDelayInterval, 5);
      in.will->properties.Set(Property::kContentType, "text");
    }
    std::string bytes;
    Encode(in, bytes);
    Connect out;
    ASSERT_FALSE(Decode(Parse(bytes), out));
    EXPECT_EQ(out.version, version);
    EXPECT_FALSE(out.clean_start);
    EXPECT_EQ(out.keep_alive_s, 258);
    EXPECT_EQ(out.client_id, "c1");
    EXPECT_EQ(out.username, "u");
    EXPECT_EQ(out.password, std::string_view("p\0w", 3));
    ASSERT_TRUE(out.will);
    EXPECT_EQ(out.will->topic, "w/t");
    EXPECT_EQ(out.will->payload, "gone");
    EXPECT_EQ(out.will->qos, 1);
    EXPECT_TRUE(out.will->retain);
    if (version == Version::k311) continue;
    EXPECT_EQ(out.properties.Number(Property::kSessionExpiryInterval), 70'000U);
    EXPECT_EQ(out.properties.Number(Property::kReceiveMaximum), 20U);
    ASSERT_EQ(out.properties.user().size(), 1U);
    EXPECT_EQ(out.properties.user()[0].second, "v");
    EXPECT_EQ(out.will->properties.Number(Property::kWillDelayInterval), 5U);
    EXPECT_EQ(out.will->properties.Text(Property::kContentType), "text");
  }
}

TEST(Connack, RoundTripsAndTranslatesReturnCodes) {
  Connack in;
  in.session_present = true;
  in.reason = ReasonCode::kNotAuthorized;
  std::string bytes;
  Encode(in, Version::k311, bytes);
  EXPECT_EQ(ToHex(bytes), "20 02 01 05");
  Connack out;
  ASSERT_FALSE(Decode(Parse(bytes), Version::k311, out));
  EXPECT_EQ(out.reason, ReasonCode::kNotAuthorized);
  bytes.clear();
  in.properties.Set(Property::kMaximumQos, 1);
  in.properties.Set(Property::kAssignedClientIdentifier, "auto-1");
  Encode(in, Version::k5, bytes);
  ASSERT_FALSE(Decode(Parse(bytes), Version::k5, out));
  EXPECT_TRUE(out.session_present);
  EXPECT_EQ(out.properties.Text(Property::kAssignedClientIdentifier), "auto-1");
  EXPECT_TRUE(out.properties.Has(Property::kMaximumQos));
}

TEST(Publish, RoundTripsInBothVersions) {
  for (const Version version : {Version::k311, Version::k5}) {
    for (const uint8_t qos : {uint8_t{0}, uint8_t{1}, uint8_t{2}}) {
      Publish in;
      in.topic = "devices/D1/telemetry";
      in.payload = "{\"power\":1}";
      in.qos = qos;
      in.packet_id = qos == 0 ? 0 : 513;
      in.retain = true;
      in.dup = qos > 0;
      if (version == Version::k5) {
        in.properties.Set(Property::kMessageExpiryInterval, 60);
        in.properties.Set(Property::kResponseTopic, "r");
        in.properties.Set(Property::kCorrelationData, std::string_view("\0\1", 2));
        in.properties.Set(Property::kSubscriptionIdentifier, 300);
        in.properties.AddUser("a", "b");
        in.properties.AddUser("a", "c");
      }
      std::string bytes;
      Encode(in, version, bytes);
      Publish out;
      ASSERT_FALSE(Decode(Parse(bytes), version, out));
      EXPECT_EQ(out.topic, in.topic);
      EXPECT_EQ(out.payload, in.payload);
      EXPECT_EQ(out.qos, qos);
      EXPECT_EQ(out.packet_id, in.packet_id);
      EXPECT_TRUE(out.retain);
      EXPECT_EQ(out.dup, in.dup);
      if (version == Version::k311) continue;
      EXPECT_EQ(out.properties.Number(Property::kSubscriptionIdentifier), 300U);
      EXPECT_EQ(out.properties.user().size(), 2U);
      const size_t offset = FindMessageExpiry(out.properties.raw());
      EXPECT_EQ(ToHex(out.properties.raw().substr(offset, 4)), "00 00 00 3c");
    }
  }
}

TEST(Acks, RoundTripAndLeaveOutWhatSaysNothing) {
  for (const PacketType type :
       {PacketType::kPuback, PacketType::kPubrec, PacketType::kPubrel, PacketType::kPubcomp}) {
    Ack in;
    in.packet_id = 7;
    std::string bytes;
    Encode(type, in, Version::k5, bytes);
    EXPECT_EQ(bytes.size(), 4U);
    in.reason = ReasonCode::kQuotaExceeded;
    in.properties.Set(Property::kReasonString, "full");
    bytes.clear();
    Encode(type, in, Version::k5, bytes);
    Ack out;
    const Frame frame = Parse(bytes);
    EXPECT_EQ(frame.type, type);
    ASSERT_FALSE(Decode(frame, Version::k5, out));
    EXPECT_EQ(out.reason, ReasonCode::kQuotaExceeded);
    EXPECT_EQ(out.properties.Text(Property::kReasonString), "full");
  }
}

TEST(Subscribe, RoundTripsInBothVersions) {
  for (const Version version : {Version::k311, Version::k5}) {
    Subscribe in;
    in.packet_id = 9;
    in.filters.push_back({"a/+", 1});
    in.filters.push_back({"b/#", 2, true, true, RetainHandling::kDontSend});
    std::string bytes;
    Encode(in, version, bytes);
    Subscribe out;
    ASSERT_FALSE(Decode(Parse(bytes), version, out));
    ASSERT_EQ(out.filters.size(), 2U);
    EXPECT_EQ(out.packet_id, 9);
    EXPECT_EQ(out.filters[0].filter, "a/+");
    EXPECT_EQ(out.filters[0].qos, 1);
    EXPECT_EQ(out.filters[1].qos, 2);
    EXPECT_EQ(out.filters[1].no_local, version == Version::k5);
    EXPECT_EQ(out.filters[1].retain_as_published, version == Version::k5);
    EXPECT_EQ(out.filters[1].retain_handling == RetainHandling::kDontSend, version == Version::k5);

    Suback suback_in{9, {ReasonCode::kGrantedQos1, ReasonCode::kUnspecifiedError}, {}};
    Suback suback;
    bytes.clear();
    Encode(PacketType::kSuback, suback_in, version, bytes);
    ASSERT_FALSE(Decode(Parse(bytes), version, suback));
    EXPECT_EQ(suback.reasons, suback_in.reasons);
  }
}

TEST(Unsubscribe, RoundTripsInBothVersions) {
  for (const Version version : {Version::k311, Version::k5}) {
    Unsubscribe in;
    in.packet_id = 10;
    in.filters = {"a", "b/#"};
    std::string bytes;
    Encode(in, version, bytes);
    Unsubscribe out;
    ASSERT_FALSE(Decode(Parse(bytes), version, out));
    EXPECT_EQ(out.filters, in.filters);

    Suback unsuback{10, {ReasonCode::kSuccess, ReasonCode::kNoSubscriptionExisted}, {}};
    bytes.clear();
    Encode(PacketType::kUnsuback, unsuback, version, bytes);
    Suback decoded;
    ASSERT_FALSE(Decode(Parse(bytes), version, decoded));
    EXPECT_EQ(decoded.reasons.size(), version == Version::k5 ? 2U : 0U);
  }
}

TEST(DisconnectAndAuth, RoundTrip) {
  std::string bytes;
  Encode(PacketType::kDisconnect, Disconnect{}, Version::k5, bytes);
  EXPECT_EQ(ToHex(bytes), "e0 00");
  for (const PacketType type : {PacketType::kDisconnect, PacketType::kAuth}) {
    Disconnect in;
    in.reason = ReasonCode::kContinueAuthentication;
    in.properties.Set(Property::kReasonString, "why");
    bytes.clear();
    Encode(type, in, Version::k5, bytes);
    Disconnect out;
    ASSERT_FALSE(Decode(Parse(bytes), Version::k5, out));
    EXPECT_EQ(out.reason, in.reason);
    EXPECT_EQ(out.properties.Text(Property::kReasonString), "why");
  }
  bytes.clear();
  EncodePing(PacketType::kPingreq, bytes);
  EncodePing(PacketType::kPingresp, bytes);
  EXPECT_EQ(ToHex(bytes), "c0 00 d0 00");
}

}  // namespace
}  // namespace energy::mqtt
