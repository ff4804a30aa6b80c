#include "mqtt/packets.h"
#include "mqtt/reader.h"
#include "mqtt/topic.h"

namespace energy::mqtt {
namespace {

// Flags that the standard fixes (§2.1.3, table 2-2); PUBLISH has its own.
bool HasValidFlags(PacketType type, unsigned flags) {
  switch (type) {
    case PacketType::kPublish:
      return true;
    case PacketType::kPubrel:
    case PacketType::kSubscribe:
    case PacketType::kUnsubscribe:
      return flags == 2;
    default:
      return flags == 0;
  }
}

PacketError DecodePacketId(Reader& in, uint16_t& packet_id) {
  packet_id = in.U16();
  if (in.failed()) return Malformed("packet is truncated");
  if (packet_id == 0) return ProtocolError("packet identifier 0");
  return {};
}

PacketError DecodeProperties(Reader& in, Version version, PacketType type, Properties& out) {
  if (version == Version::k5) return out.Decode(in, type);
  out.Clear();
  return {};
}

}  // namespace

FrameStatus ParseFrame(std::string_view input, size_t max_size, Frame& frame, size_t& size) {
  size = 0;
  if (input.empty()) return FrameStatus::kIncomplete;
  const auto first = static_cast<uint8_t>(input[0]);
  frame.type = static_cast<PacketType>(first >> 4U);
  frame.flags = first & 0x0FU;
  if (first >> 4U == 0 || !HasValidFlags(frame.type, frame.flags)) return FrameStatus::kMalformed;
  size_t length = 0;
  for (size_t i = 1; i < 5; ++i) {
    if (i >= input.size()) return FrameStatus::kIncomplete;
    const auto byte = static_cast<uint8_t>(input[i]);
    length |= static_cast<size_t>(byte & 0x7FU) << (7 * (i - 1));
    if ((byte & 0x80U) != 0) continue;
    if (byte == 0 && i > 1) return FrameStatus::kMalformed;  // not the shortest form [MQTT-1.5.5-1]
    size = 1 + i + length;
    if (size > max_size) return FrameStatus::kTooLarge;
    if (input.size() < size) return FrameStatus::kIncomplete;
    frame.body = input.substr(1 + i, length);
    return FrameStatus::kComplete;
  }
  return FrameStatus::kMalformed;
}

PacketError Decode(const Frame& frame, Version version, Connack& out) {
  Reader in(frame.body);
  const uint8_t flags = in.U8();
  const uint8_t code = in.U8();
  if (in.failed()) return Malformed("CONNACK is truncated");
  if ((flags & 0xFEU) != 0) return Malformed("reserved CONNACK flags are set");
  out.session_present = flags != 0;
  out.reason = version == Version::k5 ? static_cast<ReasonCode>(code) : ToReasonCode(code);
  if (auto error = DecodeProperties(in, version, frame.type, out.properties)) return error;
  return in.empty() ? PacketError{} : Malformed("bytes after the end of CONNACK");
}

PacketError Decode(const Frame& frame, Version version, Publish& out) {
  out.retain = (frame.flags & 1U) != 0;
  out.qos = frame.flags >> 1U & 3U;
  out.dup = (frame.flags & 8U) != 0;
  if (out.qos == 3) return Malformed("QoS 3");
  if (out.qos == 0 && out.dup) return Malformed("DUP on a QoS 0 message");
  Reader in(frame.body);
  out.topic = in.Utf8();
  if (in.failed()) return Malformed("topic name is truncated or not UTF-8");
  out.packet_id = 0;
  if (out.qos > 0) {
    if (auto error = DecodePacketId(in, out.packet_id)) return error;
  }
  if (auto error = DecodeProperties(in, version, frame.type, out.properties)) return error;
  out.payload = in.rest();
  if (out.topic.empty()) {
    // With an alias the topic may be left out (§3.3.2.3.4).
    if (out.properties.Has(Property::kTopicAlias)) return {};
    return ProtocolError("topic name is empty");
  }
  if (CheckTopicName(out.topic) != TopicCheck::kOk) {
    return {ReasonCode::kTopicNameInvalid, "topic name has a wildcard or too many levels"};
  }
  if (out.properties.Has(Property::kResponseTopic) &&
      CheckTopicName(out.properties.Text(Property::kResponseTopic)) != TopicCheck::kOk) {
    return ProtocolError("response topic is not a topic name");
  }
  return {};
}

PacketError Decode(const Frame& frame, Version version, Ack& out) {
  Reader in(frame.body);
  out.reason = ReasonCode::kSuccess;
  out.properties.Clear();
  if (auto error = DecodePacketId(in, out.packet_id)) return error;
  if (version == Version::k5 && !in.empty()) {
    out.reason = static_cast<ReasonCode>(in.U8());
    if (!in.empty()) {
      if (auto error = out.properties.Decode(in, frame.type)) return error;
    }
  }
  return in.empty() ? PacketError{} : Malformed("bytes after the end of an acknowledgement");
}

PacketError Decode(const Frame& frame, Version version, Subscribe& out) {
  Reader in(frame.body);
  out.filters.clear();
  if (auto error = DecodePacketId(in, out.packet_id)) return error;
  if (auto error = DecodeProperties(in, version, frame.type, out.properties)) return error;
  if (in.empty()) return ProtocolError("SUBSCRIBE without a topic filter");
  while (!in.empty()) {
    SubscribeFilter& entry = out.filters.emplace_back();
    entry.filter = in.Utf8();
    const uint8_t options = in.U8();
    if (in.failed()) return Malformed("topic filter is truncated or not UTF-8");
    const unsigned reserved = version == Version::k5 ? 0xC0U : 0xFCU;
    if ((options & reserved) != 0) return Malformed("reserved subscription options are set");
    entry.qos = options & 3U;
    if (entry.qos == 3) return Malformed("QoS 3");
    entry.no_local = (options & 4U) != 0;
    entry.retain_as_published = (options & 8U) != 0;
    const unsigned handling = options >> 4U & 3U;
    if (handling == 3) return ProtocolError("retain handling 3");
    entry.retain_handling = static_cast<RetainHandling>(handling);
    if (entry.no_local && IsSharedFilter(entry.filter)) {
      return ProtocolError("no local on a shared subscription");
    }
  }
  return {};
}

PacketError Decode(const Frame& frame, Version version, Suback& out) {
  Reader in(frame.body);
  out.reasons.clear();
  if (auto error = DecodePacketId(in, out.packet_id)) return error;
  if (auto error = DecodeProperties(in, version, frame.type, out.properties)) return error;
  for (const char code : in.rest()) {
    out.reasons.push_back(static_cast<ReasonCode>(static_cast<uint8_t>(code)));
  }
  if (frame.type == PacketType::kUnsuback && version == Version::k311) {
    return in.empty() ? PacketError{} : Malformed("bytes after the end of UNSUBACK");
  }
  return out.reasons.empty() ? ProtocolError("acknowledgement without reason codes")
                             : PacketError{};
}

PacketError Decode(const Frame& frame, Version version, Unsubscribe& out) {
  Reader in(frame.body);
  out.filters.clear();
  if (auto error = DecodePacketId(in, out.packet_id)) return error;
  if (auto error = DecodeProperties(in, version, frame.type, out.properties)) return error;
  if (in.empty()) return ProtocolError("UNSUBSCRIBE without a topic filter");
  while (!in.empty()) {
    out.filters.push_back(in.Utf8());
    if (in.failed()) return Malformed("topic filter is truncated or not UTF-8");
  }
  return {};
}

PacketError Decode(const Frame& frame, Version version, Disconnect& out) {
  out.reason = ReasonCode::kSuccess;
  out.properties.Clear();
  Reader in(frame.body);
  if (version == Version::k5 && !in.empty()) {
    out.reason = static_cast<ReasonCode>(in.U8());
    if (!in.empty()) {
      if (auto error = out.properties.Decode(in, frame.type)) return error;
    }
  }
  return in.empty() ? PacketError{} : Malformed("bytes after the end of DISCONNECT or AUTH");
}

PacketError DecodeEmpty(const Frame& frame) {
  return frame.body.empty() ? PacketError{} : Malformed("a packet that must be empty is not");
}

}  // namespace energy::mqtt
