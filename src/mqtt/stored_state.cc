#include "mqtt/stored_state.h"

#include <algorithm>

namespace energy::mqtt {
namespace {

template <class... Functions>
struct Overloaded : Functions... {
  using Functions::operator()...;
};
template <class... Functions>
Overloaded(Functions...) -> Overloaded<Functions...>;

}  // namespace

void StoredState::Forget(uint64_t session, uint64_t message) {
  const auto it = messages_.find(message);
  if (it == messages_.end()) return;
  auto& targets = it->second.targets;
  std::erase_if(targets, [session](const StoredTarget& t) { return t.session == session; });
  if (targets.empty()) messages_.erase(it);
}

void StoredState::End(uint64_t session) {
  const auto it = sessions_.find(session);
  if (it == sessions_.end()) return;
  for (const uint64_t message : it->second.messages) Forget(session, message);
  sessions_.erase(it);
}

void StoredState::Queue(const MessageQueued& queued) {
  next_message_ = std::max(next_message_, queued.id + 1);
  MessageQueued kept = queued;
  std::erase_if(kept.targets, [&](StoredTarget& target) {
    const auto session = sessions_.find(target.session);
    if (session == sessions_.end()) return true;
    // Who is connected may be sent it at once.
    target.sent_before = target.sent_before || session->second.connected;
    return !session->second.messages.insert(queued.id).second;
  });
  if (!kept.targets.empty()) messages_.insert_or_assign(queued.id, std::move(kept));
}

void StoredState::Apply(const Change& change) {
  const auto session = [this](uint64_t number) -> StoredSession* {
    const auto it = sessions_.find(number);
    return it == sessions_.end() ? nullptr : &it->second;
  };
  std::visit(Overloaded{
                 [&](const SessionBegun& c) {
                   next_session_ = std::max(next_session_, c.session + 1);
                   sessions_[c.session].begun = c;
                 },
                 [&](const SessionResumed& c) {
                   StoredSession* s = session(c.session);
                   if (s == nullptr) return;
                   s->connected = true;
                   s->will = {};
                   s->begun.expiry_s = c.expiry_s;
                   for (const uint64_t id : s->messages) {
                     for (StoredTarget& target : messages_.at(id).targets) {
                       target.sent_before = target.sent_before || target.session == c.session;
                     }
                   }
                 },
                 [&](const SessionLeft& c) {
                   StoredSession* s = session(c.session);
                   if (s == nullptr) return;
                   s->connected = false;
                   s->begun.expiry_s = c.expiry_s;
                   s->left = c.left;
                 },
                 [&](const SessionEnded& c) { End(c.session); },
                 [&](const Subscribed& c) {
                   StoredSession* s = session(c.session);
                   if (s != nullptr) s->filters.insert_or_assign(c.filter, c.options);
                 },
                 [&](const Unsubscribed& c) {
                   StoredSession* s = session(c.session);
                   if (s != nullptr) s->filters.erase(c.filter);
                 },
                 [&](const MessageQueued& c) { Queue(c); },
                 [&](const MessageFinished& c) {
                   StoredSession* s = session(c.session);
                   if (s != nullptr && s->messages.erase(c.id) > 0) Forget(c.session, c.id);
                 },
                 [&](const RetainedSet& c) {
                   if (c.message->payload().empty()) {
                     const auto it = retained_.find(c.message->topic());
                     if (it != retained_.end()) retained_.erase(it);
                   } else {
                     retained_.insert_or_assign(std::string(c.message->topic()), c.message);
                   }
                 },
                 [&](const WillDelayed& c) {
                   StoredSession* s = session(c.session);
                   if (s != nullptr) s->will = c;
                 },
                 [&](const WillPublished& c) {
                   StoredSession* s = session(c.session);
                   if (s != nullptr && s->will.due == c.due) s->will = {};
                 },
             },
             change);
}

void StoredState::Describe(const std::function<void(const Change&)>& emit) const {
  for (const auto& [number, session] : sessions_) {
    emit(session.begun);
    for (const auto& [filter, options] : session.filters) {
      emit(Subscribed{number, filter, options});
    }
    if (!session.connected) emit(SessionLeft{number, session.begun.expiry_s, session.left});
    if (session.will.will) emit(session.will);
  }
  // Messages by id: that is the order in which each session got them.
  for (const auto& [id, message] : messages_) emit(message);
  for (const auto& [topic, message] : retained_) emit(RetainedSet{message});
}

}  // namespace energy::mqtt
