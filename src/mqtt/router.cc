#include "mqtt/router.h"

#include <algorithm>
#include <mutex>

#include "mqtt/topic.h"

namespace energy::mqtt {

void Router::Add(std::string_view filter, const SessionPtr& session,
                 const SubscriptionOptions& options) {
  const std::unique_lock lock(mutex_);
  if (const auto shared = ParseSharedFilter(filter)) {
    auto it = groups_.find(shared->key);
    if (it == groups_.end()) {
      it = groups_.emplace(shared->key, std::make_shared<ShareGroup>()).first;
      shared_.Add(shared->filter, it->second, true);
    }
    auto& members = it->second->members;
    const auto known = std::find_if(members.begin(), members.end(),
                                    [&](const auto& member) { return member.session == session; });
    if (known != members.end()) {
      known->options = options;
    } else {
      members.push_back({session, options});
      ++shared_members_;
    }
  } else {
    index_.Add(filter, session, options);
  }
  size_.store(index_.size() + shared_members_, std::memory_order_relaxed);
}

void Router::Remove(std::string_view filter, const SessionPtr& session) {
  const std::unique_lock lock(mutex_);
  if (const auto shared = ParseSharedFilter(filter)) {
    const auto it = groups_.find(shared->key);
    if (it == groups_.end()) return;
    auto& members = it->second->members;
    shared_members_ -= std::erase_if(
        members, [&](const ShareGroup::Member& member) { return member.session == session; });
    if (members.empty()) {
      shared_.Remove(shared->filter, it->second);
      groups_.erase(it);
    }
  } else {
    index_.Remove(filter, session);
  }
  size_.store(index_.size() + shared_members_, std::memory_order_relaxed);
}

void Router::Match(std::string_view topic, const Session* publisher,
                   std::vector<Target>& targets) const {
  targets.clear();
  if (size() == 0) return;
  const std::shared_lock lock(mutex_);
  index_.Match(topic, [&](const SessionPtr& session, const SubscriptionOptions& options) {
    if (options.no_local && session.get() == publisher) return;
    Target& target = targets.emplace_back();
    target.session = session;
    target.qos = options.qos;
    target.retain_as_published = options.retain_as_published;
    if (options.id != 0) target.subscription_ids.push_back(options.id);
  });
  if (targets.size() > 1) Merge(targets);
  if (shared_.size() == 0) return;
  shared_.Match(topic, [&](const GroupPtr& group, bool) { AddTarget(group, targets); });
}

bool Router::PickMember(const GroupPtr& group, Target& target) const {
  std::vector<Target> targets;
  const std::shared_lock lock(mutex_);
  AddTarget(group, targets);
  if (targets.empty()) return false;
  target = std::move(targets.front());
  return true;
}

void Router::AddTarget(const GroupPtr& group, std::vector<Target>& targets) {
  const ShareGroup::Member* member = Pick(*group);
  if (member == nullptr) return;
  Target& target = targets.emplace_back();
  target.session = member->session;
  target.qos = member->options.qos;
  target.retain_as_published = member->options.retain_as_published;
  if (member->options.id != 0) target.subscription_ids.push_back(member->options.id);
  target.group = group;
}

// Whose turn it is among those that are connected and keep up; failing that, who is connected;
// failing that, who will come back.
const ShareGroup::Member* Router::Pick(ShareGroup& group) {
  const size_t count = group.members.size();
  if (count == 0) return nullptr;
  const size_t first = group.next.fetch_add(1, std::memory_order_relaxed);
  const ShareGroup::Member* connected = nullptr;
  for (size_t i = 0; i < count; ++i) {
    const ShareGroup::Member& member = group.members[(first + i) % count];
    if (!member.session->connected()) continue;
    if (!member.session->congested()) return &member;
    if (connected == nullptr) connected = &member;
  }
  return connected != nullptr ? connected : &group.members[first % count];
}

void Router::Merge(std::vector<Target>& targets) {
  std::sort(targets.begin(), targets.end(),
            [](const Target& a, const Target& b) { return a.session < b.session; });
  size_t last = 0;
  for (size_t i = 1; i < targets.size(); ++i) {
    Target& kept = targets[last];
    Target& next = targets[i];
    if (next.session == kept.session) {
      kept.qos = std::max(kept.qos, next.qos);
      kept.retain_as_published |= next.retain_as_published;
      kept.subscription_ids.insert(kept.subscription_ids.end(), next.subscription_ids.begin(),
                                   next.subscription_ids.end());
    } else if (++last != i) {
      targets[last] = std::move(next);
    }
  }
  targets.resize(last + 1);
}

}  // namespace energy::mqtt
