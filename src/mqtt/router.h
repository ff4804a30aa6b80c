#pragma once

#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <shared_mutex>
#include <string>
#include <string_view>
#include <vector>

#include "mqtt/session.h"
#include "mqtt/subscription_index.h"

namespace energy::mqtt {

/// The members of one shared subscription (§4.8.2): `$share/{name}/{filter}`.
struct ShareGroup {
  struct Member {
    SessionPtr session;
    SubscriptionOptions options;
  };
  std::vector<Member> members;    ///< guarded by the Router's lock
  std::atomic<uint32_t> next{0};  ///< whose turn it is
};

/// One subscriber that a message goes to.
struct Target {
  SessionPtr session;
  uint8_t qos = 0;
  bool retain_as_published = false;
  std::vector<uint32_t> subscription_ids;
  std::shared_ptr<ShareGroup> group;  ///< when the subscription is shared
};

/// The subscriptions of all clients, for all I/O threads.
///
/// Threads: safe anywhere. Its lock may be taken while a Session's is held, never the reverse, so
/// that a session and the router always agree on its filters. While nobody subscribes a match costs
/// one atomic load.
class Router {
 public:
  /// Adds or replaces a subscription, shared or not. The filter is valid (CheckSubscription).
  void Add(std::string_view filter, const SessionPtr& session, const SubscriptionOptions& options);
  void Remove(std::string_view filter, const SessionPtr& session);

  /// Fills `targets` with each subscriber once, with the highest QoS and all identifiers of its
  /// filters that match (3.1.1 [MQTT-3.3.5-1], 5.0 §3.3.4), and with one member of each shared
  /// subscription. `publisher` is left out where it asked for no local copy [MQTT-3.8.3-3].
  void Match(std::string_view topic, const Session* publisher, std::vector<Target>& targets) const;

  /// A member of the group to take a message that another could not; none when nobody is left.
  bool PickMember(const std::shared_ptr<ShareGroup>& group, Target& target) const;

  /// Subscriptions of all clients.
  size_t size() const { return size_.load(std::memory_order_relaxed); }

 private:
  using GroupPtr = std::shared_ptr<ShareGroup>;

  static void Merge(std::vector<Target>& targets);
  static const ShareGroup::Member* Pick(ShareGroup& group);
  static void AddTarget(const GroupPtr& group, std::vector<Target>& targets);

  mutable std::shared_mutex mutex_;
  SubscriptionIndex<SessionPtr, SubscriptionOptions> index_;  // guarded by mutex_, as the rest
  std::map<std::string, GroupPtr, std::less<>> groups_;       // by "{name}/{filter}"
  SubscriptionIndex<GroupPtr, bool> shared_;
  size_t shared_members_ = 0;
  std::atomic<size_t> size_{0};
};

}  // namespace energy::mqtt
