#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "mqtt/topic.h"

namespace energy::mqtt {

/// Who subscribed to what, as a trie over topic levels: a match visits only the levels of the
/// topic, however many subscriptions there are.
///
/// `Subscriber` is a small value with ==. Filters and topics must be valid (topic.h).
/// Threads: not safe; see Router. Cost of a match: O(levels) without `+`, at most O(nodes).
template <class Subscriber, class Options>
class SubscriptionIndex {
 public:
  /// Adds or replaces a subscription. True when it is new.
  bool Add(std::string_view filter, const Subscriber& subscriber, const Options& options) {
    Node* node = &root_;
    bool more = true;
    std::string_view rest = filter;
    while (more) {
      const std::string_view level = NextLevel(rest, more);
      if (level == "#") return AddTo(node->subtree, subscriber, options);
      node = &Child(*node, level);
    }
    return AddTo(node->exact, subscriber, options);
  }

  /// True when there was such a subscription.
  bool Remove(std::string_view filter, const Subscriber& subscriber) {
    return RemoveFrom(root_, filter, true, subscriber);
  }

  /// Calls `found(subscriber, options)` for each subscription that matches `topic`; a subscriber
  /// comes once for each of its filters that match.
  template <class Found>
  void Match(std::string_view topic, Found&& found) const {
    Visit(root_, topic, true, topic.starts_with('$'), found);
  }

  size_t size() const { return size_; }

 private:
  struct Entry {
    Subscriber subscriber;
    Options options;
  };
  struct Hash {
    using is_transparent = void;
    size_t operator()(std::string_view text) const { return std::hash<std::string_view>{}(text); }
  };
  struct Node {
    std::unordered_map<std::string, std::unique_ptr<Node>, Hash, std::equal_to<>> children;
    std::unique_ptr<Node> plus;
    std::vector<Entry> exact;
    std::vector<Entry> subtree;  // filters that end in '#' below this node

    bool empty() const { return children.empty() && !plus && exact.empty() && subtree.empty(); }
  };

  static Node& Child(Node& node, std::string_view level) {
    if (level == "+") {
      if (!node.plus) node.plus = std::make_unique<Node>();
      return *node.plus;
    }
    auto it = node.children.find(level);
    if (it == node.children.end()) {
      it = node.children.emplace(std::string(level), std::make_unique<Node>()).first;
    }
    return *it->second;
  }

  bool AddTo(std::vector<Entry>& entries, const Subscriber& subscriber, const Options& options) {
    for (Entry& entry : entries) {
      if (entry.subscriber == subscriber) {
        entry.options = options;
        return false;
      }
    }
    entries.push_back({subscriber, options});
    ++size_;
    return true;
  }

  bool EraseFrom(std::vector<Entry>& entries, const Subscriber& subscriber) {
    for (Entry& entry : entries) {
      if (entry.subscriber == subscriber) {
        entry = std::move(entries.back());
        entries.pop_back();
        --size_;
        return true;
      }
    }
    return false;
  }

  // Descends, removes, and drops nodes that became empty on the way back.
  bool RemoveFrom(Node& node, std::string_view rest, bool more, const Subscriber& subscriber) {
    if (!more) return EraseFrom(node.exact, subscriber);
    const std::string_view level = NextLevel(rest, more);
    if (level == "#") return EraseFrom(node.subtree, subscriber);
    if (level == "+") {
      if (!node.plus) return false;
      const bool removed = RemoveFrom(*node.plus, rest, more, subscriber);
      if (node.plus->empty()) node.plus.reset();
      return removed;
    }
    const auto it = node.children.find(level);
    if (it == node.children.end()) return false;
    const bool removed = RemoveFrom(*it->second, rest, more, subscriber);
    if (it->second->empty()) node.children.erase(it);
    return removed;
  }

  template <class Found>
  static void Visit(const Node& node, std::string_view rest, bool more, bool skip_wildcards,
                    Found& found) {
    if (!skip_wildcards) {
      for (const Entry& entry : node.subtree) found(entry.subscriber, entry.options);
    }
    if (!more) {
      for (const Entry& entry : node.exact) found(entry.subscriber, entry.options);
      return;
    }
    const std::string_view level = NextLevel(rest, more);
    if (node.plus && !skip_wildcards) Visit(*node.plus, rest, more, false, found);
    if (node.children.empty()) return;
    const auto it = node.children.find(level);
    if (it != node.children.end()) Visit(*it->second, rest, more, false, found);
  }

  Node root_;
  size_t size_ = 0;
};

}  // namespace energy::mqtt
