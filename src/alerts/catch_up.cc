#include <algorithm>
#include <cmath>
#include <map>

#include "alerts/alert_service.h"

namespace energy::alerts {
namespace {

// `devices.last_seen` is written by another subscriber of the feed than the rules: they may have
// been this far behind it.
constexpr std::chrono::minutes kBehind{5};
// Readings in memory at a time.
constexpr size_t kPage = 100'000;

// From when on the stored readings are looked at again for a rule.
base::Timestamp LookFrom(const sql::Row& row) {
  base::Timestamp from = row.Time(2) - kBehind;
  if (const auto last_seen = row.OptTime(3)) from = std::max(from, *last_seen - kBehind);
  return from;
}

telemetry::CommittedBatch ToBatch(series::DeviceRef device, const series::Series& series) {
  telemetry::CommittedBatch batch;
  std::vector<series::FieldRef> fields;
  std::vector<double> values;
  for (size_t i = 0; i < series.time_ns.size(); ++i) {
    fields.clear();
    values.clear();
    for (size_t c = 0; c < series.fields.size(); ++c) {
      if (std::isnan(series.columns[c][i])) continue;
      fields.push_back(series.fields[c]);
      values.push_back(series.columns[c][i]);
    }
    batch.readings.Add(device, series.time_ns[i], fields, values);
  }
  return batch;
}

}  // namespace

base::Status AlertService::CatchUp(const series::Store& store) {
  auto rows = database_.Read([](sql::Connection& connection) {
    return connection.Query(
        "SELECT r.id, r.device_id, r.updated_at, d.last_seen, "
        "(SELECT MAX(a.last_seen_at) FROM alerts a WHERE a.rule_id = r.id) "
        "FROM rules r JOIN devices d ON d.id = r.device_id WHERE r.status = 'active'",
        {}, 5);
  });
  if (!rows.ok()) return rows.status();
  std::map<std::string, base::Timestamp> from;
  for (const sql::Row& row : *rows) {
    // What the rule held on up to here has its alerts.
    if (const auto held = row.OptTime(4))
      engine_.SetEvaluatedUntil({row.Text(0), row.Text(1)}, *held);
    const auto [found, first] = from.try_emplace(row.Text(1), LookFrom(row));
    if (!first) found->second = std::min(found->second, LookFrom(row));
  }
  size_t readings = 0;
  size_t changes = 0;
  for (const auto& [device_id, start] : from) {
    const auto device = store.FindDevice(device_id);
    if (!device) continue;
    series::RangeQuery query{.device = *device,
                             .start_ns = start.time_since_epoch().count(),
                             .end_ns = INT64_MAX,
                             .fields = {},
                             .limit = kPage};
    for (;;) {
      ENERGY_ASSIGN_OR_RETURN(const series::Series page, store.Read(query));
      std::vector<rules::Transition> transitions;
      engine_.Evaluate(ToBatch(*device, page), transitions);
      Apply(transitions);
      readings += page.time_ns.size();
      changes += transitions.size();
      {
        const std::lock_guard lock(mutex_);
        if (failing_) return base::Unavailable("alerts from before the start cannot be written");
      }
      if (page.time_ns.size() < kPage) break;
      query.start_ns = page.time_ns.back() + 1;
    }
  }
  logger_->info("rules looked again at {} readings from before the start: {} changes", readings,
                changes);
  return {};
}

}  // namespace energy::alerts
