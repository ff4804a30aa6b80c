#include <gtest/gtest.h>

#include "mqtt/packets.h"
#include "mqtt/test_packets.h"

/// What packets must not be, and what no packet may do to the decoder.
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
