#pragma once

#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "mqtt/message.h"

namespace energy::mqtt {

/// The last retained message of each topic (§3.3.1.3). Bounded in number and bytes; those that have
/// expired make room first.
///
/// Threads: safe anywhere. Cost: a filter without wildcards is one look-up; one with wildcards
/// visits the topics that begin with what stands before its first wildcard.
class RetainedMessages {
 public:
  RetainedMessages(size_t max_messages, size_t max_bytes)
      : max_messages_(max_messages), max_bytes_(max_bytes) {}

  enum class Kept : uint8_t { kKept, kDeleted, kUnchanged, kFull };
  /// Replaces the message of its topic; one without payload deletes it and is not kept itself
  /// [MQTT-3.3.1-6, -7]. kUnchanged: nothing was there to delete. kFull: neither kept nor replaced.
  Kept Set(const MessagePtr& message, Message::TimePoint now);

  /// Adds the messages that match `filter`, in the order of their topics, to `found` until it has
  /// `max_bytes`. `after`: the topic to go on behind, as the last call left it; nothing to begin.
  /// True when nothing is left to add.
  bool Match(std::string_view filter, std::optional<std::string>& after, size_t max_bytes,
             Message::TimePoint now, std::vector<MessagePtr>& found);

  size_t count() const;
  size_t bytes() const;

 private:
  using Topics = std::map<std::string_view, MessagePtr, std::less<>>;  // keys are in the messages

  Topics::iterator Erase(Topics::iterator it);
  void Purge(Message::TimePoint now);
  bool Fits(size_t messages, size_t bytes) const;

  const size_t max_messages_;
  const size_t max_bytes_;
  mutable std::mutex mutex_;
  Topics topics_;     // guarded by mutex_
  size_t bytes_ = 0;  // guarded by mutex_
};

}  // namespace energy::mqtt
