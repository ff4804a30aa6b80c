#include "mqtt/distributor.h"

#include <algorithm>

namespace energy::mqtt {
namespace {

using std::chrono::seconds;

MessagePtr MakeMessage(const Outgoing& publish, Message::TimePoint now) {
  std::optional<seconds> expiry;
  std::string_view properties;
  std::string without_alias;
  if (publish.properties != nullptr) {
    if (publish.properties->Has(Property::kMessageExpiryInterval)) {
      expiry = seconds(publish.properties->Number(Property::kMessageExpiryInterval));
    }
    properties = publish.properties->raw();
    if (publish.properties->Has(Property::kTopicAlias)) {
      // An alias means something on the publisher's connection only [MQTT-3.3.2-7].
      Properties rest = *publish.properties;
      rest.Remove(Property::kTopicAlias);
      rest.EncodeList(without_alias);
      properties = without_alias;
    }
  }
  return std::make_shared<const Message>(publish.topic, publish.payload, properties, expiry, now,
                                         publish.qos);
}

// What of a message outlives the broker; no targets: nothing.
MessageQueued ForStore(const BrokerState& broker, const MessagePtr& message,
                       const std::vector<Target>& targets, bool retain) {
  MessageQueued queued;
  if (!broker.store || message->qos() == 0) return queued;
  for (const Target& target : targets) {
    if (target.qos == 0 || !target.session->durable()) continue;
    queued.targets.push_back({target.session->identity().number, 1,
                              retain && target.retain_as_published, false,
                              target.subscription_ids});
  }
  queued.message = message;
  return queued;
}

// The id of the message in the store; 0 when it is not kept there.
uint64_t Store(BrokerState& broker, MessageQueued queued) {
  if (queued.targets.empty()) return 0;
  const uint64_t id = queued.id = broker.next_message.fetch_add(1, std::memory_order_relaxed);
  broker.store->Append(std::move(queued));
  return id;
}

// False when there was no room. `stored`: there is something to wait for.
bool Retain(BrokerState& broker, const MessagePtr& message, Message::TimePoint now, bool& stored) {
  switch (broker.retained.Set(message, now)) {
    case RetainedMessages::Kept::kFull:
      broker.metrics.dropped_retain_full.Increment();
      return false;
    case RetainedMessages::Kept::kUnchanged:
      break;  // but the one that it equals may still be on its way to the disk
    default:
      if (broker.store) broker.store->Append(RetainedSet{message});
  }
  stored = broker.store != nullptr;
  return true;
}

}  // namespace

void Finish(BrokerState& broker, const Session& session, const std::vector<uint64_t>& messages) {
  if (!broker.store) return;
  for (const uint64_t id : messages) {
    broker.store->Append(MessageFinished{session.identity().number, id});
  }
}

void Offer(BrokerState& broker, const SessionPtr& session, Delivery delivery, Waker& waker) {
  const Session::Offered offered = session->Offer(std::move(delivery));
  if (offered.dropped > 0) {
    broker.metrics.dropped_slow.Increment(static_cast<double>(offered.dropped));
  }
  Finish(broker, *session, offered.finished);
  if (offered.wake) waker.Wake(offered.connection);
}

Distributed Distribute(BrokerState& broker, const Outgoing& publish, std::vector<Target>& scratch,
                       Waker& waker) {
  Distributed result;
  if (!publish.retain && broker.router.size() == 0) return result;
  broker.router.Match(publish.topic, publish.publisher, scratch);
  if (!publish.retain && scratch.empty()) return result;
  const Message::TimePoint now = broker.clock.Steady();
  const MessagePtr message = MakeMessage(publish, now);
  if (publish.retain) result.retain_full = !Retain(broker, message, now, result.stored);
  // Before the sessions get it, so that no acknowledgement can overtake it on the way to the store.
  const uint64_t id = Store(broker, ForStore(broker, message, scratch, publish.retain));
  result.stored = (result.stored || id != 0) && publish.waiter;
  if (result.stored) broker.store->Notify({*publish.waiter, false});
  for (Target& target : scratch) {
    Delivery delivery;
    delivery.message = message;
    delivery.qos = std::min(publish.qos, target.qos);
    delivery.id = delivery.qos > 0 && target.session->durable() ? id : 0;
    delivery.retain = publish.retain && target.retain_as_published;
    delivery.subscription_ids = std::move(target.subscription_ids);
    delivery.group = target.group;
    Offer(broker, target.session, std::move(delivery), waker);
  }
  scratch.clear();
  return result;
}

void EndSession(BrokerState& broker, const SessionPtr& session, Waker& waker) {
  std::vector<Delivery> orphans = session->End();
  session->ChangeFiltersAlways([&](Session::Filters& filters) {
    for (const auto& [filter, options] : filters) broker.router.Remove(filter, session);
    filters.clear();
  });
  for (Delivery& orphan : orphans) {
    Target target;
    const auto group = orphan.group.lock();
    if (!group || !broker.router.PickMember(group, target)) {
      broker.metrics.dropped_slow.Increment();
      continue;
    }
    orphan.qos = std::min(orphan.message->qos(), target.qos);
    orphan.subscription_ids = std::move(target.subscription_ids);
    orphan.sent_before = false;
    const uint64_t id = Store(broker, ForStore(broker, orphan.message, {target}, orphan.retain));
    orphan.id = orphan.qos > 0 && target.session->durable() ? id : 0;
    Offer(broker, target.session, std::move(orphan), waker);
  }
  // After the messages that went to others: a crash in between must not lose them.
  if (broker.store && session->durable()) {
    broker.store->Append(SessionEnded{session->identity().number});
  }
}

namespace {

// Seconds a stored session has left; not positive when it has expired.
seconds Left(const StoredState::StoredSession& stored, base::Timestamp now) {
  if (stored.connected || stored.begun.expiry_s == UINT32_MAX) {
    return seconds(stored.begun.expiry_s);
  }
  return std::chrono::floor<seconds>(stored.left + seconds(stored.begun.expiry_s) - now);
}

}  // namespace

void Restore(BrokerState& broker, const StoredState& stored) {
  std::map<uint64_t, SessionPtr> sessions;
  // A crash may have come between the beginning of a session and the end of the one it replaced.
  std::map<std::string_view, uint64_t> last;
  for (const auto& [number, kept] : stored.sessions()) last[kept.begun.client_id] = number;
  const base::Timestamp now = broker.clock.Now();
  for (const auto& entry : stored.sessions()) {
    const uint64_t number = entry.first;
    const StoredState::StoredSession& kept = entry.second;
    const seconds left = Left(kept, now);
    const bool over = left <= seconds(0) && !kept.will.will;  // else its will is still to be sent
    if (over || last.at(kept.begun.client_id) != number) {
      broker.store->Append(SessionEnded{number});
      continue;
    }
    const SessionPtr session = broker.registry.Restore(kept, left);
    if (kept.connected) broker.store->Append(SessionLeft{number, kept.begun.expiry_s, now});
    session->ChangeFiltersAlways([&](Session::Filters& filters) {
      filters = kept.filters;
      for (const auto& [filter, options] : filters) broker.router.Add(filter, session, options);
    });
    sessions.emplace(number, session);
  }
  for (const auto& [id, queued] : stored.messages()) {
    for (const StoredTarget& target : queued.targets) {
      const auto session = sessions.find(target.session);
      if (session == sessions.end()) continue;
      session->second->Force({queued.message,
                              id,
                              target.qos,
                              target.retain,
                              target.sent_before,
                              target.subscription_ids,
                              {}});
    }
  }
  for (const auto& [topic, message] : stored.retained()) {
    broker.retained.Set(message, broker.clock.Steady());
  }
  broker.registry.SetNextSession(stored.next_session());
  broker.next_message.store(stored.next_message());
}

}  // namespace energy::mqtt
