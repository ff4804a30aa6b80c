#include "mqtt/packets.h"

#include <gtest/gtest.h>

#include "mqtt/test_support.h"

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

// Decodes as the type that the frame says, in either version.
PacketError DecodeAny(const Frame& frame, Version version) {
  switch (frame.type) {
    case PacketType::kConnect: {
      Connect packet;
      return Decode(frame, packet);
    }
    case PacketType::kConnack: {
      Connack packet;
      return Decode(frame, version, packet);
    }
    case PacketType::kPublish: {
      Publish packet;
      return Decode(frame, version, packet);
    }
    case PacketType::kPuback:
    case PacketType::kPubrec:
    case PacketType::kPubrel:
    case PacketType::kPubcomp: {
      Ack packet;
      return Decode(frame, version, packet);
    }
    case PacketType::kSubscribe: {
      Subscribe packet;
      return Decode(frame, version, packet);
    }
    case PacketType::kSuback:
    case PacketType::kUnsuback: {
      Suback packet;
      return Decode(frame, version, packet);
    }
    case PacketType::kUnsubscribe: {
      Unsubscribe packet;
      return Decode(frame, version, packet);
    }
    case PacketType::kDisconnect:
    case PacketType::kAuth: {
      Disconnect packet;
      return Decode(frame, version, packet);
    }
    default:
      return DecodeEmpty(frame);
  }
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

struct BadPacket {
  const char* what;
  Version version;
  const char* bytes;
  int reason;
};

const BadPacket kBadPackets[] = {
    {"protocol name cut", Version::k311, "10 03 00 04 4d", 0x81},
    {"level 3", Version::k311, "10 0c 00 04 4d515454 03 02 0000 0000", 0x84},
    {"level 6", Version::k5, "10 0c 00 04 4d515454 06 02 0000 0000", 0x84},
    {"protocol name MQTX", Version::k311, "10 0c 00 04 4d515458 04 02 0000 0000", 0x84},
    {"reserved connect flag", Version::k311, "10 0c 00 04 4d515454 04 03 0000 0000", 0x81},
    {"will QoS without will", Version::k311, "10 0c 00 04 4d515454 04 0a 0000 0000", 0x81},
    {"will retain without will", Version::k311, "10 0c 00 04 4d515454 04 22 0000 0000", 0x81},
    {"will QoS 3", Version::k311, "10 12 00 04 4d515454 04 1e 0000 0000 0001 61 0001 62", 0x81},
    {"response topic of a will with wildcard", Version::k5,
     "10 18 00 04 4d515454 05 06 0000 00 0000 04 08 0001 23 0001 61 0001 62", 0x82},
    {"will topic with wildcard", Version::k311,
     "10 12 00 04 4d515454 04 06 0000 0000 0001 23 0001 62", 0x90},
    {"password without user", Version::k311, "10 0f 00 04 4d515454 04 42 0000 0000 0001 61", 0x81},
    {"user name missing", Version::k311, "10 0c 00 04 4d515454 04 82 0000 0000", 0x81},
    {"bytes after CONNECT", Version::k311, "10 0d 00 04 4d515454 04 02 0000 0000 00", 0x81},
    {"client id not UTF-8", Version::k311, "10 0d 00 04 4d515454 04 02 0000 0001 ff", 0x81},
    {"client id with U+0000", Version::k311, "10 0d 00 04 4d515454 04 02 0000 0001 00", 0x81},
    {"receive maximum 0", Version::k5, "10 10 00 04 4d515454 05 02 0000 03 21 0000 0000", 0x82},
    {"maximum packet size 0", Version::k5, "10 12 00 04 4d515454 05 02 0000 05 27 00000000 0000",
     0x82},
    {"duplicate property", Version::k5, "10 13 00 04 4d515454 05 02 0000 06 21 0001 21 0001 0000",
     0x82},
    {"unknown property", Version::k5, "10 0f 00 04 4d515454 05 02 0000 02 7f 00 0000", 0x81},
    {"property of another packet", Version::k5, "10 10 00 04 4d515454 05 02 0000 03 23 0001 0000",
     0x81},
    {"request problem information 2", Version::k5, "10 0f 00 04 4d515454 05 02 0000 02 17 02 0000",
     0x82},
    {"authentication data alone", Version::k5, "10 10 00 04 4d515454 05 02 0000 03 16 0000 0000",
     0x82},
    {"property list too long", Version::k5, "10 0d 00 04 4d515454 05 02 0000 7f 0000", 0x81},
    {"QoS 3", Version::k311, "36 06 0001 61 0001 78", 0x81},
    {"DUP on QoS 0", Version::k311, "38 04 0001 61 78", 0x81},
    {"packet id 0", Version::k311, "32 06 0001 61 0000 78", 0x82},
    {"packet id missing", Version::k311, "32 03 0001 61", 0x81},
    {"empty topic", Version::k311, "30 03 0000 78", 0x82},
    {"empty topic without alias", Version::k5, "30 04 0000 00 78", 0x82},
    {"+ in topic", Version::k311, "30 04 0001 2b 78", 0x90},
    {"# in topic", Version::k5, "30 05 0001 23 00 78", 0x90},
    {"topic not UTF-8", Version::k311, "30 05 0002 c0af 78", 0x81},
    {"topic with U+0000", Version::k311, "30 05 0002 6100 78", 0x81},
    {"topic longer than packet", Version::k311, "30 04 00ff 61 78", 0x81},
    {"payload format 2", Version::k5, "30 06 0001 61 02 01 02", 0x82},
    {"response topic with wildcard", Version::k5, "30 08 0001 61 04 08 0001 23", 0x82},
    {"property length not shortest", Version::k5, "30 05 0001 61 80 00", 0x81},
    {"PUBACK id 0", Version::k311, "40 02 0000", 0x82},
    {"PUBACK cut", Version::k311, "40 01 00", 0x81},
    {"PUBACK with reason in 3.1.1", Version::k311, "40 03 0001 00", 0x81},
    {"SUBSCRIBE id 0", Version::k311, "82 06 0000 0001 61 00", 0x82},
    {"SUBSCRIBE without filter", Version::k311, "82 02 0001", 0x82},
    {"SUBSCRIBE without filter v5", Version::k5, "82 03 0001 00", 0x82},
    {"SUBSCRIBE without options", Version::k311, "82 05 0001 0001 61", 0x81},
    {"SUBSCRIBE QoS 3", Version::k311, "82 06 0001 0001 61 03", 0x81},
    {"SUBSCRIBE reserved options", Version::k311, "82 06 0001 0001 61 04", 0x81},
    {"SUBSCRIBE reserved options v5", Version::k5, "82 07 0001 00 0001 61 40", 0x81},
    {"SUBSCRIBE retain handling 3", Version::k5, "82 07 0001 00 0001 61 30", 0x82},
    {"subscription identifier 0", Version::k5, "82 09 0001 02 0b00 0001 61 00", 0x82},
    {"no local on shared", Version::k5, "82 10 0001 00 000a 2473686172652f672f61 04", 0x82},
    {"UNSUBSCRIBE id 0", Version::k311, "a2 05 0000 0001 61", 0x82},
    {"UNSUBSCRIBE without filter", Version::k311, "a2 02 0001", 0x82},
    {"UNSUBSCRIBE filter cut", Version::k311, "a2 05 0001 0002 61", 0x81},
    {"PINGREQ with a body", Version::k311, "c0 01 00", 0x81},
    {"DISCONNECT with a body in 3.1.1", Version::k311, "e0 01 00", 0x81},
    {"DISCONNECT with trailing bytes", Version::k5, "e0 03 00 00 00", 0x81},
    {"CONNACK reserved flags", Version::k311, "20 02 02 00", 0x81},
    {"CONNACK cut", Version::k311, "20 01 00", 0x81},
};

TEST(Decode, RefusesBadPacketsWithTheRightReason) {
  for (const BadPacket& bad : kBadPackets) {
    const PacketError error = DecodeAny(Parse(Hex(bad.bytes)), bad.version);
    EXPECT_EQ(static_cast<int>(error.code), bad.reason) << bad.what << ": " << error.what;
    EXPECT_FALSE(error.what.empty()) << bad.what;
  }
}

std::vector<std::string> SamplePackets(Version version) {
  std::vector<std::string> samples;
  auto add = [&](auto encode) { encode(samples.emplace_back()); };
  Connect connect;
  connect.version = version;
  connect.client_id = "client";
  connect.username = "user";
  connect.password = "password";
  connect.will.emplace();
  connect.will->topic = "will";
  connect.will->payload = "payload";
  Ack ack;
  ack.packet_id = 1;
  ack.reason = ReasonCode::kNotAuthorized;
  Disconnect disconnect;
  disconnect.reason = ReasonCode::kServerShuttingDown;
  Connack connack;
  if (version == Version::k5) {
    connect.properties.Set(Property::kReceiveMaximum, 3);
    connect.properties.AddUser("name", "value");
    ack.properties.Set(Property::kReasonString, "reason");
    disconnect.properties.Set(Property::kReasonString, "reason");
    connack.properties.Set(Property::kMaximumPacketSize, 3);
  }
  add([&](std::string& out) { Encode(connect, out); });
  add([&](std::string& out) { Encode(connack, version, out); });
  add([&](std::string& out) { out = test::SubscribePacket(version, 4, "a/+/b", 1); });
  add([&](std::string& out) { out = test::PublishPacket(version, "a/b", "payload", 1, 4); });
  add([&](std::string& out) { Encode(PacketType::kPuback, ack, version, out); });
  add([&](std::string& out) { Encode(PacketType::kDisconnect, disconnect, version, out); });
  add([&](std::string& out) { Encode(Unsubscribe{4, {"a", "b"}, {}}, version, out); });
  add([&](std::string& out) {
    Encode(PacketType::kSuback, Suback{4, {ReasonCode::kSuccess}, {}}, version, out);
  });
  return samples;
}

// Cuts every sample at every byte and hands the rest to the decoder as if it were a whole packet.
// The copy is exactly as long as the input, so that a sanitizer sees any read beyond it.
TEST(Decode, SurvivesTruncationAtEveryByte) {
  for (const Version version : {Version::k311, Version::k5}) {
    for (const std::string& sample : SamplePackets(version)) {
      ASSERT_FALSE(DecodeAny(Parse(sample), version)) << ToHex(sample);
      for (size_t length = 0; length + 2 < sample.size(); ++length) {
        const std::vector<char> body(sample.begin() + 2,
                                     sample.begin() + 2 + static_cast<ptrdiff_t>(length));
        Frame frame = Parse(sample);
        frame.body = std::string_view(body.data(), body.size());
        const PacketError error = DecodeAny(frame, version);
        // Only what may be left out at the end may be cut off without notice.
        const bool optional_end =
            frame.type == PacketType::kPublish || frame.type == PacketType::kPuback ||
            frame.type == PacketType::kDisconnect || frame.type == PacketType::kUnsubscribe;
        EXPECT_TRUE(error || optional_end) << ToHex(sample) << " cut to " << length;
      }
    }
  }
}

}  // namespace
}  // namespace energy::mqtt
