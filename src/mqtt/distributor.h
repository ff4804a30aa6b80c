#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "mqtt/broker_state.h"
#include "mqtt/packets.h"

namespace energy::mqtt {

/// A publish on its way from whoever made it.
struct Outgoing {
  std::string_view topic;
  std::string_view payload;
  const Properties* properties = nullptr;  ///< as decoded; none when the program itself publishes
  uint8_t qos = 0;
  bool retain = false;
  const Session* publisher = nullptr;  ///< its session, for no local
  std::optional<AckToken> waiter;      ///< completed once what must be stored is
};

struct Distributed {
  bool stored = false;       ///< `waiter` will be completed
  bool retain_full = false;  ///< no room for the retained message
};

/// Sends a message to its subscribers and keeps it where it is retained. `scratch` is memory to
/// reuse. Threads: any. Cost: one atomic load while nobody subscribes and it is not retained.
Distributed Distribute(BrokerState& broker, const Outgoing& publish, std::vector<Target>& scratch,
                       Waker& waker);

/// Ends a session that the registry has given up: its subscriptions go, and what shared
/// subscriptions brought it goes to other members (§4.8.2). Threads: any.
void EndSession(BrokerState& broker, const SessionPtr& session, Waker& waker);

/// Puts a message into a session's queue and does what follows from that. Threads: any.
void Offer(BrokerState& broker, const SessionPtr& session, Delivery delivery, Waker& waker);

/// Tells the store that messages of a session need not be kept any more. Threads: any.
void Finish(BrokerState& broker, const Session& session, const std::vector<uint64_t>& messages);

/// Brings stored sessions, subscriptions and messages back. Before the broker starts.
void Restore(BrokerState& broker, const StoredState& stored);

}  // namespace energy::mqtt
