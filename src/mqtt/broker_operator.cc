#include <algorithm>
#include <atomic>
#include <mutex>

#include "mqtt/broker_impl.h"
#include "mqtt/connection.h"

// What the operator sees of a broker and does to its clients.
namespace energy::mqtt {
namespace {

// What the handlers of a visit collect together.
template <class T>
struct Collected {
  std::mutex mutex;
  T value;  // guarded by mutex
};

}  // namespace

BrokerStats Broker::stats() const {
  const BrokerMetrics& metrics = impl_->state->metrics;
  auto count = [](const prometheus::Counter& counter) {
    return static_cast<uint64_t>(counter.Value());
  };
  BrokerStats stats;
  stats.connections = impl_->state->connections.load();
  stats.sessions = impl_->state->registry.stored();
  stats.clients = stats.connections + stats.sessions -
                  std::min(stats.sessions, impl_->state->durable_connected.load());
  stats.subscriptions = impl_->state->router.size();
  stats.retained_messages = impl_->state->retained.count();
  stats.queued_bytes = impl_->state->budget->used_bytes.load();
  stats.publishes_received = count(metrics.publishes_received);
  stats.publishes_sent = count(metrics.publishes_sent);
  stats.bytes_received = count(metrics.bytes_received);
  stats.bytes_sent = count(metrics.bytes_sent);
  stats.messages_dropped = count(metrics.dropped_slow) + count(metrics.dropped_expired) +
                           count(metrics.dropped_too_large) +
                           count(metrics.dropped_not_authorized) +
                           count(metrics.dropped_retain_full);
  stats.protocol_errors = count(metrics.protocol_errors);
  return stats;
}

base::Status Broker::health() const {
  return impl_->state->store ? impl_->state->store->health() : base::Status();
}

std::vector<ClientInfo> Broker::Clients() const {
  const auto all = std::make_shared<Collected<std::vector<ClientInfo>>>();
  impl_->Visit([all](Connection& connection) {
    ClientInfo info = connection.Info();
    const std::lock_guard lock(all->mutex);
    all->value.push_back(std::move(info));
  });
  const std::lock_guard lock(all->mutex);
  return std::move(all->value);
}

std::optional<ClientInfo> Broker::Client(std::string_view client_id,
                                         std::vector<ClientSubscription>& subscriptions) const {
  using Found = std::pair<std::optional<ClientInfo>, std::vector<ClientSubscription>>;
  const auto found = std::make_shared<Collected<Found>>();
  impl_->Visit([found, id = std::string(client_id)](Connection& connection) {
    if (connection.client_id() != id) return;
    const std::lock_guard lock(found->mutex);
    found->value = {connection.Info(), connection.Subscriptions()};
  });
  const std::lock_guard lock(found->mutex);
  subscriptions = std::move(found->value.second);
  return std::move(found->value.first);
}

bool Broker::DisconnectClient(std::string_view client_id) {
  const auto found = std::make_shared<std::atomic<bool>>(false);
  impl_->Visit([found, id = std::string(client_id)](Connection& connection) {
    if (connection.client_id() != id) return;
    *found = true;
    connection.Disconnect(ReasonCode::kAdministrativeAction, "disconnected by the operator");
  });
  return *found;
}

std::vector<ClientError> Broker::Errors() const { return impl_->state->errors.List(); }

base::Status Broker::StartTrace(std::string_view client_id, std::chrono::seconds duration,
                                bool with_payload) {
  const BrokerState& state = *impl_->state;
  const PacketTracePtr trace =
      impl_->state->traces.Start(std::string(client_id), state.clock, duration, with_payload);
  if (!trace) {
    return base::RateLimited("as many clients as possible are being traced: stop a trace first");
  }
  impl_->Visit([trace, id = std::string(client_id)](Connection& connection) {
    if (connection.client_id() == id) connection.StartTrace(trace);
  });
  return {};
}

PacketTracePtr Broker::Trace(std::string_view client_id) const {
  return impl_->state->traces.Find(client_id);
}

}  // namespace energy::mqtt
