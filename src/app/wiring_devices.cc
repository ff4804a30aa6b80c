#include "app/wiring_layers.h"

namespace energy::app {
namespace {

constexpr size_t kMaxUnwrittenAlerts = 100'000;
constexpr std::chrono::seconds kRegistryWatch{2};

base::Status WireRegistry(Parts& p) {
  p.registry = std::make_unique<devices::Registry>();
  p.last_seen = std::make_unique<devices::LastSeenTracker>(*p.database, p.clock,
                                                           base::Named(p.logger, "devices"));
  p.devices = std::make_unique<devices::DeviceService>(*p.database, p.clock, *p.registry,
                                                       p.last_seen.get());
  p.devices->DeleteTelemetryBy([&p](std::string_view id) { return p.store->DeleteDevice(id); });
  // Rules, alerts and credentials of a deleted device went with it: the copies in memory follow.
  p.devices->OnDeleted([&p](std::string_view device_id) {
    for (const base::Status& status : {p.mqtt_access->Load(), p.rules->Load()}) {
      if (status.ok()) continue;
      p.logger->error("after the deletion of {}: {}", device_id, status.ToString());
    }
  });
  // A SQLite file has one process.
  if (p.database->dialect() == sql::Dialect::kPostgresql) {
    p.registry_watch = std::make_unique<base::Repeater>(
        "registry-watch", kRegistryWatch, [&p] { return p.devices->Refresh(); },
        "changes of devices and profiles by other replicas are not seen",
        base::Named(p.logger, "devices"));
  }
  return p.devices->Load();
}

base::Status WireRules(Parts& p) {
  p.engine = std::make_unique<rules::Engine>(*p.store, p.metrics, p.clock);
  const auto unit_of = [&p](const std::string& device_id,
                            const std::string& property) -> std::optional<std::string> {
    const auto device = p.registry->Find(device_id);
    if (!device || !device->profile) return std::nullopt;
    for (const devices::ProfileField& field : device->profile->fields) {
      if (field.name == property) return field.unit;
    }
    return std::nullopt;
  };
  p.live_alerts = std::make_unique<alerts::LiveHub>();
  p.alerts = std::make_unique<alerts::AlertService>(
      *p.database, p.clock, p.random, *p.engine, unit_of, base::Named(p.logger, "alerts"),
      p.metrics, kMaxUnwrittenAlerts, p.settings.alerts_chattering_per_hour);
  p.alerts->OnEvent([&p](const alerts::Alert& alert, const alerts::AlertEvent& event) {
    p.live_alerts->OnEvent(alert, event);
  });
  p.rules = std::make_unique<rules::RuleService>(
      *p.database, p.clock, p.random, *p.registry, *p.engine,
      [&p](const std::vector<rules::Transition>& changes) { p.alerts->Apply(changes); });
  p.ticker = std::make_unique<rules::Ticker>(
      *p.engine, *p.rules, p.clock,
      [&p](const std::vector<rules::Transition>& due) { p.alerts->Apply(due); },
      base::Named(p.logger, "rules"));
  return p.rules->Load();
}

}  // namespace

base::Status WireDevices(Parts& p) {
  ENERGY_RETURN_IF_ERROR(WireRegistry(p));
  return WireRules(p);
}

}  // namespace energy::app
