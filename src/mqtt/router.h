#pragma once

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <mutex>
#include <shared_mutex>
#include <string_view>
#include <tuple>
#include <vector>

#include "mqtt/subscription_index.h"

namespace energy::mqtt {

/// Names a connection across threads. The generation tells a reused slot from its former owner.
struct ConnectionRef {
  uint32_t io_thread = 0;
  uint32_t slot = 0;
  uint32_t generation = 0;

  bool operator==(const ConnectionRef&) const = default;
};

struct SubscriptionOptions {
  uint8_t qos = 0;
  bool no_local = false;
  bool retain_as_published = false;
};

/// One subscriber that a message goes to.
struct Target {
  ConnectionRef connection;
  SubscriptionOptions options;
};

/// The subscriptions of all clients, for all I/O threads.
///
/// Threads: safe anywhere. While nobody subscribes a match costs one atomic load.
class Router {
 public:
  bool Add(std::string_view filter, const ConnectionRef& who, const SubscriptionOptions& options) {
    const std::unique_lock lock(mutex_);
    const bool added = index_.Add(filter, who, options);
    size_.store(index_.size(), std::memory_order_relaxed);
    return added;
  }

  bool Remove(std::string_view filter, const ConnectionRef& who) {
    const std::unique_lock lock(mutex_);
    const bool removed = index_.Remove(filter, who);
    size_.store(index_.size(), std::memory_order_relaxed);
    return removed;
  }

  /// Fills `targets` with each subscriber once, with the highest QoS of its filters that match
  /// (3.1.1 [MQTT-3.3.5-1], 5.0 §3.3.4). `publisher` is left out where it asked for no local copy.
  void Match(std::string_view topic, const ConnectionRef* publisher,
             std::vector<Target>& targets) const {
    targets.clear();
    if (size() == 0) return;
    {
      const std::shared_lock lock(mutex_);
      index_.Match(topic, [&](const ConnectionRef& who, const SubscriptionOptions& options) {
        if (options.no_local && publisher != nullptr && who == *publisher) return;
        targets.push_back({who, options});
      });
    }
    if (targets.size() > 1) Merge(targets);
  }

  size_t size() const { return size_.load(std::memory_order_relaxed); }

 private:
  static void Merge(std::vector<Target>& targets) {
    std::sort(targets.begin(), targets.end(), [](const Target& a, const Target& b) {
      return std::tie(a.connection.io_thread, a.connection.slot, a.connection.generation) <
             std::tie(b.connection.io_thread, b.connection.slot, b.connection.generation);
    });
    size_t last = 0;
    for (size_t i = 1; i < targets.size(); ++i) {
      if (targets[i].connection == targets[last].connection) {
        targets[last].options.qos = std::max(targets[last].options.qos, targets[i].options.qos);
        targets[last].options.retain_as_published |= targets[i].options.retain_as_published;
      } else {
        targets[++last] = targets[i];
      }
    }
    targets.resize(last + 1);
  }

  mutable std::shared_mutex mutex_;
  SubscriptionIndex<ConnectionRef, SubscriptionOptions> index_;  // guarded by mutex_
  std::atomic<size_t> size_{0};
};

}  // namespace energy::mqtt
