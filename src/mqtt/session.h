#pragma once

#include <atomic>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "mqtt/connection_ref.h"
#include "mqtt/message.h"
#include "mqtt/topic_aliases.h"

namespace energy::mqtt {

struct ShareGroup;

struct SubscriptionOptions {
  uint8_t qos = 0;
  bool no_local = false;
  bool retain_as_published = false;
  uint32_t id = 0;  ///< Subscription Identifier; 0: none

  bool operator==(const SubscriptionOptions&) const = default;
};

/// One message for one session.
struct Delivery {
  MessagePtr message;
  uint64_t id = 0;  ///< of the message in the SessionStore; 0: not kept there
  uint8_t qos = 0;
  bool retain = false;
  bool sent_before = false;                ///< perhaps, in an earlier life of the broker
  std::vector<uint32_t> subscription_ids;  ///< of all subscriptions that matched
  /// The shared subscription that brought it, if one did; weak, as it holds its members' sessions.
  std::weak_ptr<ShareGroup> group;
};

/// What may wait for all sessions of a broker together and for each one.
struct QueueBudget {
  size_t session_bytes = 0;
  size_t session_messages = 0;
  size_t total_bytes = 0;
  std::atomic<size_t> used_bytes{0};
};

/// The subscriber side of one client: its subscriptions, the messages waiting for it and those it
/// has not acknowledged (§4.1). Outlives its connections when the client asked for that.
///
/// Operation: any thread offers messages; the connection that is attached takes them out. A message
/// is encoded when it leaves, so that it waits as one shared copy. Packet ids are given out in
/// order; the ids in flight are a range, whose element i stands for first_id + i.
///
/// Threads: safe anywhere. No lock of another class is taken while this one's is held, except the
/// Router's (see Router).
class Session {
 public:
  using Filters = std::map<std::string, SubscriptionOptions, std::less<>>;

  struct Identity {
    std::string client_id;
    std::string owner;     ///< the principal's name: nobody else gets this session
    uint64_t number = 0;   ///< names it in the SessionStore
    bool durable = false;  ///< outlives its connection, and the broker
  };
  /// What the connected client takes.
  struct Limits {
    Version version = Version::k311;
    uint16_t receive_maximum = UINT16_MAX;   ///< [MQTT-3.3.4-9]
    uint32_t max_packet_bytes = UINT32_MAX;  ///< [MQTT-3.1.2-24]
  };
  struct Offered {
    bool taken = false;
    bool wake = false;  ///< `connection` must be told
    ConnectionRef connection;
    uint32_t dropped = 0;            ///< messages that had to go, this one included
    std::vector<uint64_t> finished;  ///< their ids in the store
  };
  struct Sent {
    uint32_t sent = 0;
    uint32_t expired = 0;
    uint32_t too_large = 0;
    std::vector<uint64_t> finished;  ///< ids in the store of what was not sent
  };

  Session(Identity identity, std::shared_ptr<QueueBudget> budget);
  ~Session();
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  const Identity& identity() const { return identity_; }
  bool durable() const { return identity_.durable; }
  bool connected() const { return connected_.load(std::memory_order_relaxed); }
  /// A message more may not fit: shared subscriptions prefer another member.
  bool congested() const { return congested_.load(std::memory_order_relaxed); }

  /// Queues a message. While no connection is attached QoS 0 messages are not kept, and the oldest
  /// give way to the newest; a connected client that is too slow is told by Overflowed.
  Offered Offer(Delivery delivery);
  /// Queues a message that has its place whatever the limits: one of an earlier life of the broker,
  /// or a retained one that the connection asked for.
  void Force(Delivery delivery);

  /// A connection takes the session. What was in flight is sent again [MQTT-4.4.0-1].
  void Attach(const ConnectionRef& connection, const Limits& limits);
  /// The connection gives it back; nothing happens if another has taken it since.
  void Detach(const ConnectionRef& connection);
  /// Ends the session: it takes nothing more. Returns the messages that came through shared
  /// subscriptions, for other members.
  std::vector<Delivery> End();

  /// Encodes waiting messages into `out` until it has `target` bytes, the window of unacknowledged
  /// messages is full, or nothing waits.
  Sent Fill(const ConnectionRef& connection, size_t target, Message::TimePoint now,
            OutboundAliases* aliases, std::string& out);
  /// True once after a message did not fit while the client was connected.
  bool Overflowed(const ConnectionRef& connection);
  /// A PUBACK. False when no such message is in flight. `stored`: its id in the store.
  bool OnAck(const ConnectionRef& connection, uint16_t packet_id, uint64_t& stored);
  /// True while a message with this packet id is in flight.
  bool Awaits(const ConnectionRef& connection, uint16_t packet_id) const;

  /// Calls `change(filters)` while nothing else changes them. False, without a call, when the
  /// session has ended or belongs to another connection by now.
  template <class Change>
  bool ChangeFilters(const ConnectionRef& connection, Change&& change) {
    const std::lock_guard lock(mutex_);
    if (ended_ || !(owner_ == connection)) return false;
    change(filters_);
    return true;
  }
  /// The same for who needs no connection: at the end of the session and at a restart.
  template <class Change>
  void ChangeFiltersAlways(Change&& change) {
    const std::lock_guard lock(mutex_);
    change(filters_);
  }

  struct Load {
    size_t waiting = 0;
    size_t in_flight = 0;
    size_t bytes = 0;
    size_t subscriptions = 0;
    uint64_t dropped = 0;  ///< messages that did not fit
  };
  Load load() const;

 private:
  struct InFlight {
    Delivery delivery;  // empty once acknowledged
    bool acknowledged = false;
  };
  // Most sessions never have a message: memory only for those that do.
  struct Queues {
    std::deque<Delivery> waiting;
    std::deque<InFlight> in_flight;
  };

  static size_t Cost(const Delivery& delivery);
  bool Fits(size_t bytes) const;
  void Push(Delivery delivery, size_t bytes);
  void Add(size_t bytes);
  void Remove(size_t bytes);
  bool DropOldest(Offered& result);
  bool SendAgain(size_t target, Message::TimePoint now, std::string& out, Sent& sent);
  bool SendNext(Message::TimePoint now, OutboundAliases* aliases, std::string& out, Sent& sent);
  bool WindowOpen() const;
  void Finish(InFlight& entry);
  void TrimInFlight();
  uint16_t PacketIdAt(size_t index) const;
  std::optional<size_t> InFlightIndex(const ConnectionRef& connection, uint16_t packet_id) const;

  const Identity identity_;
  const std::shared_ptr<QueueBudget> budget_;
  std::atomic<bool> connected_{false};
  std::atomic<bool> congested_{false};

  mutable std::mutex mutex_;  // guards everything below
  Limits limits_;
  ConnectionRef owner_;
  bool ended_ = false;
  bool signaled_ = false;  // the connection was told and has not looked yet
  bool overflowed_ = false;
  uint16_t first_id_ = 1;
  Filters filters_;
  std::unique_ptr<Queues> queues_;
  uint64_t dropped_ = 0;
  size_t bytes_ = 0;            // of all messages here
  size_t in_flight_bytes_ = 0;  // of those in flight
  size_t resend_ = 0;           // in flight up to here was sent on this connection
  size_t unacknowledged_ = 0;   // of these
};

using SessionPtr = std::shared_ptr<Session>;

}  // namespace energy::mqtt
