#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "mqtt/properties.h"
#include "mqtt/reason_code.h"

/// The control packets of MQTT 3.1.1 and 5.0 as values, and their coding. Section numbers refer to
/// the OASIS standard MQTT 5.0; where 3.1.1 differs the comment says so.
///
/// Decoded text and bytes are views into the input. Decoders never throw and never read outside the
/// input; a decoder's result is meaningless when it returned an error. Threads: pure; safe
/// anywhere.
namespace energy::mqtt {

/// On the wire as the protocol level: never renumber.
enum class Version : uint8_t { k311 = 4, k5 = 5 };

/// One packet cut out of a byte stream.
struct Frame {
  PacketType type{};
  uint8_t flags = 0;      ///< low four bits of the first byte
  std::string_view body;  ///< what the remaining length counts
};

enum class FrameStatus : uint8_t {
  kComplete,
  kIncomplete,
  kMalformed,  ///< packet type 0, reserved flags, or a remaining length of five bytes
  kTooLarge,
};

/// Cuts the first packet off `input`. `size` becomes the packet's total size as soon as the fixed
/// header tells it, else 0. `max_size` limits that total.
FrameStatus ParseFrame(std::string_view input, size_t max_size, Frame& frame, size_t& size);

struct Will {
  std::string_view topic;
  std::string_view payload;
  uint8_t qos = 0;
  bool retain = false;
  Properties properties;
};

struct Connect {
  uint8_t level = 0;  ///< as sent, so that an unknown one can be answered
  Version version = Version::k311;
  bool clean_start = true;  ///< 3.1.1: clean session
  uint16_t keep_alive_s = 0;
  std::string_view client_id;
  std::optional<std::string_view> username;
  std::optional<std::string_view> password;
  std::optional<Will> will;
  Properties properties;
};

struct Connack {
  bool session_present = false;
  ReasonCode reason = ReasonCode::kSuccess;  ///< 3.1.1: coded as the return code that says the same
  Properties properties;
};

struct Publish {
  std::string_view topic;
  std::string_view payload;
  uint16_t packet_id = 0;  ///< 0 for QoS 0
  uint8_t qos = 0;
  bool retain = false;
  bool dup = false;
  Properties properties;
};

/// PUBACK, PUBREC, PUBREL and PUBCOMP.
struct Ack {
  uint16_t packet_id = 0;
  ReasonCode reason = ReasonCode::kSuccess;
  Properties properties;
};

enum class RetainHandling : uint8_t { kSend = 0, kSendIfNew = 1, kDontSend = 2 };

struct SubscribeFilter {
  std::string_view filter;  ///< UTF-8, not yet checked with CheckTopicFilter
  uint8_t qos = 0;
  bool no_local = false;  ///< 5.0 only, as are the next two
  bool retain_as_published = false;
  RetainHandling retain_handling = RetainHandling::kSend;
};

struct Subscribe {
  uint16_t packet_id = 0;
  std::vector<SubscribeFilter> filters;
  Properties properties;
};

/// SUBACK and UNSUBACK. UNSUBACK of 3.1.1 has no reasons.
struct Suback {
  uint16_t packet_id = 0;
  std::vector<ReasonCode> reasons;
  Properties properties;
};

struct Unsubscribe {
  uint16_t packet_id = 0;
  std::vector<std::string_view> filters;  ///< UTF-8, not yet checked with CheckTopicFilter
  Properties properties;
};

/// DISCONNECT and AUTH.
struct Disconnect {
  ReasonCode reason = ReasonCode::kSuccess;
  Properties properties;
};

// Decoders. Errors carry the reason code to answer with.
PacketError Decode(const Frame& frame, Connect& out);
PacketError Decode(const Frame& frame, Version version, Connack& out);
PacketError Decode(const Frame& frame, Version version, Publish& out);
PacketError Decode(const Frame& frame, Version version, Ack& out);
PacketError Decode(const Frame& frame, Version version, Subscribe& out);
PacketError Decode(const Frame& frame, Version version, Suback& out);
PacketError Decode(const Frame& frame, Version version, Unsubscribe& out);
PacketError Decode(const Frame& frame, Version version, Disconnect& out);
/// PINGREQ and PINGRESP, which carry nothing.
PacketError DecodeEmpty(const Frame& frame);

// Encoders append to `out`.
void Encode(const Connect& packet, std::string& out);
void Encode(const Connack& packet, Version version, std::string& out);
void Encode(const Publish& packet, Version version, std::string& out);
void Encode(PacketType type, const Ack& packet, Version version, std::string& out);
void Encode(const Subscribe& packet, Version version, std::string& out);
void Encode(PacketType type, const Suback& packet, Version version, std::string& out);
void Encode(const Unsubscribe& packet, Version version, std::string& out);
void Encode(PacketType type, const Disconnect& packet, Version version, std::string& out);
void EncodePing(PacketType type, std::string& out);

/// The start of a PUBLISH up to where the properties or the payload follow: fixed header, topic,
/// packet id. `rest_size` is the size of what the caller appends (in 5.0 with the property length).
void EncodePublishHead(std::string_view topic, uint8_t qos, bool retain, bool dup,
                       uint16_t packet_id, size_t rest_size, std::string& out);

}  // namespace energy::mqtt
