#include "app/demo.h"

#include <algorithm>
#include <filesystem>
#include <semaphore>

#include "app/parts.h"
#include "simulator/bulb_model.h"

namespace energy::app {
namespace {

constexpr const char* kDevice = "D1";
constexpr const char* kTopic = "devices/D1/telemetry";
constexpr const char* kUser = "simulator_D1";
// In the data folder once the demo is furnished.
constexpr const char* kMarker = "demo";
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
  const DataDir& data_dir = platform_.parts().data_dir;
  if (std::filesystem::exists(data_dir.path() / kMarker)) return {};
  // Each step leaves what is there already: a start that was cut short is taken up again.
  ENERGY_RETURN_IF_ERROR(CreateDevice());
  ENERGY_RETURN_IF_ERROR(CreateRules());
  ENERGY_RETURN_IF_ERROR(WriteHistory());
  return data_dir.WriteFile(kMarker, "the demo is set up\n", /*private_file=*/false);
}

base::Status Demo::CreateDevice() {
  Parts& p = platform_.parts();
  if (p.registry->Find(kDevice)) return {};
  devices::NewDevice device;
  device.id = kDevice;
  device.name = "Electric Bulb";
  device.type = "bulb";
  device.location = "Plant-A";
  device.metadata[std::string(devices::kIntervalKey)] = options_.interval.count() / 1000;
  return p.devices->Create(device).status();
}

base::Status Demo::CreateRules() {
  rules::RuleService& service = *platform_.parts().rules;
  rules::RuleFilter filter;
  filter.device_id = kDevice;
  ENERGY_ASSIGN_OR_RETURN(const sql::Listing<rules::Rule> present, service.List(filter, {}));
  for (const rules::RuleDraft& draft :
       {MakeRule("Bulb Overheat", "temperature", 50, rules::Severity::kHigh),
        MakeRule("Voltage spike", "voltage", 245, rules::Severity::kMedium)}) {
    const bool known =
        std::any_of(present.items.begin(), present.items.end(),
                    [&](const rules::Rule& rule) { return rule.name == *draft.name; });
    if (known) continue;
    ENERGY_RETURN_IF_ERROR(service.Create(draft, {}).status());
  }
  return {};
}

base::Status Demo::WriteHistory() {
  Parts& p = platform_.parts();
  p.activity->SetHistoryOf(kDevice);
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

  // On the grid of the interval: written again, a reading replaces itself.
  const base::Timestamp now =
      base::Timestamp(p.clock.Now().time_since_epoch() / options_.interval * options_.interval);
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
  p.activity->SetHistoryOf({});
  std::lock_guard lock(mutex);
  return failed;
}

base::Status Demo::StartSimulator() {
  Parts& p = platform_.parts();
  auth::AclRule rule;
  rule.topic = kTopic;
  rule.action = auth::AclRule::Action::kPublish;
  ENERGY_ASSIGN_OR_RETURN(const auth::IssuedCredential credential,
                          p.mqtt_credentials->IssueClient(kUser, {rule}));
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
