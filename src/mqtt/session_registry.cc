#include "mqtt/session_registry.h"

#include <algorithm>

namespace energy::mqtt {

using std::chrono::seconds;

void SessionRegistry::Store(Change change) {
  if (store_ != nullptr) store_->Append(std::move(change));
}

void SessionRegistry::Disarm(const std::string& client_id, Entry& entry) {
  if (!entry.deadline) return;
  deadlines_.erase({*entry.deadline, client_id});
  entry.deadline.reset();
  next_deadline_ = deadlines_.empty() ? TimePoint::max() : deadlines_.begin()->first;
}

void SessionRegistry::Arm(const std::string& client_id, Entry& entry) {
  Disarm(client_id, entry);
  TimePoint deadline = entry.expires.value_or(TimePoint::max());
  if (entry.will_due) deadline = std::min(deadline, *entry.will_due);
  if (deadline == TimePoint::max()) return;
  entry.deadline = deadline;
  deadlines_.emplace(deadline, client_id);
  next_deadline_ = deadlines_.begin()->first;
}

void SessionRegistry::Drop(Entries::iterator it) {
  Disarm(it->first, it->second);
  if (it->second.session) stored_.fetch_sub(1);
  entries_.erase(it);
}

SessionPtr SessionRegistry::Begin(const Request& request, uint32_t expiry_s) {
  Session::Identity identity{std::string(request.client_id), std::string(request.owner),
                             next_session_++, true};
  Store(SessionBegun{identity.number, identity.client_id, identity.owner, expiry_s});
  stored_.fetch_add(1);
  return std::make_shared<Session>(std::move(identity), budget_);
}

SessionPtr SessionRegistry::MakeTransient(std::string_view client_id, std::string_view owner) {
  return std::make_shared<Session>(
      Session::Identity{std::string(client_id), std::string(owner), 0, false}, budget_);
}

SessionPtr SessionRegistry::Restore(const StoredState::StoredSession& stored, seconds left) {
  const std::lock_guard lock(mutex_);
  const SessionBegun& begun = stored.begun;
  auto session = std::make_shared<Session>(
      Session::Identity{begun.client_id, begun.owner, begun.session, true}, budget_);
  Entry& entry = entries_[begun.client_id];
  entry.session = session;
  entry.expiry_s = begun.expiry_s;
  if (begun.expiry_s != UINT32_MAX) entry.expires = clock_.Steady() + left;
  if (stored.will.will) {
    entry.will = stored.will;
    entry.will_due = clock_.Steady() + (stored.will.due - clock_.Now());
  }
  stored_.fetch_add(1);
  Arm(begun.client_id, entry);
  return session;
}

bool SessionRegistry::Resumable(const Entry& entry, const Request& request, TimePoint now) {
  // Another user's session is never handed over, whatever the client id.
  return !request.clean_start && entry.session && !(entry.expires && *entry.expires <= now) &&
         entry.session->identity().owner == request.owner;
}

SessionRegistry::Claim SessionRegistry::Connect(const Request& request) {
  const std::lock_guard lock(mutex_);
  const TimePoint now = clock_.Steady();
  Claim claim;
  claim.expiry_s = std::min(request.expiry_s, limits_.max_expiry_s);
  auto it = entries_.find(request.client_id);
  const bool resume = it != entries_.end() && Resumable(it->second, request, now);
  const size_t freed = it != entries_.end() && it->second.session ? 1 : 0;
  if (!resume && claim.expiry_s > 0 && stored_.load() - freed >= limits_.max_sessions) {
    claim.accepted = false;
    return claim;
  }
  if (it == entries_.end()) it = entries_.emplace(std::string(request.client_id), Entry()).first;
  Entry& entry = it->second;
  Disarm(it->first, entry);
  claim.previous = std::exchange(entry.connection, request.connection);
  // A will that waits is not sent when its session goes on, at once when that ends
  // [MQTT-3.1.3-9, §3.1.3.2.2].
  const WillDelayed will = std::exchange(entry.will, {});
  if (!resume) {
    claim.will = will.will;
    claim.ended = std::move(entry.session);
    if (claim.ended) stored_.fetch_sub(1);
    entry.session = claim.expiry_s > 0 ? Begin(request, claim.expiry_s) : nullptr;
  } else {
    Store(SessionResumed{entry.session->identity().number, claim.expiry_s});
  }
  entry.expiry_s = claim.expiry_s;
  entry.expires.reset();
  entry.will_due.reset();
  claim.present = resume;
  claim.session = entry.session;
  if (claim.session) claim.session->Attach(request.connection, request.limits);
  return claim;
}

SessionRegistry::Left SessionRegistry::Disconnect(std::string_view client_id,
                                                  const ConnectionRef& connection,
                                                  const SessionPtr& session, uint32_t expiry_s,
                                                  WillPtr will) {
  const std::lock_guard lock(mutex_);
  Left left;
  const auto it = entries_.find(client_id);
  const bool owner = it != entries_.end() && it->second.connection == connection;
  if (!owner) {
    // Taken over. Where the session goes on, a will with a delay is as good as cancelled.
    const bool continued = it != entries_.end() && session && it->second.session == session;
    if (will && !(continued && will->delay_s > 0)) left.will = std::move(will);
    if (session && !session->durable()) left.ended = session;
    return left;
  }
  Entry& entry = it->second;
  entry.connection.reset();
  expiry_s = entry.session ? std::min(expiry_s, limits_.max_expiry_s) : 0;
  if (expiry_s == 0) {
    left.will = std::move(will);
    left.ended = session;
    Drop(it);
    return left;
  }
  entry.session->Detach(connection);
  Store(SessionLeft{entry.session->identity().number, expiry_s, clock_.Now()});
  const TimePoint now = clock_.Steady();
  entry.expiry_s = expiry_s;
  entry.expires.reset();
  if (expiry_s != UINT32_MAX) entry.expires = now + seconds(expiry_s);
  if (will && will->delay_s == 0) {
    left.will = std::move(will);
  } else if (will) {
    const seconds delay(will->delay_s);
    entry.will_due = now + delay;
    // The store knows milliseconds.
    entry.will = {entry.session->identity().number,
                  std::chrono::floor<std::chrono::milliseconds>(clock_.Now() + delay),
                  std::move(will)};
    Store(entry.will);
  }
  Arm(it->first, entry);
  return left;
}

SessionRegistry::Due SessionRegistry::Expire() {
  Due due;
  const TimePoint now = clock_.Steady();
  if (next_deadline_.load(std::memory_order_relaxed) > now) return due;
  const std::lock_guard lock(mutex_);
  while (!deadlines_.empty() && deadlines_.begin()->first <= now) {
    const auto it = entries_.find(deadlines_.begin()->second);
    Entry& entry = it->second;
    const bool over = entry.expires && *entry.expires <= now;
    if (entry.will_due && (over || *entry.will_due <= now)) {
      due.wills.push_back(std::exchange(entry.will, {}));
      entry.will_due.reset();
    }
    if (over) {
      due.ended.push_back(entry.session);
      Drop(it);
    } else {
      Arm(it->first, entry);
    }
  }
  return due;
}

}  // namespace energy::mqtt
