#pragma once

#include <atomic>

#include "base/random.h"
#include "mqtt/broker.h"
#include "mqtt/client_registry.h"
#include "mqtt/router.h"

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
  prometheus::Counter& publishes_received;
  prometheus::Counter& publishes_sent;
  prometheus::Counter& dropped_slow;
  prometheus::Counter& dropped_expired;
  prometheus::Counter& dropped_too_large;
  prometheus::Counter& dropped_not_authorized;
  prometheus::Counter& protocol_errors;
  prometheus::Counter& bytes_received;
  prometheus::Counter& bytes_sent;
};

/// What the I/O threads of one broker share.
struct BrokerState {
  BrokerState(BrokerOptions broker_options, Authenticator& auth, PublishHandler& publish_handler,
              const base::Clock& broker_clock, base::Logger broker_logger, base::Metrics& registry)
      : options(std::move(broker_options)),
        authenticator(auth),
        handler(publish_handler),
        clock(broker_clock),
        logger(std::move(broker_logger)),
        metrics(registry) {}

  const BrokerOptions options;
  Authenticator& authenticator;
  PublishHandler& handler;
  const base::Clock& clock;
  const base::Logger logger;
  BrokerMetrics metrics;
  base::SystemRandom random;
  Router router;
  ClientRegistry clients;
  std::atomic<size_t> sockets{0};      // accepted and not yet closed
  std::atomic<size_t> connections{0};  // of these, CONNECT accepted
  std::atomic<bool> reading_stopped{false};
};

}  // namespace energy::mqtt
