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

BrokerMetrics::BrokerMetrics(base::Metrics& metrics)
    : connections(metrics.Gauge("mqtt_connections", "MQTT clients connected")),
      accepted(ConnectResult(metrics, "accepted")),
      bad_credentials(ConnectResult(metrics, "bad_credentials")),
      not_authorized(ConnectResult(metrics, "not_authorized")),
      unavailable(ConnectResult(metrics, "unavailable")),
      invalid(ConnectResult(metrics, "invalid")),
      timed_out(ConnectResult(metrics, "timeout")),
      server_full(ConnectResult(metrics, "server_full")),
      publishes_received(
          metrics.Counter("mqtt_publishes_received_total", "PUBLISH packets from clients")),
      publishes_sent(metrics.Counter("mqtt_publishes_sent_total", "PUBLISH packets to clients")),
      dropped_slow(Dropped(metrics, "slow_subscriber")),
      dropped_expired(Dropped(metrics, "expired")),
      dropped_too_large(Dropped(metrics, "packet_too_large")),
      dropped_not_authorized(Dropped(metrics, "not_authorized")),
      protocol_errors(metrics.Counter("mqtt_protocol_errors_total",
                                      "Connections closed for breaking the protocol")),
      bytes_received(metrics.Counter("mqtt_bytes_received_total", "Bytes read from MQTT sockets")),
      bytes_sent(metrics.Counter("mqtt_bytes_sent_total", "Bytes written to MQTT sockets")) {}

}  // namespace energy::mqtt
