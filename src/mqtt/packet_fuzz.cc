#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "mqtt/packets.h"
#include "mqtt/topic.h"

using namespace energy::mqtt;  // NOLINT: the only code here is the target

namespace {

void Check(bool holds) {
  if (!holds) std::abort();
}

// What decodes must encode, and decode to the same again.
template <class Packet, class EncodeFunction, class DecodeFunction>
void RoundTrip(const Packet& packet, EncodeFunction encode, DecodeFunction decode) {
  std::string bytes;
  encode(packet, bytes);
  Frame frame;
  size_t size = 0;
  Check(ParseFrame(bytes, SIZE_MAX, frame, size) == FrameStatus::kComplete && size == bytes.size());
  Packet again;
  Check(!decode(frame, again));
  std::string bytes_again;
  encode(again, bytes_again);
  Check(bytes == bytes_again);
}

template <class Packet>
void TryPacket(const Frame& frame, Version version) {
  Packet packet;
  if (Decode(frame, version, packet)) return;
  RoundTrip(
      packet,
      [&](const Packet& p, std::string& out) {
        if constexpr (std::is_same_v<Packet, Ack> || std::is_same_v<Packet, Suback> ||
                      std::is_same_v<Packet, Disconnect>) {
          Encode(frame.type, p, version, out);
        } else {
          Encode(p, version, out);
        }
      },
      [&](const Frame& f, Packet& p) { return Decode(f, version, p); });
}

void TryFrame(const Frame& frame, Version version) {
  switch (frame.type) {
    case PacketType::kConnect: {
      Connect packet;
      if (Decode(frame, packet)) return;
      return RoundTrip(
          packet, [](const Connect& p, std::string& out) { Encode(p, out); },
          [](const Frame& f, Connect& p) { return Decode(f, p); });
    }
    case PacketType::kConnack: {
      Connack packet;
      (void)Decode(frame, version, packet);  // return codes above 5 do not survive the round trip
      return;
    }
    case PacketType::kPublish:
      return TryPacket<Publish>(frame, version);
    case PacketType::kPuback:
    case PacketType::kPubrec:
    case PacketType::kPubrel:
    case PacketType::kPubcomp:
      return TryPacket<Ack>(frame, version);
    case PacketType::kSubscribe:
      return TryPacket<Subscribe>(frame, version);
    case PacketType::kSuback:
    case PacketType::kUnsuback:
      return TryPacket<Suback>(frame, version);
    case PacketType::kUnsubscribe:
      return TryPacket<Unsubscribe>(frame, version);
    case PacketType::kDisconnect:
    case PacketType::kAuth:
      return TryPacket<Disconnect>(frame, version);
    default:
      (void)DecodeEmpty(frame);
  }
}

}  // namespace

// The first byte chooses the version, the rest is a stream of packets.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  const Version version = (data[0] & 1U) != 0 ? Version::k5 : Version::k311;
  std::string_view stream(reinterpret_cast<const char*>(data) + 1, size - 1);
  Frame frame;
  size_t length = 0;
  while (ParseFrame(stream, 1 << 20, frame, length) == FrameStatus::kComplete) {
    TryFrame(frame, version);
    stream.remove_prefix(length);
  }
  return 0;
}
