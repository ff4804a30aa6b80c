#include <algorithm>

#include "mqtt/connection.h"
#include "mqtt/topic.h"

namespace energy::mqtt {
namespace {

constexpr size_t kRetainedBytes = 64 << 10;  // taken from the retained messages at a time

// SUBACK of MQTT 3.1.1 knows one failure only.
ReasonCode ForVersion(ReasonCode code, Version version) {
  return version == Version::k311 && IsFailure(code) ? ReasonCode::kUnspecifiedError : code;
}

}  // namespace

void Connection::EnsureSession() {
  if (session_) return;
  session_ = worker_.state().registry.MakeTransient(client_id_, username());
  session_->Attach(ref_, SessionLimits());
}

void Connection::Store(Change change) {
  if (session_->durable() && worker_.state().store) {
    worker_.state().store->Append(std::move(change));
  }
}

// A reply to a change that is stored waits until it is: see Broker.
void Connection::Reply(std::string bytes, bool stored) {
  if (bytes.size() > client_max_packet_) {  // [MQTT-3.1.2-24]
    return Disconnect(ReasonCode::kPacketTooLarge, "the answer is larger than the client takes");
  }
  if (!stored) {
    out_ += bytes;
    return Dirty();
  }
  held_replies_.push_back(std::move(bytes));
  const AckToken token{ref_.slot, ref_.generation, 0, 0, static_cast<uint16_t>(ref_.io_thread)};
  worker_.state().store->Notify({token, true});
}

void Connection::ReleaseReply(bool stored) {
  if (held_replies_.empty()) return;
  const std::string bytes = std::move(held_replies_.front());
  held_replies_.erase(held_replies_.begin());
  if (state_ != State::kConnected) return;
  if (!stored) {
    return Disconnect(ReasonCode::kImplementationError, "the subscription could not be stored");
  }
  out_ += bytes;
  Dirty();
}

PacketError Connection::OnSubscribe(const Frame& frame) {
  mqtt::Subscribe packet;
  if (const PacketError error = Decode(frame, version_, packet)) return error;
  EnsureSession();
  const uint32_t id = packet.properties.Number(Property::kSubscriptionIdentifier);
  Suback suback;
  suback.packet_id = packet.packet_id;
  for (const SubscribeFilter& entry : packet.filters) {
    PacketError error;
    suback.reasons.push_back(ForVersion(Subscribe(entry, id, error), version_));
    if (error) return error;
  }
  const bool stored = session_->durable() && worker_.state().store &&
                      std::any_of(suback.reasons.begin(), suback.reasons.end(),
                                  [](ReasonCode code) { return !IsFailure(code); });
  std::string bytes;
  Encode(PacketType::kSuback, suback, version_, bytes);
  Reply(std::move(bytes), stored);
  return {};
}

// An invalid filter closes a 3.1.1 connection (3.1.1 [MQTT-4.8.0-1]); in MQTT 5 the SUBACK says it.
ReasonCode Connection::Subscribe(const SubscribeFilter& entry, uint32_t id, PacketError& error) {
  const TopicCheck check = CheckSubscription(entry.filter);
  if (check != TopicCheck::kOk) {
    if (check == TopicCheck::kMalformed && version_ == Version::k311) {
      error = {ReasonCode::kTopicFilterInvalid, "topic filter is not valid"};
    }
    return ReasonCode::kTopicFilterInvalid;
  }
  const auto shared = ParseSharedFilter(entry.filter);
  if (!principal_->MaySubscribe(shared ? shared->filter : entry.filter)) {
    return ReasonCode::kNotAuthorized;
  }
  const SubscriptionOptions options{std::min<uint8_t>(entry.qos, 1), entry.no_local,
                                    entry.retain_as_published, id};
  bool existed = false;
  bool room = true;
  const bool mine = session_->ChangeFilters(ref_, [&](Session::Filters& filters) {
    const auto known = filters.find(entry.filter);
    existed = known != filters.end();
    room = existed || filters.size() < worker_.state().options.max_subscriptions_per_client;
    if (!room) return;
    filters.insert_or_assign(std::string(entry.filter), options);
    worker_.state().router.Add(entry.filter, session_, options);
  });
  if (!mine) return ReasonCode::kUnspecifiedError;
  if (!room) return ReasonCode::kQuotaExceeded;
  Store(Subscribed{session_->identity().number, std::string(entry.filter), options});
  const bool wants_retained = entry.retain_handling == RetainHandling::kSend ||
                              (entry.retain_handling == RetainHandling::kSendIfNew && !existed);
  if (wants_retained && !shared) QueueRetained(entry.filter, options);
  return static_cast<ReasonCode>(options.qos);
}

PacketError Connection::OnUnsubscribe(const Frame& frame) {
  mqtt::Unsubscribe packet;
  if (const PacketError error = Decode(frame, version_, packet)) return error;
  Suback unsuback;
  unsuback.packet_id = packet.packet_id;
  bool changed = false;
  for (const std::string_view filter : packet.filters) {
    if (CheckSubscription(filter) == TopicCheck::kMalformed) {
      if (version_ == Version::k311) {
        return {ReasonCode::kTopicFilterInvalid, "topic filter is not valid"};
      }
      unsuback.reasons.push_back(ReasonCode::kTopicFilterInvalid);
      continue;
    }
    const bool existed = session_ && Unsubscribe(filter);
    changed = changed || existed;
    unsuback.reasons.push_back(existed ? ReasonCode::kSuccess : ReasonCode::kNoSubscriptionExisted);
  }
  std::string bytes;
  Encode(PacketType::kUnsuback, unsuback, version_, bytes);
  Reply(std::move(bytes), changed && session_->durable() && worker_.state().store);
  return {};
}

// True when there was such a subscription.
bool Connection::Unsubscribe(std::string_view filter) {
  bool existed = false;
  session_->ChangeFilters(ref_, [&](Session::Filters& filters) {
    const auto known = filters.find(filter);
    if (known == filters.end()) return;
    existed = true;
    filters.erase(known);
    worker_.state().router.Remove(filter, session_);
  });
  if (!existed) return false;
  std::erase_if(retained_, [&](const RetainedCursor& cursor) { return cursor.filter == filter; });
  Store(Unsubscribed{session_->identity().number, std::string(filter)});
  return true;
}

// A subscription made again gets them again from the start [MQTT-3.8.4-3].
void Connection::QueueRetained(std::string_view filter, const SubscriptionOptions& options) {
  std::erase_if(retained_, [&](const RetainedCursor& cursor) { return cursor.filter == filter; });
  retained_.push_back({std::string(filter), options, std::nullopt});
  Dirty();
}

// Moves some retained messages into the session, once it has sent what it had: however many there
// are, few wait in its queue. True when it moved any.
bool Connection::FeedRetained() {
  if (retained_.empty() || !held_replies_.empty() || session_->load().waiting > 0) return false;
  RetainedCursor& cursor = retained_.front();
  std::vector<MessagePtr> found;
  const bool all = worker_.state().retained.Match(cursor.filter, cursor.after, kRetainedBytes,
                                                  worker_.now(), found);
  for (MessagePtr& message : found) {
    Delivery delivery;
    delivery.qos = std::min(message->qos(), cursor.options.qos);
    delivery.retain = true;  // [MQTT-3.3.1-8]
    if (cursor.options.id != 0) delivery.subscription_ids = {cursor.options.id};
    delivery.message = std::move(message);
    session_->Force(std::move(delivery));
  }
  if (all) retained_.erase(retained_.begin());
  return true;
}

// Encodes what the session has to send.
void Connection::FillFromSession() {
  if (!session_) return;
  bool fed = true;
  while (fed) {
    fed = FeedRetained();
    const Session::Sent sent =
        session_->Fill(ref_, kStageBytes, worker_.now(), outbound_aliases_.get(), out_);
    worker_.counts().publishes_sent += sent.sent;
    account_.messages_sent += sent.sent;
    account_.messages_dropped += sent.expired + sent.too_large;
    worker_.counts().dropped_expired += sent.expired;
    worker_.counts().dropped_too_large += sent.too_large;
    Finish(worker_.state(), *session_, sent.finished);
    if (!out_.empty()) return;
  }
}

}  // namespace energy::mqtt
