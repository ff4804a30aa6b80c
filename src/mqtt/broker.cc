#include "mqtt/broker.h"

#include <vector>

#include "mqtt/broker_impl.h"
#include "mqtt/distributor.h"
#include "mqtt/session_file.h"
#include "mqtt/topic.h"
#include "mqtt/utf8.h"

namespace energy::mqtt {
namespace {

base::Status CheckOptions(const BrokerOptions& options) {
  if (options.receive_maximum == 0) {
    return base::InvalidField("receive_maximum", "must be at least 1");
  }
  if (options.max_packet_bytes < 1024) {
    return base::InvalidField("max_packet_bytes", "must be at least 1024");
  }
  if (options.admission.max_connections == 0) {
    return base::InvalidField("max_connections", "must be at least 1");
  }
  return {};
}

// Collects whom to wake, for a thread that is no worker.
class WakeList final : public Waker {
 public:
  explicit WakeList(size_t threads) : connections_(threads) {}
  void Wake(const ConnectionRef& connection) override {
    connections_[connection.io_thread].push_back(connection);
  }
  void Post(const std::vector<std::shared_ptr<Worker>>& workers) const {
    for (size_t i = 0; i < workers.size(); ++i) {
      if (!connections_[i].empty()) workers[i]->PostWakes(connections_[i]);
    }
  }

 private:
  std::vector<std::vector<ConnectionRef>> connections_;
};

base::Status OpenStore(BrokerState& state, base::Metrics& metrics) {
  if (state.options.session_folder.empty()) return {};
  FileSessionStore::Options options;
  options.folder = state.options.session_folder;
  ENERGY_ASSIGN_OR_RETURN(
      state.store, FileSessionStore::Open(std::move(options), state.clock, state.logger, metrics));
  state.registry.SetStore(state.store.get());
  Restore(state, state.store->state());
  if (state.registry.stored() > 0) {
    state.logger->info("{} sessions, {} subscriptions and {} retained messages brought back",
                       state.registry.stored(), state.router.size(), state.retained.count());
  }
  return {};
}

std::vector<std::pair<Transport, uint16_t>> ListenersOf(const BrokerOptions& options) {
  std::vector<std::pair<Transport, uint16_t>> listeners{{Transport::kTcp, options.port}};
  const bool tls = options.tls.enabled();
  if (tls) listeners.emplace_back(Transport::kTls, options.tls_port);
  if (options.web_socket) listeners.emplace_back(Transport::kWebSocket, options.web_socket_port);
  if (options.web_socket && tls) {
    listeners.emplace_back(Transport::kWebSocketTls, options.web_socket_tls_port);
  }
  return listeners;
}

}  // namespace

Broker::Broker(BrokerOptions options, base::IoThreads& io, Authenticator& authenticator,
               PublishHandler& handler, const base::Clock& clock, base::Logger logger,
               base::Metrics& metrics)
    : impl_(std::make_unique<Impl>(std::move(options), io, authenticator, handler, clock,
                                   std::move(logger), metrics)) {
  // Before Start, so that Complete and Publish need no check.
  std::vector<Worker*> peers;
  for (unsigned i = 0; i < io.count(); ++i) {
    impl_->workers.push_back(std::make_shared<Worker>(i, io.context(i), impl_->state));
    peers.push_back(impl_->workers.back().get());
  }
  for (const auto& worker : impl_->workers) worker->SetPeers(peers);
}

Broker::~Broker() { Stop(); }

base::Status Broker::Start() {
  Impl& self = *impl_;
  if (!self.listeners.empty()) return base::Conflict("the MQTT broker was started before");
  const BrokerOptions& options = self.state->options;
  ENERGY_RETURN_IF_ERROR(CheckOptions(options));
  if (options.tls.enabled()) ENERGY_RETURN_IF_ERROR(self.state->tls.Load());
  std::vector<std::shared_ptr<Listener>> listeners;
  for (const auto& [transport, port] : ListenersOf(options)) {
    listeners.push_back(
        std::make_shared<Listener>(self.io.context(0), self.state, self.workers, transport));
    ENERGY_RETURN_IF_ERROR(listeners.back()->Open(port));
  }
  if (!self.state->store) ENERGY_RETURN_IF_ERROR(OpenStore(*self.state, self.registry));
  ENERGY_RETURN_IF_ERROR(self.StartStore());
  for (const auto& worker : self.workers) worker->Start();
  self.listeners = std::move(listeners);
  for (const auto& listener : self.listeners) {
    listener->Start();
    self.state->logger->info("listening on {}:{} ({})", options.address, listener->port(),
                             TransportName(listener->transport()));
  }
  self.sys = std::make_shared<SysTopics>(*this, self.state, self.io.context(0));
  self.sys->Start();
  self.running = true;
  return {};
}

void Broker::Stop() {
  Impl& self = *impl_;
  if (!self.running) return;
  self.running = false;
  for (const auto& listener : self.listeners) listener->Close();
  self.sys->Stop();
  const auto latch = std::make_shared<Latch>();
  const auto timeout = self.state->options.stop_timeout;
  for (const auto& worker : self.workers) {
    // A loop that does not run any more cannot answer, and no hook can be called from it.
    if (worker->context().stopped()) continue;
    latch->Expect();
    worker->PostStop(timeout, [latch] { latch->Arrive(); });
  }
  if (!latch->Wait(timeout + std::chrono::seconds(2)))
    self.state->logger->error("an I/O thread did not stop in time");
  if (self.state->store) self.state->store->Stop();
}

uint16_t Broker::port(Transport transport) const {
  for (const auto& listener : impl_->listeners) {
    if (listener->transport() == transport) return listener->port();
  }
  return 0;
}

void Broker::Complete(std::span<const AckToken> tokens, PublishResult result) {
  for (const auto& worker : impl_->workers) worker->PostCompletions(tokens, result);
}

void Broker::StopReading() { impl_->state->reading_stopped.store(true, std::memory_order_release); }

void Broker::ResumeReading() {
  impl_->state->reading_stopped.store(false, std::memory_order_release);
  for (const auto& worker : impl_->workers) worker->PostResume();
}

base::Status Broker::Publish(std::string_view topic, std::string_view payload, uint8_t qos) {
  if (topic.size() > UINT16_MAX || !IsValidUtf8(topic) ||
      CheckTopicName(topic) != TopicCheck::kOk) {
    return base::InvalidField("topic", "must be a topic name: UTF-8, without wildcards, at most " +
                                           std::to_string(kMaxTopicLevels) + " levels");
  }
  if (qos > 1) return base::InvalidField("qos", "must be 0 or 1");
  if (payload.size() > impl_->state->options.max_packet_bytes) {
    return base::TooLarge("payload is larger than max_packet_bytes");
  }
  std::vector<Target> targets;
  WakeList wakes(impl_->workers.size());
  Distribute(*impl_->state, {topic, payload, nullptr, qos, false, nullptr, {}}, targets, wakes);
  wakes.Post(impl_->workers);
  return {};
}

void Broker::DisconnectUsers(const std::vector<std::string>& usernames) {
  const auto shared = std::make_shared<const std::vector<std::string>>(usernames);
  for (const auto& worker : impl_->workers) worker->PostDisconnectUsers(shared);
}

void Broker::RenewUsers(const std::vector<std::string>& usernames) {
  const auto shared = std::make_shared<const std::vector<std::string>>(usernames);
  for (const auto& worker : impl_->workers) worker->PostRenewUsers(shared);
}

}  // namespace energy::mqtt
