#include "mqtt/broker.h"

#include <condition_variable>
#include <mutex>
#include <optional>
#include <vector>

#include <boost/asio/ip/tcp.hpp>

#include "mqtt/broker_state.h"
#include "mqtt/listener.h"
#include "mqtt/topic.h"
#include "mqtt/utf8.h"
#include "mqtt/worker.h"

namespace energy::mqtt {
namespace {

// How many workers have yet to stop; shared with their handlers, which may outlive the wait.
struct StopLatch {
  std::mutex mutex;
  std::condition_variable changed;
  size_t left = 0;  // guarded by mutex
};

base::Status CheckOptions(const BrokerOptions& options) {
  if (options.receive_maximum == 0) {
    return base::InvalidField("receive_maximum", "must be at least 1");
  }
  if (options.max_packet_bytes < 1024) {
    return base::InvalidField("max_packet_bytes", "must be at least 1024");
  }
  if (options.max_connections == 0) {
    return base::InvalidField("max_connections", "must be at least 1");
  }
  return {};
}

}  // namespace

struct Broker::Impl {
  Impl(BrokerOptions options, base::IoThreads& io_threads, Authenticator& authenticator,
       PublishHandler& handler, const base::Clock& clock, base::Logger logger,
       base::Metrics& metrics)
      : io(io_threads),
        state(std::make_shared<BrokerState>(std::move(options), authenticator, handler, clock,
                                            std::move(logger), metrics)) {}

  base::IoThreads& io;
  std::shared_ptr<BrokerState> state;
  std::vector<std::shared_ptr<Worker>> workers;
  std::shared_ptr<Listener> listener;
  bool running = false;
};

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
  if (self.listener) return base::Conflict("the MQTT broker was started before");
  ENERGY_RETURN_IF_ERROR(CheckOptions(self.state->options));
  auto listener = std::make_shared<Listener>(self.io.context(0), self.state, self.workers);
  ENERGY_RETURN_IF_ERROR(listener->Open());
  for (const auto& worker : self.workers) worker->Start();
  self.listener = std::move(listener);
  self.listener->Start();
  self.running = true;
  self.state->logger->info("listening on {}:{}", self.state->options.address, port());
  return {};
}

void Broker::Stop() {
  Impl& self = *impl_;
  if (!self.running) return;
  self.running = false;
  self.listener->Close();
  const auto latch = std::make_shared<StopLatch>();
  const auto timeout = self.state->options.stop_timeout;
  for (const auto& worker : self.workers) {
    // A loop that does not run any more cannot answer, and no hook can be called from it.
    if (worker->context().stopped()) continue;
    {
      const std::lock_guard lock(latch->mutex);
      ++latch->left;
    }
    worker->PostStop(timeout, [latch] {
      const std::lock_guard lock(latch->mutex);
      --latch->left;
      latch->changed.notify_all();
    });
  }
  std::unique_lock lock(latch->mutex);
  const bool stopped = latch->changed.wait_for(lock, timeout + std::chrono::seconds(2),
                                               [&latch] { return latch->left == 0; });
  if (!stopped) self.state->logger->error("an I/O thread did not stop in time");
}

uint16_t Broker::port() const { return impl_->listener ? impl_->listener->port() : uint16_t{0}; }

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
  impl_->state->router.Match(topic, nullptr, targets);
  if (targets.empty()) return {};
  const auto message = std::make_shared<const Message>(topic, payload, std::string_view(),
                                                       std::nullopt, Message::TimePoint{});
  std::vector<std::vector<Worker::Delivery>> deliveries(impl_->workers.size());
  for (const Target& target : targets) {
    deliveries[target.connection.io_thread].push_back(
        {target.connection, message, std::min(qos, target.options.qos), false});
  }
  for (size_t i = 0; i < deliveries.size(); ++i) {
    if (!deliveries[i].empty()) impl_->workers[i]->PostDeliveries(deliveries[i]);
  }
  return {};
}

void Broker::DisconnectUser(std::string_view username) {
  for (const auto& worker : impl_->workers) worker->PostDisconnectUser(std::string(username));
}

BrokerStats Broker::stats() const {
  const BrokerMetrics& metrics = impl_->state->metrics;
  auto count = [](const prometheus::Counter& counter) {
    return static_cast<uint64_t>(counter.Value());
  };
  BrokerStats stats;
  stats.connections = impl_->state->connections.load();
  stats.subscriptions = impl_->state->router.size();
  stats.publishes_received = count(metrics.publishes_received);
  stats.publishes_sent = count(metrics.publishes_sent);
  stats.messages_dropped = count(metrics.dropped_slow) + count(metrics.dropped_expired) +
                           count(metrics.dropped_too_large) + count(metrics.dropped_not_authorized);
  stats.protocol_errors = count(metrics.protocol_errors);
  return stats;
}

}  // namespace energy::mqtt
