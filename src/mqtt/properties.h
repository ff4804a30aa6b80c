#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "mqtt/reader.h"
#include "mqtt/reason_code.h"

namespace energy::mqtt {

/// Control packet types (§2.1.2). On the wire: never renumber.
enum class PacketType : uint8_t {
  kConnect = 1,
  kConnack = 2,
  kPublish = 3,
  kPuback = 4,
  kPubrec = 5,
  kPubrel = 6,
  kPubcomp = 7,
  kSubscribe = 8,
  kSuback = 9,
  kUnsubscribe = 10,
  kUnsuback = 11,
  kPingreq = 12,
  kPingresp = 13,
  kDisconnect = 14,
  kAuth = 15,
};

/// Properties of MQTT 5 (§2.2.2.2). On the wire: never renumber.
enum class Property : uint8_t {
  kPayloadFormatIndicator = 1,
  kMessageExpiryInterval = 2,
  kContentType = 3,
  kResponseTopic = 8,
  kCorrelationData = 9,
  kSubscriptionIdentifier = 11,
  kSessionExpiryInterval = 17,
  kAssignedClientIdentifier = 18,
  kServerKeepAlive = 19,
  kAuthenticationMethod = 21,
  kAuthenticationData = 22,
  kRequestProblemInformation = 23,
  kWillDelayInterval = 24,
  kRequestResponseInformation = 25,
  kResponseInformation = 26,
  kServerReference = 28,
  kReasonString = 31,
  kReceiveMaximum = 33,
  kTopicAliasMaximum = 34,
  kTopicAlias = 35,
  kMaximumQos = 36,
  kRetainAvailable = 37,
  kUserProperty = 38,
  kMaximumPacketSize = 39,
  kWildcardSubscriptionAvailable = 40,
  kSubscriptionIdentifierAvailable = 41,
  kSharedSubscriptionAvailable = 42,
};

/// Where a property list stands: in a packet of that type, or in the will of a CONNECT.
enum class PropertyPlace : uint8_t { kWill = 0, kPacket = 1 };

/// The properties of one packet. Text refers to the bytes it was decoded from.
class Properties {
 public:
  void Clear() {
    present_ = 0;
    user_.clear();
    raw_ = {};
  }
  bool empty() const { return present_ == 0; }
  bool Has(Property id) const { return (present_ >> Index(id) & 1U) != 0; }

  /// The value of an integer property, `otherwise` when it is absent.
  uint32_t Number(Property id, uint32_t otherwise = 0) const {
    return Has(id) ? numbers_[Index(id)] : otherwise;
  }
  /// The value of a text or binary property; empty when it is absent.
  std::string_view Text(Property id) const {
    return Has(id) ? texts_[Index(id)] : std::string_view();
  }
  const std::vector<std::pair<std::string_view, std::string_view>>& user() const { return user_; }
  /// The encoded list without its length, as it was received. Empty unless decoded.
  std::string_view raw() const { return raw_; }

  void Set(Property id, uint32_t value) {
    numbers_[Index(id)] = value;
    present_ |= uint64_t{1} << Index(id);
  }
  void Set(Property id, std::string_view value) {
    texts_[Index(id)] = value;
    present_ |= uint64_t{1} << Index(id);
  }
  void Remove(Property id) { present_ &= ~(uint64_t{1} << Index(id)); }
  void AddUser(std::string_view name, std::string_view value) {
    user_.emplace_back(name, value);
    present_ |= uint64_t{1} << Index(Property::kUserProperty);
  }

  /// Reads a property list with its length. Errors: kMalformedPacket: truncated, unknown property,
  /// or one that this packet must not have; kProtocolError: a duplicate or a value out of range.
  PacketError Decode(Reader& in, PacketType packet, PropertyPlace place = PropertyPlace::kPacket);

  /// Bytes of the list without its length.
  size_t EncodedSize() const;
  /// Appends the list with its length.
  void Encode(std::string& out) const;
  /// Appends the list alone.
  void EncodeList(std::string& out) const;

 private:
  static constexpr size_t kIds = 43;
  static size_t Index(Property id) { return static_cast<size_t>(id); }
  PacketError DecodeOne(Reader& in, unsigned place_bit);

  uint64_t present_ = 0;  // bit per property id
  std::array<uint32_t, kIds> numbers_{};
  std::array<std::string_view, kIds> texts_;
  std::vector<std::pair<std::string_view, std::string_view>> user_;
  std::string_view raw_;
};

/// Offset of the four bytes of the Message Expiry Interval within an encoded, valid list (without
/// length), or npos. For a broker that passes the list on and counts the interval down.
size_t FindMessageExpiry(std::string_view raw);

}  // namespace energy::mqtt
