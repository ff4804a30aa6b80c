#include "app/wiring_layers.h"

namespace energy::app {
namespace {

constexpr size_t kFeedQueueReadings = 500'000;
constexpr size_t kLiveQueueReadings = 50'000;
constexpr size_t kDeadLetterQueueBytes = 16 << 20;

void WireHealth(Parts& p) {
  p.health = std::make_unique<health::HealthService>(*p.store, *p.registry, *p.activity,
                                                     *p.dead_letters, p.clock);
  p.device_monitor = std::make_unique<health::DeviceMonitor>(
      *p.devices, *p.registry, *p.activity, *p.health, p.clock, base::Named(p.logger, "devices"));
}

void SubscribeToFeed(Parts& p) {
  p.feed->Subscribe(
      "rules",
      [&p, transitions =
               std::vector<rules::Transition>()](const telemetry::CommittedBatch& batch) mutable {
        transitions.clear();
        p.alerts->WaitForRoom();
        const auto order = p.engine->Order();
        p.engine->Evaluate(batch, transitions);
        p.alerts->Apply(transitions);
      },
      telemetry::Overflow::kHoldIngest, kFeedQueueReadings);
  p.feed->Subscribe(
      "live", [&p](const telemetry::CommittedBatch& batch) { p.live->OnBatch(batch); },
      telemetry::Overflow::kDropOldest, kLiveQueueReadings);
  p.feed->Subscribe(
      "devices", [&p](const telemetry::CommittedBatch& batch) { p.activity->OnBatch(batch); },
      telemetry::Overflow::kHoldIngest, kFeedQueueReadings);
}

}  // namespace

base::Status WireTelemetry(Parts& p) {
  const Settings& s = p.settings;
  p.feed = std::make_unique<telemetry::Feed>(p.metrics);
  p.activity = std::make_unique<telemetry::Activity>(*p.store, *p.registry, *p.last_seen, p.clock,
                                                     p.metrics);
  p.live = std::make_unique<telemetry::LiveHub>(*p.store);
  p.dead_letters =
      std::make_unique<telemetry::DeadLetterRepository>(*p.database, p.random, p.clock);
  p.dead_letter_writer = std::make_unique<telemetry::DeadLetterWriter>(
      *p.dead_letters, kDeadLetterQueueBytes, base::Named(p.logger, "telemetry"), p.metrics);
  p.device_table = std::make_unique<telemetry::DeviceTableSource>(
      *p.registry, *p.store, base::Named(p.logger, "telemetry"));
  ENERGY_RETURN_IF_ERROR(p.device_table->Rebuild());
  telemetry::CommitterOptions committer;
  committer.queue_bytes = static_cast<size_t>(s.telemetry_queue_bytes);
  p.committer = std::make_unique<telemetry::Committer>(
      committer, *p.store, *p.feed, p.clock, base::Named(p.logger, "telemetry"), p.metrics);
  const telemetry::IngestOptions ingest{
      .max_future = std::chrono::seconds(s.telemetry_max_future_s),
      .device_tag = s.telemetry_device_tag};
  p.ingest =
      std::make_unique<telemetry::MqttIngest>(p.io->count(), ingest, *p.store, *p.device_table,
                                              *p.committer, *p.dead_letter_writer, p.clock);
  p.lanes = std::make_unique<telemetry::LanePool>(ingest, *p.store, *p.device_table, *p.committer,
                                                  *p.dead_letter_writer, p.clock);
  p.replay = std::make_unique<telemetry::DeadLetterReplay>(*p.dead_letters, *p.lanes);
  p.dead_letter_writer->OnWritten([&p](const auto& letters) { p.activity->OnRejected(letters); });
  WireHealth(p);
  SubscribeToFeed(p);
  return {};
}

}  // namespace energy::app
