#include "mqtt/packets.h"
#include "mqtt/reader.h"
#include "mqtt/topic.h"

namespace energy::mqtt {
namespace {

struct ConnectFlags {
  bool clean_start, will, will_retain, password, username;
  uint8_t will_qos;
};

PacketError DecodeFlags(uint8_t bits, Version version, ConnectFlags& out) {
  if ((bits & 1U) != 0) return Malformed("reserved connect flag is set");  // [MQTT-3.1.2-3]
  out.clean_start = (bits & 2U) != 0;
  out.will = (bits & 4U) != 0;
  out.will_qos = bits >> 3U & 3U;
  out.will_retain = (bits & 0x20U) != 0;
  out.password = (bits & 0x40U) != 0;
  out.username = (bits & 0x80U) != 0;
  if (out.will_qos == 3) return Malformed("will QoS 3");
  if (!out.will && (out.will_qos != 0 || out.will_retain)) {
    return Malformed("will QoS or will retain without a will");
  }
  if (version == Version::k311 && out.password && !out.username) {
    return Malformed("password without a user name");  // 3.1.1 [MQTT-3.1.2-22]
  }
  return {};
}

// Unknown protocols are told apart from unknown versions: the former are not MQTT at all.
PacketError DecodeProtocol(Reader& in, Connect& out) {
  const std::string_view protocol = in.Utf8();
  out.level = in.U8();
  if (in.failed()) return Malformed("CONNECT is truncated");
  const bool known = protocol == "MQTT" && (out.level == 4 || out.level == 5);
  if (!known) {
    out.version = protocol == "MQTT" && out.level > 5 ? Version::k5 : Version::k311;
    if (protocol != "MQTT" && protocol != "MQIsdp") {
      out.version = out.level == 5 ? Version::k5 : Version::k311;
    }
    return {ReasonCode::kUnsupportedProtocolVersion, "protocol is neither MQTT 3.1.1 nor MQTT 5.0"};
  }
  out.version = static_cast<Version>(out.level);
  return {};
}

PacketError CheckProperties(const Properties& properties) {
  if (properties.Has(Property::kAuthenticationData) &&
      !properties.Has(Property::kAuthenticationMethod)) {
    return ProtocolError("authentication data without a method");
  }
  return {};
}

PacketError DecodeWill(Reader& in, Version version, const ConnectFlags& flags, Will& out) {
  out.qos = flags.will_qos;
  out.retain = flags.will_retain;
  out.properties.Clear();
  if (version == Version::k5) {
    if (auto error = out.properties.Decode(in, PacketType::kConnect, PropertyPlace::kWill)) {
      return error;
    }
  }
  out.topic = in.Utf8();
  out.payload = in.Binary();
  if (in.failed()) return Malformed("will is truncated or its topic is not UTF-8");
  if (CheckTopicName(out.topic) != TopicCheck::kOk) {
    return {ReasonCode::kTopicNameInvalid, "will topic has a wildcard or too many levels"};
  }
  if (out.properties.Has(Property::kResponseTopic) &&
      CheckTopicName(out.properties.Text(Property::kResponseTopic)) != TopicCheck::kOk) {
    return ProtocolError("response topic of the will is not a topic name");  // [MQTT-3.3.2-14]
  }
  return {};
}

}  // namespace

PacketError Decode(const Frame& frame, Connect& out) {
  Reader in(frame.body);
  if (auto error = DecodeProtocol(in, out)) return error;
  ConnectFlags flags{};
  const uint8_t bits = in.U8();
  out.keep_alive_s = in.U16();
  if (in.failed()) return Malformed("CONNECT is truncated");
  if (auto error = DecodeFlags(bits, out.version, flags)) return error;
  out.clean_start = flags.clean_start;
  out.properties.Clear();
  if (out.version == Version::k5) {
    if (auto error = out.properties.Decode(in, PacketType::kConnect)) return error;
    if (auto error = CheckProperties(out.properties)) return error;
  }
  out.client_id = in.Utf8();
  if (in.failed()) return Malformed("client identifier is truncated or not UTF-8");
  out.will.reset();
  if (flags.will) {
    if (auto error = DecodeWill(in, out.version, flags, out.will.emplace())) return error;
  }
  out.username.reset();
  out.password.reset();
  if (flags.username) out.username = in.Utf8();
  if (flags.password) out.password = in.Binary();
  if (in.failed()) return Malformed("user name or password is truncated or not UTF-8");
  return in.empty() ? PacketError{} : Malformed("bytes after the end of CONNECT");
}

}  // namespace energy::mqtt
