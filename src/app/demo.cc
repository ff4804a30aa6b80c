#include "app/demo.h"

#include <future>
#include <semaphore>

#include "app/parts.h"
#include "simulator/bulb_model.h"

namespace energy::app {
namespace {

constexpr const char* kDevice = "D1";
constexpr const char* kTopic = "devices/D1/telemetry";
constexpr const char* kUser = "simulator_D1";
// A fault every few hours: enough to look at, not so many that the past is all alerts.
constexpr double kHistoryFaultProbability = 0.0003;
constexpr size_t kReadingsPerFlush = 1000;
constexpr std::ptrdiff_t kFlushesInFlight = 8;

rules::RuleDraft MakeRule(std::string name, std::string property, double threshold,
                          rules::Severity severity) {
  rules::RuleDraft draft;
  draft.name = std::move(name);
  draft.device_id = kDevice;
  draft.property = std::move(property);
  draft.op = rules::Operator::kGreater;
  draft.threshold = threshold;
  draft.severity = severity;
  return draft;
}

}  // namespace

Demo::Demo(Platform& platform, DemoOptions options) : platform_(platform), options_(options) {}

Demo::~Demo() { Stop(); }

base::Status Demo::Furnish() {
  bool created = false;
  ENERGY_RETURN_IF_ERROR(CreateDevice(created));
  if (!created) return {};
  ENERGY_RETURN_IF_ERROR(CreateRules());
  return WriteHistory();
}

base::Status Demo::CreateDevice(bool& created) {
  Parts& p = platform_.parts();
  if (p.registry->Find(kDevice)) return {};
  devices::NewDevice device;
  device.id = kDevice;
  device.name = "Electric Bulb";
  device.type = "bulb";
  device.location = "Plant-A";
  device.metadata[std::string(devices::kIntervalKey)] = options_.interval.count() / 1000;
  created = true;
  return p.devices->Create(device).status();
}

base::Status Demo::CreateRules() {
  Parts& p = platform_.parts();
  ENERGY_RETURN_IF_ERROR(
      p.rules->Create(MakeRule("Bulb Overheat", "temperature", 50, rules::Severity::kHigh), {})
          .status());
  return p.rules->Create(MakeRule("Voltage spike", "voltage", 245, rules::Severity::kMedium), {})
      .status();
}

base::Status Demo::WriteHistory() {
  Parts& p = platform_.parts();
  telemetry::IngestLane lane({}, *p.store, *p.device_table, *p.committer, *p.dead_letter_writer,
                             p.clock);
  simulator::BulbModel model({.shape = simulator::LoadShape::kRhythm,
                              .fault_probability = kHistoryFaultProbability,
                              .seed = options_.seed});
  std::counting_semaphore<kFlushesInFlight> room(kFlushesInFlight);
  std::mutex mutex;
  base::Status failed;
  const auto flush = [&] {
    room.acquire();
    lane.Flush([&](const base::Status& status) {
      if (!status.ok()) {
        std::lock_guard lock(mutex);
        failed = status;
      }
      room.release();
    });
  };

  const base::Timestamp now = std::chrono::floor<std::chrono::seconds>(p.clock.Now());
  size_t added = 0;
  for (base::Timestamp at = now - options_.history; at < now; at += options_.interval) {
    lane.Add(kDevice, kTopic, simulator::ToPayload(kDevice, at, model.Next(at)), nullptr);
    if (++added % kReadingsPerFlush == 0) flush();
  }
  flush();
  for (std::ptrdiff_t i = 0; i < kFlushesInFlight; ++i) room.acquire();
  p.logger->info("wrote {} readings of history", added);
  if (!p.feed->Drain(std::chrono::seconds(60))) {
    p.logger->warn("the rules are still working through the history");
  }
  std::lock_guard lock(mutex);
  return failed;
}

base::Status Demo::StartSimulator() {
  Parts& p = platform_.parts();
  auth::AclRule rule;
  rule.topic = kTopic;
  rule.action = auth::AclRule::Action::kPublish;
  ENERGY_ASSIGN_OR_RETURN(const auth::IssuedCredential credential,
                          p.mqtt_access->IssueClient(kUser, {rule}));
  simulator::SimulatorOptions options;
  options.host = "127.0.0.1";
  options.port = platform_.mqtt_port();
  options.username = credential.username;
  options.password = credential.password;
  options.devices = {kDevice};
  options.interval = options_.interval;
  options.model = {
      .shape = simulator::LoadShape::kRhythm,
      .fault_probability = options_.fault_probability,
      // Each start draws other readings than the last one.
      .seed = options_.seed + static_cast<uint64_t>(p.clock.Now().time_since_epoch().count())};
  simulator_ =
      std::make_unique<simulator::Simulator>(options, p.clock, base::Named(p.logger, "simulator"));
  return simulator_->Start();
}

void Demo::Stop() {
  if (simulator_) simulator_->Stop();
}

}  // namespace energy::app
