#include <utility>

#include "mqtt/crc32.h"
#include "mqtt/store_record.h"
#include "mqtt/store_record_kinds.h"
#include "mqtt/writer.h"

namespace energy::mqtt {

using record::Kind;
using record::WallMilliseconds;

namespace {

void U64(Writer& out, uint64_t value) {
  out.U32(static_cast<uint32_t>(value >> 32));
  out.U32(static_cast<uint32_t>(value));
}

void Long(Writer& out, std::string_view bytes) {
  out.U32(static_cast<uint32_t>(bytes.size()));
  out.Bytes(bytes);
}

void EncodeMessage(const Message& message, const StoreTime& now, Writer& out) {
  // 0: does not expire.
  uint64_t expires_ms = 0;
  if (message.expires()) {
    expires_ms = static_cast<uint64_t>(WallMilliseconds(
        now.wall +
        std::chrono::duration_cast<std::chrono::nanoseconds>(*message.expires() - now.steady)));
  }
  out.U8(message.qos());
  U64(out, expires_ms);
  out.Binary(message.topic());
  Long(out, message.properties());
  Long(out, message.payload());
}

void Time(Writer& out, base::Timestamp time) {
  U64(out, static_cast<uint64_t>(WallMilliseconds(time)));
}

struct Encoder {
  Writer& out;
  const StoreTime& now;

  void Head(Kind kind, uint64_t number) const {
    out.U8(static_cast<uint8_t>(kind));
    U64(out, number);
  }
  void operator()(const SessionBegun& c) const {
    Head(Kind::kSessionBegun, c.session);
    out.U32(c.expiry_s);
    out.Binary(c.client_id);
    out.Binary(c.owner);
  }
  void operator()(const SessionResumed& c) const {
    Head(Kind::kSessionResumed, c.session);
    out.U32(c.expiry_s);
  }
  void operator()(const SessionLeft& c) const {
    Head(Kind::kSessionLeft, c.session);
    out.U32(c.expiry_s);
    Time(out, c.left);
  }
  void operator()(const SessionEnded& c) const { Head(Kind::kSessionEnded, c.session); }
  void operator()(const Subscribed& c) const {
    Head(Kind::kSubscribed, c.session);
    out.U8(static_cast<uint8_t>((c.options.qos > 0 ? record::kQosBit : 0U) |
                                (c.options.no_local ? record::kNoLocalBit : 0U) |
                                (c.options.retain_as_published ? record::kAsPublishedBit : 0U)));
    out.U32(c.options.id);
    out.Binary(c.filter);
  }
  void operator()(const Unsubscribed& c) const {
    Head(Kind::kUnsubscribed, c.session);
    out.Binary(c.filter);
  }
  void operator()(const MessageQueued& c) const {
    Head(Kind::kMessageQueued, c.id);
    EncodeMessage(*c.message, now, out);
    out.U32(static_cast<uint32_t>(c.targets.size()));
    for (const StoredTarget& target : c.targets) {
      U64(out, target.session);
      out.U8(static_cast<uint8_t>((target.qos > 0 ? record::kQosBit : 0U) |
                                  (target.retain ? record::kRetainBit : 0U) |
                                  (target.sent_before ? record::kSentBit : 0U)));
      out.U16(static_cast<uint16_t>(target.subscription_ids.size()));
      for (const uint32_t id : target.subscription_ids) out.U32(id);
    }
  }
  void operator()(const MessageFinished& c) const {
    Head(Kind::kMessageFinished, c.session);
    U64(out, c.id);
  }
  void operator()(const RetainedSet& c) const {
    out.U8(static_cast<uint8_t>(Kind::kRetainedSet));
    EncodeMessage(*c.message, now, out);
  }
  void operator()(const WillDelayed& c) const {
    Head(Kind::kWillDelayed, c.session);
    Time(out, c.due);
    out.U8(static_cast<uint8_t>((c.will->qos > 0 ? record::kQosBit : 0U) |
                                (c.will->retain ? record::kRetainBit : 0U)));
    out.Binary(c.will->client_id);
    out.Binary(c.will->user);
    out.Binary(c.will->topic);
    Long(out, c.will->properties);
    Long(out, c.will->payload);
  }
  void operator()(const WillPublished& c) const {
    Head(Kind::kWillPublished, c.session);
    Time(out, c.due);
  }
};

}  // namespace

void EncodeStoreRecord(const Change& change, const StoreTime& now, std::string& out) {
  const size_t begin = out.size();
  out.append(record::kHeaderBytes, '\0');
  Writer writer(out);
  std::visit(Encoder{writer, now}, change);
  const std::string_view body = std::string_view(out).substr(begin + record::kHeaderBytes);
  std::string header;
  Writer header_writer(header);
  header_writer.U32(static_cast<uint32_t>(body.size()));
  header_writer.U32(Crc32c(body));
  out.replace(begin, record::kHeaderBytes, header);
}

}  // namespace energy::mqtt
