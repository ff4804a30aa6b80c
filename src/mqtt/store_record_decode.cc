#include <algorithm>
#include <utility>

#include "mqtt/crc32.h"
#include "mqtt/reader.h"
#include "mqtt/store_record.h"
#include "mqtt/store_record_kinds.h"
#include "mqtt/topic.h"
#include "mqtt/writer.h"

namespace energy::mqtt {

using record::Kind;

namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr uint32_t kMaxRecordBytes = 64 << 20;

uint64_t U64(Reader& in) {
  const uint64_t high = in.U32();
  return high << 32 | in.U32();
}

base::Timestamp Time(Reader& in) {
  constexpr uint64_t kLatest = uint64_t{1} << 42;  // the year 2109
  return base::Timestamp(milliseconds(static_cast<int64_t>(std::min(U64(in), kLatest))));
}

MessagePtr DecodeMessage(Reader& in, const StoreTime& now) {
  const uint8_t qos = in.U8();
  const uint64_t expires_ms = U64(in);
  const std::string_view topic = in.Utf8();
  const std::string_view properties = in.Bytes(in.U32());
  const std::string_view payload = in.Bytes(in.U32());
  constexpr uint64_t kLatest = uint64_t{1} << 42;  // the year 2109
  if (in.failed() || qos > 1 || expires_ms > kLatest) return nullptr;
  if (CheckTopicName(topic) != TopicCheck::kOk) return nullptr;
  std::optional<seconds> expiry;
  Message::TimePoint base = now.steady;
  if (expires_ms != 0) {
    // Message takes whole seconds from a moment: the rest of a second goes into the moment.
    const milliseconds left(static_cast<int64_t>(expires_ms) - record::WallMilliseconds(now.wall));
    expiry = std::chrono::floor<seconds>(left);
    base += left - *expiry;
  }
  return std::make_shared<const Message>(topic, payload, properties, expiry, base, qos);
}

bool DecodeWill(Reader& in, WillDelayed& c) {
  c.due = Time(in);
  const uint8_t bits = in.U8();
  auto will = std::make_shared<StoredWill>();
  will->qos = (bits & record::kQosBit) != 0 ? 1 : 0;
  will->retain = (bits & record::kRetainBit) != 0;
  will->client_id = in.Utf8();
  will->user = in.Utf8();
  will->topic = in.Utf8();
  will->properties = in.Bytes(in.U32());
  will->payload = in.Bytes(in.U32());
  if (in.failed() || CheckTopicName(will->topic) != TopicCheck::kOk) return false;
  c.will = std::move(will);
  return true;
}

bool DecodeSubscribed(Reader& in, Subscribed& c) {
  const uint8_t bits = in.U8();
  c.options.qos = (bits & record::kQosBit) != 0 ? 1 : 0;
  c.options.no_local = (bits & record::kNoLocalBit) != 0;
  c.options.retain_as_published = (bits & record::kAsPublishedBit) != 0;
  c.options.id = in.U32();
  c.filter = in.Utf8();
  return !in.failed() && c.options.id <= kMaxVarInt &&
         CheckSubscription(c.filter) == TopicCheck::kOk;
}

bool DecodeQueued(Reader& in, const StoreTime& now, MessageQueued& c) {
  c.message = DecodeMessage(in, now);
  if (!c.message) return false;
  const uint32_t count = in.U32();
  for (uint32_t i = 0; i < count && !in.failed(); ++i) {
    StoredTarget& target = c.targets.emplace_back();
    target.session = U64(in);
    const uint8_t bits = in.U8();
    target.qos = (bits & record::kQosBit) != 0 ? 1 : 0;
    target.retain = (bits & record::kRetainBit) != 0;
    target.sent_before = (bits & record::kSentBit) != 0;
    const uint16_t ids = in.U16();
    for (uint16_t k = 0; k < ids && !in.failed(); ++k) {
      const uint32_t id = in.U32();
      if (id == 0 || id > kMaxVarInt) return false;
      target.subscription_ids.push_back(id);
    }
  }
  return !in.failed();
}

bool DecodeBody(std::string_view body, const StoreTime& now, Change& change) {
  Reader in(body);
  const auto kind = static_cast<Kind>(in.U8());
  if (kind == Kind::kRetainedSet) {
    RetainedSet c{DecodeMessage(in, now)};
    if (!c.message) return false;
    change = std::move(c);
    return in.empty();
  }
  const uint64_t number = U64(in);
  // Numbers grow from 1; one near the end of the range cannot be right.
  if (in.failed() || number == 0 || number > uint64_t{1} << 62) return false;
  switch (kind) {
    case Kind::kSessionBegun: {
      SessionBegun c{number, {}, {}, in.U32()};
      c.client_id = in.Utf8();
      c.owner = in.Utf8();
      change = std::move(c);
      break;
    }
    case Kind::kSessionResumed:
      change = SessionResumed{number, in.U32()};
      break;
    case Kind::kSessionLeft: {
      const uint32_t expiry_s = in.U32();
      change = SessionLeft{number, expiry_s, Time(in)};
      break;
    }
    case Kind::kSessionEnded:
      change = SessionEnded{number};
      break;
    case Kind::kSubscribed: {
      Subscribed c{number, {}, {}};
      if (!DecodeSubscribed(in, c)) return false;
      change = std::move(c);
      break;
    }
    case Kind::kUnsubscribed:
      change = Unsubscribed{number, std::string(in.Utf8())};
      break;
    case Kind::kMessageQueued: {
      MessageQueued c{number, nullptr, {}};
      if (!DecodeQueued(in, now, c)) return false;
      change = std::move(c);
      break;
    }
    case Kind::kMessageFinished:
      change = MessageFinished{number, U64(in)};
      break;
    case Kind::kWillDelayed: {
      WillDelayed c{number, {}, nullptr};
      if (!DecodeWill(in, c)) return false;
      change = std::move(c);
      break;
    }
    case Kind::kWillPublished:
      change = WillPublished{number, Time(in)};
      break;
    default:
      return false;
  }
  return !in.failed() && in.empty();
}

}  // namespace

RecordStatus DecodeStoreRecord(std::string_view input, const StoreTime& now, Change& change,
                               size_t& size) {
  size = input.size();
  if (input.empty()) return RecordStatus::kEnd;
  if (input.size() < record::kHeaderBytes) return RecordStatus::kTorn;
  Reader header(input.substr(0, record::kHeaderBytes));
  const uint32_t length = header.U32();
  const uint32_t checksum = header.U32();
  if (length > kMaxRecordBytes) return RecordStatus::kDamaged;
  if (input.size() - record::kHeaderBytes < length) return RecordStatus::kTorn;
  size = record::kHeaderBytes + length;
  const std::string_view body = input.substr(record::kHeaderBytes, length);
  if (Crc32c(body) != checksum || !DecodeBody(body, now, change)) return RecordStatus::kDamaged;
  return RecordStatus::kOk;
}

}  // namespace energy::mqtt
