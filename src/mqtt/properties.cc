#include "mqtt/properties.h"

#include "mqtt/writer.h"

namespace energy::mqtt {
namespace {

enum class Type : uint8_t { kNone, kByte, kU16, kU32, kVarInt, kUtf8, kBinary, kPair };

struct Definition {
  Type type = Type::kNone;
  uint16_t places = 0;  // bit 0: will; bit n: packet of type n
  uint32_t lowest = 0;  // bounds of an integer; outside is a protocol error
  uint32_t highest = UINT32_MAX;
};

constexpr uint16_t In(PacketType type) {
  return static_cast<uint16_t>(1U << static_cast<unsigned>(type));
}

constexpr uint16_t kWill = 1;
constexpr uint16_t kConnect = In(PacketType::kConnect);
constexpr uint16_t kConnack = In(PacketType::kConnack);
constexpr uint16_t kMessage = In(PacketType::kPublish) | kWill;
constexpr uint16_t kDisconnect = In(PacketType::kDisconnect);
constexpr uint16_t kAuth = In(PacketType::kAuth);
constexpr uint16_t kAcks = In(PacketType::kPuback) | In(PacketType::kPubrec) |
                           In(PacketType::kPubrel) | In(PacketType::kPubcomp) |
                           In(PacketType::kSuback) | In(PacketType::kUnsuback);
constexpr uint16_t kRequests = In(PacketType::kSubscribe) | In(PacketType::kUnsubscribe);

// §2.2.2.2, table 2-4, with the value ranges of the sections it refers to.
constexpr std::array<Definition, 43> MakeDefinitions() {
  std::array<Definition, 43> table{};
  auto set = [&table](Property id, Definition definition) {
    table[static_cast<size_t>(id)] = definition;
  };
  set(Property::kPayloadFormatIndicator, {Type::kByte, kMessage, 0, 1});
  set(Property::kMessageExpiryInterval, {Type::kU32, kMessage});
  set(Property::kContentType, {Type::kUtf8, kMessage});
  set(Property::kResponseTopic, {Type::kUtf8, kMessage});
  set(Property::kCorrelationData, {Type::kBinary, kMessage});
  set(Property::kSubscriptionIdentifier,
      {Type::kVarInt, static_cast<uint16_t>(In(PacketType::kPublish) | In(PacketType::kSubscribe)),
       1, kMaxVarInt});
  set(Property::kSessionExpiryInterval,
      {Type::kU32, static_cast<uint16_t>(kConnect | kConnack | kDisconnect)});
  set(Property::kAssignedClientIdentifier, {Type::kUtf8, kConnack});
  set(Property::kServerKeepAlive, {Type::kU16, kConnack});
  set(Property::kAuthenticationMethod,
      {Type::kUtf8, static_cast<uint16_t>(kConnect | kConnack | kAuth)});
  set(Property::kAuthenticationData,
      {Type::kBinary, static_cast<uint16_t>(kConnect | kConnack | kAuth)});
  set(Property::kRequestProblemInformation, {Type::kByte, kConnect, 0, 1});
  set(Property::kWillDelayInterval, {Type::kU32, kWill});
  set(Property::kRequestResponseInformation, {Type::kByte, kConnect, 0, 1});
  set(Property::kResponseInformation, {Type::kUtf8, kConnack});
  set(Property::kServerReference, {Type::kUtf8, static_cast<uint16_t>(kConnack | kDisconnect)});
  set(Property::kReasonString,
      {Type::kUtf8, static_cast<uint16_t>(kConnack | kAcks | kDisconnect | kAuth)});
  set(Property::kReceiveMaximum, {Type::kU16, static_cast<uint16_t>(kConnect | kConnack), 1});
  set(Property::kTopicAliasMaximum, {Type::kU16, static_cast<uint16_t>(kConnect | kConnack)});
  set(Property::kTopicAlias, {Type::kU16, In(PacketType::kPublish)});
  set(Property::kMaximumQos, {Type::kByte, kConnack, 0, 1});
  set(Property::kRetainAvailable, {Type::kByte, kConnack, 0, 1});
  set(Property::kUserProperty,
      {Type::kPair, static_cast<uint16_t>(kConnect | kConnack | kMessage | kAcks | kRequests |
                                          kDisconnect | kAuth)});
  set(Property::kMaximumPacketSize, {Type::kU32, static_cast<uint16_t>(kConnect | kConnack), 1});
  set(Property::kWildcardSubscriptionAvailable, {Type::kByte, kConnack, 0, 1});
  set(Property::kSubscriptionIdentifierAvailable, {Type::kByte, kConnack, 0, 1});
  set(Property::kSharedSubscriptionAvailable, {Type::kByte, kConnack, 0, 1});
  return table;
}

constexpr std::array<Definition, 43> kDefinitions = MakeDefinitions();

constexpr Definition Lookup(uint32_t id) {
  return id < kDefinitions.size() ? kDefinitions[id] : Definition{};
}

uint32_t ReadNumber(Reader& in, Type type) {
  switch (type) {
    case Type::kByte:
      return in.U8();
    case Type::kU16:
      return in.U16();
    case Type::kU32:
      return in.U32();
    default:
      return in.VarInt();
  }
}

}  // namespace

PacketError Properties::DecodeOne(Reader& in, unsigned place_bit) {
  const uint32_t number = in.VarInt();
  if (in.failed()) return Malformed("property list is truncated");
  const Definition definition = Lookup(number);
  if (definition.type == Type::kNone) return Malformed("unknown property");
  if ((definition.places >> place_bit & 1U) == 0) {
    return Malformed("property does not belong in this packet");
  }
  const auto id = static_cast<Property>(number);
  if (definition.type == Type::kPair) {
    const std::string_view name = in.Utf8();
    const std::string_view value = in.Utf8();
    if (in.failed()) return Malformed("user property is truncated or not UTF-8");
    AddUser(name, value);
    return {};
  }
  // A PUBLISH to a client may carry several subscription identifiers; the first one is kept.
  const bool repeatable = id == Property::kSubscriptionIdentifier &&
                          place_bit == static_cast<unsigned>(PacketType::kPublish);
  const bool duplicate = Has(id);
  if (duplicate && !repeatable) return ProtocolError("property occurs twice");

  if (definition.type == Type::kUtf8 || definition.type == Type::kBinary) {
    const std::string_view value = definition.type == Type::kUtf8 ? in.Utf8() : in.Binary();
    if (in.failed()) return Malformed("property is truncated or not UTF-8");
    Set(id, value);
    return {};
  }
  const uint32_t value = ReadNumber(in, definition.type);
  if (in.failed()) return Malformed("property is truncated");
  if (value < definition.lowest || value > definition.highest) {
    return ProtocolError("value of a property is out of range");
  }
  if (!duplicate) Set(id, value);
  return {};
}

PacketError Properties::Decode(Reader& in, PacketType packet, PropertyPlace place) {
  Clear();
  const uint32_t length = in.VarInt();
  const std::string_view list = in.Bytes(length);
  if (in.failed()) return Malformed("property list is truncated");
  if (list.empty()) return {};
  raw_ = list;
  const unsigned place_bit = place == PropertyPlace::kWill ? 0U : static_cast<unsigned>(packet);
  Reader reader(list);
  while (!reader.empty()) {
    if (const PacketError error = DecodeOne(reader, place_bit)) return error;
  }
  return {};
}

size_t Properties::EncodedSize() const {
  size_t size = 0;
  for (uint32_t id = 0; id < kIds; ++id) {
    if ((present_ >> id & 1U) == 0) continue;
    switch (kDefinitions[id].type) {
      case Type::kNone:
        break;
      case Type::kByte:
        size += 2;
        break;
      case Type::kU16:
        size += 3;
        break;
      case Type::kU32:
        size += 5;
        break;
      case Type::kVarInt:
        size += 1 + VarIntSize(numbers_[id]);
        break;
      case Type::kUtf8:
      case Type::kBinary:
        size += 3 + texts_[id].size();
        break;
      case Type::kPair:
        for (const auto& [name, value] : user_) size += 5 + name.size() + value.size();
        break;
    }
  }
  return size;
}

void Properties::Encode(std::string& out) const {
  Writer(out).VarInt(static_cast<uint32_t>(EncodedSize()));
  EncodeList(out);
}

void Properties::EncodeList(std::string& out) const {
  Writer writer(out);
  for (uint32_t id = 0; id < kIds; ++id) {
    if ((present_ >> id & 1U) == 0) continue;
    const Type type = kDefinitions[id].type;
    if (type == Type::kPair) {
      for (const auto& [name, value] : user_) {
        writer.U8(static_cast<uint8_t>(id));
        writer.Binary(name);
        writer.Binary(value);
      }
      continue;
    }
    writer.U8(static_cast<uint8_t>(id));
    switch (type) {
      case Type::kByte:
        writer.U8(static_cast<uint8_t>(numbers_[id]));
        break;
      case Type::kU16:
        writer.U16(static_cast<uint16_t>(numbers_[id]));
        break;
      case Type::kU32:
        writer.U32(numbers_[id]);
        break;
      case Type::kVarInt:
        writer.VarInt(numbers_[id]);
        break;
      default:
        writer.Binary(texts_[id]);
        break;
    }
  }
}

size_t FindMessageExpiry(std::string_view raw) {
  Reader in(raw);
  while (!in.empty() && !in.failed()) {
    const uint32_t id = in.VarInt();
    if (id == static_cast<uint32_t>(Property::kMessageExpiryInterval)) {
      return raw.size() - in.size();
    }
    switch (Lookup(id).type) {
      case Type::kNone:
        return std::string_view::npos;
      case Type::kPair:
        in.Binary();
        [[fallthrough]];
      case Type::kUtf8:
      case Type::kBinary:
        in.Binary();
        break;
      default:
        ReadNumber(in, Lookup(id).type);
        break;
    }
  }
  return std::string_view::npos;
}

}  // namespace energy::mqtt
