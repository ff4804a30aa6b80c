#include "mqtt/broker_state.h"

namespace energy::mqtt {
namespace {

prometheus::Counter& ConnectResult(base::Metrics& metrics, const std::string& result) {
  return metrics.Counter("mqtt_connects_total", "CONNECT attempts by result", {{"result", result}});
}

prometheus::Counter& Dropped(base::Metrics& metrics, const std::string& reason) {
  return metrics.Counter("mqtt_messages_dropped_total", "Messages not delivered, by reason",
                         {{"reason", reason}});
}

}  // namespace

BrokerState::BrokerState(BrokerOptions broker_options, Authenticator& auth,
                         PublishHandler& publish_handler, const base::Clock& broker_clock,
                         base::Logger broker_logger, base::Metrics& registry_of_metrics)
    : options(std::move(broker_options)),
      authenticator(auth),
      handler(publish_handler),
      clock(broker_clock),
      logger(std::move(broker_logger)),
      metrics(registry_of_metrics),
      tls(MakeTlsFiles(options.tls, logger)),
      retained(options.max_retained_messages, options.max_retained_bytes),
      budget(std::make_shared<QueueBudget>()),
      registry({options.max_sessions, options.max_session_expiry_s}, clock, budget),
      admission(options.admission) {
  if (options.max_total_messages_per_second > 0 || options.max_total_bytes_per_second > 0) {
    total_rate = std::make_unique<SharedPublishRate>(
        options.max_total_messages_per_second, options.max_total_bytes_per_second, clock.Steady());
  }
  budget->session_bytes = options.max_outbound_bytes;
  budget->session_messages = options.max_queued_messages;
  budget->total_bytes = options.max_queued_total_bytes;
}

BrokerMetrics::BrokerMetrics(base::Metrics& metrics)
    : connections(metrics.Gauge("mqtt_connections", "MQTT clients connected")),
      accepted(ConnectResult(metrics, "accepted")),
      bad_credentials(ConnectResult(metrics, "bad_credentials")),
      not_authorized(ConnectResult(metrics, "not_authorized")),
      unavailable(ConnectResult(metrics, "unavailable")),
      invalid(ConnectResult(metrics, "invalid")),
      timed_out(ConnectResult(metrics, "timeout")),
      server_full(ConnectResult(metrics, "server_full")),
      address_full(ConnectResult(metrics, "address_full")),
      too_often(ConnectResult(metrics, "too_often")),
      logins_delayed(metrics.Counter("mqtt_login_answers_delayed_total",
                                     "Refusals held back after repeated failed logins")),
      held_back(metrics.Counter("mqtt_publish_held_back_total",
                                "Times a client was not read because it publishes too fast")),
      subscriptions(metrics.Gauge("mqtt_subscriptions", "Subscriptions of all clients")),
      publishes_received(
          metrics.Counter("mqtt_publishes_received_total", "PUBLISH packets from clients")),
      publishes_sent(metrics.Counter("mqtt_publishes_sent_total", "PUBLISH packets to clients")),
      dropped_slow(Dropped(metrics, "slow_subscriber")),
      dropped_expired(Dropped(metrics, "expired")),
      dropped_too_large(Dropped(metrics, "packet_too_large")),
      dropped_not_authorized(Dropped(metrics, "not_authorized")),
      dropped_retain_full(Dropped(metrics, "retained_messages_full")),
      sessions(metrics.Gauge("mqtt_sessions", "MQTT sessions kept, of clients connected or not")),
      retained(metrics.Gauge("mqtt_retained_messages", "Retained messages")),
      queued_bytes(metrics.Gauge("mqtt_queued_bytes", "Bytes waiting in all MQTT sessions")),
      protocol_errors(metrics.Counter("mqtt_protocol_errors_total",
                                      "Connections closed for breaking the protocol")),
      bytes_received(metrics.Counter("mqtt_bytes_received_total", "Bytes read from MQTT sockets")),
      bytes_sent(metrics.Counter("mqtt_bytes_sent_total", "Bytes written to MQTT sockets")) {}

}  // namespace energy::mqtt
