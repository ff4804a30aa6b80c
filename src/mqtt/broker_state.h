#pragma once

#include <atomic>

#include "base/random.h"
#include "mqtt/broker.h"
#include "mqtt/retained_messages.h"
#include "mqtt/router.h"
#include "mqtt/session_registry.h"
#include "mqtt/session_store.h"
#include "mqtt/tls.h"

namespace energy::mqtt {

/// The broker's metrics (asked for once). Workers count locally and add once per turn.
struct BrokerMetrics {
  explicit BrokerMetrics(base::Metrics& metrics);

  prometheus::Gauge& connections;
  prometheus::Counter& accepted;
  prometheus::Counter& bad_credentials;
  prometheus::Counter& not_authorized;
  prometheus::Counter& unavailable;
  prometheus::Counter& invalid;
  prometheus::Counter& timed_out;
  prometheus::Counter& server_full;
  prometheus::Counter& address_full;
  prometheus::Counter& too_often;
  prometheus::Counter& logins_delayed;
  prometheus::Counter& held_back;
  prometheus::Gauge& subscriptions;
  prometheus::Counter& publishes_received;
  prometheus::Counter& publishes_sent;
  prometheus::Counter& dropped_slow;
  prometheus::Counter& dropped_expired;
  prometheus::Counter& dropped_too_large;
  prometheus::Counter& dropped_not_authorized;
  prometheus::Counter& dropped_retain_full;
  prometheus::Gauge& sessions;
  prometheus::Gauge& retained;
  prometheus::Gauge& queued_bytes;
  prometheus::Counter& protocol_errors;
  prometheus::Counter& bytes_received;
  prometheus::Counter& bytes_sent;
};

/// What the I/O threads of one broker share.
struct BrokerState {
  BrokerState(BrokerOptions broker_options, Authenticator& auth, PublishHandler& publish_handler,
              const base::Clock& broker_clock, base::Logger broker_logger, base::Metrics& registry);

  const BrokerOptions options;
  Authenticator& authenticator;
  PublishHandler& handler;
  const base::Clock& clock;
  const base::Logger logger;
  BrokerMetrics metrics;
  TlsFiles tls;
  base::SystemRandom random;
  Router router;
  RetainedMessages retained;
  std::shared_ptr<QueueBudget> budget;
  SessionRegistry registry;
  std::unique_ptr<SessionStore> store;  // null: nothing outlives the broker
  std::atomic<uint64_t> next_message{1};
  Admission admission;
  std::unique_ptr<SharedPublishRate> total_rate;  // null: no limit
  ClientErrors errors;
  PacketTraces traces;
  std::atomic<size_t> connections{0};        // CONNECT accepted and still there
  std::atomic<size_t> durable_connected{0};  // of these, with a session that outlives them
  std::atomic<bool> reading_stopped{false};
};

}  // namespace energy::mqtt
