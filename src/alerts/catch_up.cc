#include <algorithm>
#include <map>

#include "alerts/alert_service.h"

namespace energy::alerts {
namespace {

// `devices.last_seen` is written by another subscriber of the feed than the rules: they may have
// been this far behind it.
constexpr std::chrono::minutes kBehind{5};

struct Known {
  std::unordered_map<std::string, base::Timestamp> last_seen;  // of devices
  std::unordered_map<rules::EpisodeKey, base::Timestamp> held;
  std::unordered_map<rules::EpisodeKey, base::Timestamp> raised;  // with a notification
};

base::Result<Known> Load(sql::Connection& connection) {
  Known known;
  ENERGY_ASSIGN_OR_RETURN(
      const std::vector<sql::Row> devices,
      connection.Query("SELECT id, last_seen FROM devices WHERE last_seen IS NOT NULL", {}, 2));
  for (const sql::Row& row : devices) known.last_seen.emplace(row.Text(0), row.Time(1));
  ENERGY_ASSIGN_OR_RETURN(
      const std::vector<sql::Row> alerts,
      connection.Query("SELECT rule_id, device_id, MAX(last_seen_at), "
                       "MAX(CASE WHEN status <> 'suppressed' THEN created_at END) "
                       "FROM alerts GROUP BY rule_id, device_id",
                       {}, 4));
  for (const sql::Row& row : alerts) {
    const rules::EpisodeKey key{row.Text(0), row.Text(1)};
    known.held.emplace(key, row.Time(2));
    if (const auto raised = row.OptTime(3)) known.raised.emplace(key, *raised);
  }
  return known;
}

}  // namespace

base::Status AlertService::CatchUp(const series::Store& store) {
  const auto known = database_.Read([](sql::Connection& connection) { return Load(connection); });
  if (!known.ok()) return known.status();
  std::map<std::string, base::Timestamp> from;
  for (const auto& [rule, device_id] : engine_.Watching()) {
    const rules::EpisodeKey key{rule->id, device_id};
    // From here on the stored readings are looked at again; a duration may have begun before.
    base::Timestamp start = rule->updated_at - kBehind;
    if (const auto seen = known->last_seen.find(device_id); seen != known->last_seen.end()) {
      start = std::max(start, seen->second - kBehind - rule->hold - rule->clear_hold);
    }
    engine_.SetReplayFrom(key, start);
    // What the rule held on up to here has its alerts.
    if (const auto held = known->held.find(key); held != known->held.end()) {
      engine_.SetEvaluatedUntil(key, held->second);
    }
    if (const auto raised = known->raised.find(key); raised != known->raised.end()) {
      engine_.SetLastRaised(key, raised->second);
    }
    start -= rules::LongestWindow(*rule);
    const auto [found, first] = from.try_emplace(device_id, start);
    if (!first) found->second = std::min(found->second, start);
  }
  size_t readings = 0;
  size_t changes = 0;
  for (const auto& [device_id, start] : from) {
    const auto device = store.FindDevice(device_id);
    if (!device) continue;
    bool written = true;
    const auto look = [&, ref = *device](const series::Series& block) {
      std::vector<rules::Transition> transitions;
      engine_.Replay(ref, block, transitions);
      Apply(transitions);
      readings += block.time_ns.size();
      changes += transitions.size();
      const std::lock_guard lock(mutex_);
      written = !failing_;
      return written;
    };
    ENERGY_RETURN_IF_ERROR(store.Scan({.device = *device,
                                       .start_ns = start.time_since_epoch().count(),
                                       .end_ns = series::kNewestTime},
                                      look));
    if (!written) return base::Unavailable("alerts from before the start cannot be written");
  }
  engine_.BeginLive();
  logger_->info("rules looked again at {} readings from before the start: {} changes", readings,
                changes);
  return {};
}

}  // namespace energy::alerts
