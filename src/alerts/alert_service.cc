#include "alerts/alert_service.h"

#include <pthread.h>

#include <algorithm>

#include "alerts/alert_json.h"
#include "alerts/message.h"
#include "audit/audit.h"
#include "rules/rule_json.h"

namespace energy::alerts {
namespace {

constexpr std::chrono::seconds kFlushEvery{1};
// Rows of one transaction: what many wait for is written in parts.
constexpr size_t kRowsAtOnce = 1000;

void CopyValues(const rules::Episode& episode, Alert& alert) {
  alert.latest_value = episode.latest_value;
  alert.worst_value = episode.worst_value;
  alert.reading_count = episode.count;
  alert.last_seen_at = episode.last_at;
}

rules::EpisodeKey KeyOf(const Alert& alert) { return {alert.rule_id, alert.device_id}; }

// Which condition of its rule an alert shows; the first for alerts of earlier versions.
size_t ConditionOf(const Alert& alert) {
  if (!alert.rule.is_object()) return 0;
  const auto conditions = alert.rule.find("conditions");
  if (conditions == alert.rule.end() || !conditions->is_array()) return 0;
  for (size_t i = 0; i < conditions->size(); ++i) {
    const base::Json& condition = conditions->at(i);
    if (condition.value("property", "") == alert.property &&
        condition.value("operator", "") == rules::OperatorName(alert.op)) {
      return i;
    }
  }
  return 0;
}

rules::Episode ToEpisode(const Alert& alert) {
  return {alert.status == AlertStatus::kSuppressed,
          alert.created_at,
          alert.last_seen_at,
          alert.actual_value,
          alert.latest_value,
          alert.worst_value,
          alert.reading_count};
}

}  // namespace

AlertService::AlertService(sql::Database& database, const base::Clock& clock, base::Random& random,
                           rules::Engine& engine, UnitOf unit_of, base::Logger logger,
                           base::Metrics& metrics, size_t max_unwritten)
    : database_(database),
      clock_(clock),
      random_(random),
      engine_(engine),
      unit_of_(std::move(unit_of)),
      logger_(std::move(logger)),
      metrics_(metrics),
      max_unwritten_(max_unwritten) {}

AlertService::~AlertService() { Stop(); }

base::Status AlertService::Start() {
  {
    std::lock_guard lock(mutex_);
    ENERGY_RETURN_IF_ERROR(RestoreLocked());
    UpdateGaugesLocked();
  }
  thread_ = std::thread([this] {
    pthread_setname_np(pthread_self(), "alerts");
    Run();
  });
  return {};
}

void AlertService::Stop() {
  {
    std::lock_guard lock(mutex_);
    stopping_ = true;
    waiting_ends_ = true;
  }
  wake_.notify_all();
  room_.notify_all();
  if (thread_.joinable()) thread_.join();
}

void AlertService::Run() {
  std::unique_lock lock(mutex_);
  bool last = false;
  while (!last) {
    last = wake_.wait_for(lock, kFlushEvery, [this] { return stopping_; });
    FlushLocked();
  }
}

base::Status AlertService::RestoreLocked() {
  auto unresolved = database_.Read(
      [&](sql::Connection& connection) { return repository_.AllUnresolved(connection); });
  if (!unresolved.ok()) return unresolved.status();
  for (Alert& alert : *unresolved) {
    const rules::EpisodeKey key = KeyOf(alert);
    if (engine_.Restore(key, ToEpisode(alert), alert.severity, ConditionOf(alert))) {
      current_.insert_or_assign(key, Tracked{std::move(alert), true, false});
      continue;
    }
    // Its rule was paused or changed while the program was down.
    if (alert.status != AlertStatus::kSuppressed) alert.status = AlertStatus::kResolved;
    alert.resolved_at = alert.last_seen_at;
    ended_.push_back({std::move(alert), true, true});
  }
  FlushLocked();
  return {};
}

void AlertService::WaitForRoom() {
  std::unique_lock lock(mutex_);
  const auto room = [this] { return ended_.size() < max_unwritten_ || waiting_ends_; };
  if (room()) return;
  logger_->error("{} ended alerts wait for the database: ingest is held until they are written",
                 ended_.size());
  room_.wait(lock, room);
}

void AlertService::StopWaiting() {
  {
    std::lock_guard lock(mutex_);
    waiting_ends_ = true;
  }
  room_.notify_all();
}

void AlertService::Apply(const std::vector<rules::Transition>& transitions) {
  if (transitions.empty()) return;
  std::lock_guard lock(mutex_);
  bool urgent = false;
  for (const rules::Transition& transition : transitions) {
    switch (transition.change) {
      case rules::Change::kRaised:
        BeginLocked(transition);
        urgent = true;
        break;
      case rules::Change::kUpdated:
      case rules::Change::kEscalated:
        urgent = ContinueLocked(transition) || urgent;
        break;
      case rules::Change::kCleared:
        EndLocked(transition);
        urgent = true;
        break;
    }
  }
  if (!urgent) return;
  // While the database is away, the thread that tries every second is enough.
  if (!failing_) FlushLocked();
  UpdateGaugesLocked();
}

Alert AlertService::NewAlert(const rules::Transition& transition) const {
  const rules::Rule& rule = *transition.rule;
  const rules::Condition& condition = rule.condition(transition.condition);
  Alert alert;
  alert.id = base::NewUuid(random_, clock_);
  alert.rule_id = rule.id;
  alert.rule_name = rule.name;
  alert.device_id = transition.device_id;
  alert.property = condition.property;
  alert.op = condition.op;
  alert.threshold_value = transition.threshold;
  alert.severity = transition.severity;
  alert.unit = condition.kind == rules::ConditionKind::kNoData
                   ? std::optional<std::string>("s")
                   : unit_of_(alert.device_id, condition.property);
  alert.rule = rules::ToJson(rule);
  alert.actual_value = transition.episode.first_value;
  alert.created_at = transition.episode.started_at;
  alert.status = transition.episode.suppressed ? AlertStatus::kSuppressed : AlertStatus::kOpen;
  alert.message = MessageOf(alert, condition);
  CopyValues(transition.episode, alert);
  return alert;
}

void AlertService::BeginLocked(const rules::Transition& transition) {
  current_.insert_or_assign(transition.key(), Tracked{NewAlert(transition), false, true});
}

bool AlertService::ContinueLocked(const rules::Transition& transition) {
  const auto found = current_.find(transition.key());
  if (found == current_.end()) return false;
  Alert& alert = found->second.alert;
  CopyValues(transition.episode, alert);
  found->second.dirty = true;
  if (transition.change != rules::Change::kEscalated) return false;
  alert.severity = transition.severity;
  alert.threshold_value = transition.threshold;
  if (alert.status == AlertStatus::kSuppressed && !transition.episode.suppressed) {
    alert.status = AlertStatus::kOpen;
  }
  return true;
}

void AlertService::EndLocked(const rules::Transition& transition) {
  const auto found = current_.find(transition.key());
  if (found == current_.end()) return;
  Tracked tracked = std::move(found->second);
  current_.erase(found);
  CopyValues(transition.episode, tracked.alert);
  tracked.alert.resolved_at = transition.at;
  if (tracked.alert.status != AlertStatus::kSuppressed) {
    tracked.alert.status = AlertStatus::kResolved;
  }
  tracked.dirty = true;
  ended_.push_back(std::move(tracked));
}

void AlertService::FlushLocked() {
  std::vector<Tracked*> behind;
  for (Tracked& tracked : ended_) behind.push_back(&tracked);
  for (auto& [key, tracked] : current_) {
    if (tracked.dirty) behind.push_back(&tracked);
  }
  base::Status status;
  for (size_t at = 0; at < behind.size() && status.ok(); at += kRowsAtOnce) {
    status =
        WriteGroupLocked(std::span(behind).subspan(at, std::min(kRowsAtOnce, behind.size() - at)));
  }
  std::erase_if(ended_, [](const Tracked& tracked) { return !tracked.dirty; });
  metrics_.Gauge("alerts_unwritten", "Ended alerts that wait for the database.")
      .Set(static_cast<double>(ended_.size()));
  if (ended_.size() < max_unwritten_) room_.notify_all();
  if (status.ok() != failing_) return;
  failing_ = !status.ok();
  if (failing_) {
    logger_->error("alerts cannot be written: {}", status.ToString());
  } else {
    logger_->info("alerts are written again");
  }
}

base::Status AlertService::WriteGroupLocked(std::span<Tracked* const> group) {
  const base::Status all = database_.Transaction([&](sql::Connection& connection) -> base::Status {
    for (Tracked* tracked : group) ENERGY_RETURN_IF_ERROR(WriteLocked(connection, *tracked));
    return {};
  });
  if (all.code() == base::Code::kUnavailable) return all;
  if (!all.ok()) {
    // One of them is refused for itself (its rule was deleted a moment ago): the others must not
    // wait. In order, so that what is written of a rule has no gap after a crash.
    for (Tracked* tracked : group) ENERGY_RETURN_IF_ERROR(WriteOneLocked(*tracked));
    return {};
  }
  for (Tracked* tracked : group) {
    tracked->stored = true;
    tracked->dirty = false;
  }
  return {};
}

base::Status AlertService::WriteOneLocked(Tracked& tracked) {
  base::Status status = database_.Transaction(
      [&](sql::Connection& connection) { return WriteLocked(connection, tracked); });
  if (status.code() == base::Code::kUnavailable) return status;
  if (!status.ok()) {
    logger_->warn("an alert of rule '{}' is dropped: {}", tracked.alert.rule_name,
                  status.ToString());
  }
  tracked.stored = true;
  tracked.dirty = false;
  return {};
}

base::Status AlertService::WriteLocked(sql::Connection& connection, Tracked& tracked) {
  const Alert& alert = tracked.alert;
  if (tracked.stored) {
    ENERGY_RETURN_IF_ERROR(repository_.Update(connection, alert));
  } else {
    ENERGY_RETURN_IF_ERROR(repository_.Insert(connection, alert));
    if (alert.status == AlertStatus::kSuppressed) return {};
    ENERGY_RETURN_IF_ERROR(rules_.SetLastTriggered(connection, alert.rule_id, alert.created_at));
    ENERGY_RETURN_IF_ERROR(Tell(connection, alert, Event::kRaised));
  }
  return alert.resolved_at ? Tell(connection, alert, Event::kResolved) : base::Status();
}

base::Status AlertService::Tell(sql::Connection& connection, const Alert& alert,
                                Event event) const {
  if (alert.status == AlertStatus::kSuppressed) return {};
  return outbox_(connection, alert, event);
}

void AlertService::UpdateGaugesLocked() {
  std::map<rules::Severity, double> active{{rules::Severity::kLow, 0},
                                           {rules::Severity::kMedium, 0},
                                           {rules::Severity::kHigh, 0},
                                           {rules::Severity::kCritical, 0}};
  for (const auto& [key, tracked] : current_) {
    if (tracked.alert.status != AlertStatus::kSuppressed) active[tracked.alert.severity] += 1;
  }
  for (const auto& [severity, count] : active) {
    metrics_
        .Gauge("alerts_active", "Alerts whose condition holds at present.",
               {{"severity", std::string(rules::SeverityName(severity))}})
        .Set(count);
  }
}

base::Result<sql::Listing<Alert>> AlertService::List(const AlertFilter& filter, sql::Page page) {
  return database_.Read(
      [&](sql::Connection& connection) { return repository_.List(connection, filter, page); });
}

base::Result<Alert> AlertService::Get(const std::string& id) {
  return database_.Read(
      [&](sql::Connection& connection) { return repository_.Get(connection, id); });
}

base::Result<AlertSummary> AlertService::Summarize() {
  return database_.Read(
      [&](sql::Connection& connection) { return repository_.Summarize(connection, clock_.Now()); });
}

base::Result<Alert> AlertService::Change(std::string_view action, const std::string& id,
                                         const std::function<base::Status(Alert&)>& change) {
  return database_.Transaction([&](sql::Connection& connection) -> base::Result<Alert> {
    ENERGY_ASSIGN_OR_RETURN(Alert alert, repository_.Get(connection, id));
    const base::Json before = ToJson(alert);
    ENERGY_RETURN_IF_ERROR(change(alert));
    ENERGY_RETURN_IF_ERROR(repository_.Update(connection, alert));
    if (alert.resolved_at) ENERGY_RETURN_IF_ERROR(Tell(connection, alert, Event::kResolved));
    ENERGY_RETURN_IF_ERROR(
        audit::Record(connection, clock_, {action, "alert", id, before, ToJson(alert)}));
    return alert;
  });
}

base::Result<Alert> AlertService::Acknowledge(const std::string& id, const std::string& user_id,
                                              const std::optional<std::string>& comment) {
  std::lock_guard lock(mutex_);
  FlushLocked();
  auto changed = Change("alert.acknowledge", id, [&](Alert& alert) -> base::Status {
    if (alert.status != AlertStatus::kOpen) {
      return base::Conflict("the alert is " + std::string(AlertStatusName(alert.status)) +
                            ": only an open one can be acknowledged");
    }
    alert.status = AlertStatus::kAcknowledged;
    alert.acknowledged_by = user_id;
    alert.acknowledged_at = clock_.Now();
    if (comment) alert.comment = comment;
    return {};
  });
  if (!changed.ok()) return changed;
  if (const auto found = current_.find(KeyOf(*changed));
      found != current_.end() && found->second.alert.id == id) {
    found->second.alert = *changed;
  }
  return changed;
}

base::Result<Alert> AlertService::Resolve(const std::string& id, const std::string& user_id,
                                          const std::optional<std::string>& comment) {
  std::lock_guard lock(mutex_);
  FlushLocked();
  auto changed = Change("alert.resolve", id, [&](Alert& alert) -> base::Status {
    if (alert.resolved_at) return base::Conflict("the alert is resolved already");
    if (alert.status != AlertStatus::kSuppressed) alert.status = AlertStatus::kResolved;
    alert.resolved_by = user_id;
    alert.resolved_at = clock_.Now();
    if (comment) alert.comment = comment;
    return {};
  });
  if (!changed.ok()) return changed;
  if (const auto found = current_.find(KeyOf(*changed));
      found != current_.end() && found->second.alert.id == id) {
    current_.erase(found);
    engine_.Forget(KeyOf(*changed), changed->created_at);
    UpdateGaugesLocked();
  }
  return changed;
}

}  // namespace energy::alerts
