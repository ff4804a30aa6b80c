#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace energy::mqtt {

/// Topic aliases a client has set (§3.3.2.3.4). Threads: not safe.
class InboundAliases {
 public:
  /// What one connection may make the broker remember, in bytes of topics.
  static constexpr size_t kMaxBytes = 64 << 10;

  /// `alias` from 1. False when the topics would take more than kMaxBytes.
  bool Set(uint16_t alias, std::string_view topic) {
    if (topics_.size() < alias) topics_.resize(alias);
    std::string& known = topics_[alias - 1U];
    if (bytes_ - known.size() + topic.size() > kMaxBytes) return false;
    bytes_ += topic.size() - known.size();
    known = topic;
    return true;
  }
  /// Empty when the alias was not set.
  std::string_view Find(uint16_t alias) const {
    return alias <= topics_.size() ? std::string_view(topics_[alias - 1U]) : std::string_view();
  }

 private:
  std::vector<std::string> topics_;  // of alias i + 1
  size_t bytes_ = 0;
};

/// Topic aliases the broker uses towards a client: the first topics that it sends get one and keep
/// it, as a subscriber of few topics gains most and one of many cannot. Threads: not safe.
class OutboundAliases {
 public:
  struct Use {
    uint16_t alias = 0;  ///< 0: none
    bool known = false;  ///< the client knows it already
  };

  /// `client_maximum`: Topic Alias Maximum of CONNECT; 0: never an alias.
  explicit OutboundAliases(uint32_t client_maximum = 0)
      : maximum_(client_maximum < kMaxAliases ? client_maximum : kMaxAliases) {}

  /// The alias to send `topic` with. One that is not known yet becomes so with Remember.
  Use Find(std::string_view topic) const {
    if (maximum_ == 0 || topic.size() <= kShort || topic.size() > kLong) return {};
    const auto it = aliases_.find(topic);
    if (it != aliases_.end()) return {it->second, true};
    if (aliases_.size() >= maximum_) return {};
    return {static_cast<uint16_t>(aliases_.size() + 1), false};
  }
  void Remember(std::string_view topic, uint16_t alias) { aliases_.emplace(topic, alias); }

 private:
  static constexpr uint32_t kMaxAliases = 64;
  static constexpr size_t kShort = 3;  // what an alias itself costs
  static constexpr size_t kLong = 1024;

  struct Hash {
    using is_transparent = void;
    size_t operator()(std::string_view text) const { return std::hash<std::string_view>{}(text); }
  };
  uint32_t maximum_;
  std::unordered_map<std::string, uint16_t, Hash, std::equal_to<>> aliases_;
};

}  // namespace energy::mqtt
