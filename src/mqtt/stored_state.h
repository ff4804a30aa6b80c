#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/clock.h"
#include "mqtt/message.h"
#include "mqtt/session.h"
#include "mqtt/will.h"

namespace energy::mqtt {

/// One session of a stored message.
struct StoredTarget {
  uint64_t session = 0;
  uint8_t qos = 1;
  bool retain = false;
  bool sent_before = false;
  std::vector<uint32_t> subscription_ids;
};

// What can happen to that which outlives the broker. Sessions have numbers that are never used
// again, messages ids that grow.
struct SessionBegun {
  uint64_t session = 0;
  std::string client_id;
  std::string owner;
  uint32_t expiry_s = 0;
};
/// The client is connected; what waits may be sent from now on.
struct SessionResumed {
  uint64_t session = 0;
  uint32_t expiry_s = 0;
};
/// The client is gone; the session expires `expiry_s` after `left` unless that is UINT32_MAX.
struct SessionLeft {
  uint64_t session = 0;
  uint32_t expiry_s = 0;
  base::Timestamp left;
};
struct SessionEnded {
  uint64_t session = 0;
};
struct Subscribed {
  uint64_t session = 0;
  std::string filter;
  SubscriptionOptions options;
};
struct Unsubscribed {
  uint64_t session = 0;
  std::string filter;
};
struct MessageQueued {
  uint64_t id = 0;
  MessagePtr message;
  std::vector<StoredTarget> targets;
};
/// Acknowledged by the client, or given up.
struct MessageFinished {
  uint64_t session = 0;
  uint64_t id = 0;
};
/// A retained message, or its deletion when the payload is empty.
struct RetainedSet {
  MessagePtr message;
};

/// The will of a client that is gone is due then, unless it comes back or the session ends before.
struct WillDelayed {
  uint64_t session = 0;
  base::Timestamp due;
  WillPtr will;
};
/// That will was published.
struct WillPublished {
  uint64_t session = 0;
  base::Timestamp due;
};

using Change =
    std::variant<SessionBegun, SessionResumed, SessionLeft, SessionEnded, Subscribed, Unsubscribed,
                 MessageQueued, MessageFinished, RetainedSet, WillDelayed, WillPublished>;

/// Everything that outlives the broker, as the changes made it.
///
/// Threads: not safe. Changes that refer to sessions or messages which are not there do nothing, as
/// a session may end while a message for it is on its way.
class StoredState {
 public:
  struct StoredSession {
    SessionBegun begun;
    bool connected = true;
    base::Timestamp left{};
    Session::Filters filters;
    std::set<uint64_t> messages;
    WillDelayed will;  // without a will: none waits
  };

  void Apply(const Change& change);

  const std::map<uint64_t, StoredSession>& sessions() const { return sessions_; }
  const std::map<uint64_t, MessageQueued>& messages() const { return messages_; }
  const std::map<std::string, MessagePtr, std::less<>>& retained() const { return retained_; }
  /// Above every number and id there ever was.
  uint64_t next_session() const { return next_session_; }
  uint64_t next_message() const { return next_message_; }

  /// Calls `emit(change)` with changes that make this state out of nothing.
  void Describe(const std::function<void(const Change&)>& emit) const;

 private:
  void Forget(uint64_t session, uint64_t message);
  void End(uint64_t session);
  void Queue(const MessageQueued& queued);

  std::map<uint64_t, StoredSession> sessions_;
  std::map<uint64_t, MessageQueued> messages_;
  std::map<std::string, MessagePtr, std::less<>> retained_;
  uint64_t next_session_ = 1;
  uint64_t next_message_ = 1;
};

}  // namespace energy::mqtt
