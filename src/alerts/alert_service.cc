#include "alerts/alert_service.h"

#include <pthread.h>

#include <algorithm>
#include <cmath>

#include "alerts/message.h"
#include "rules/rule_json.h"

namespace energy::alerts {
namespace {

constexpr std::chrono::seconds kFlushEvery{1};
// Rows of one transaction: what many wait for is written in parts.
constexpr size_t kRowsAtOnce = 1000;

double Worse(const Alert& alert, double a, double b) {
  switch (alert.op) {
    case rules::Operator::kGreater:
    case rules::Operator::kGreaterEqual:
      return std::max(a, b);
    case rules::Operator::kLess:
    case rules::Operator::kLessEqual:
      return std::min(a, b);
    default:
      return std::abs(a - alert.threshold_value) < std::abs(b - alert.threshold_value) ? b : a;
  }
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

void AlertService::CopyValues(const rules::Episode& episode, Tracked& tracked) {
  Alert& alert = tracked.alert;
  alert.latest_value = episode.latest_value;
  alert.worst_value = tracked.carried_worst
                          ? Worse(alert, *tracked.carried_worst, episode.worst_value)
                          : episode.worst_value;
  alert.reading_count = tracked.carried_count + episode.count;
  alert.last_seen_at = episode.last_at;
  tracked.episode_began = episode.started_at;
}

AlertEvent AlertService::NewEvent(const Alert* before, const Alert& after, std::string_view action,
                                  base::Timestamp at) const {
  AlertEvent event;
  event.id = base::NewUuid(random_, clock_);
  event.alert_id = after.id;
  event.action = action;
  event.at = at;
  Compare(before, after, event);
  return event;
}

void AlertService::Mark(Alert& alert) const {
  alert.chattering = alert.episodes_per_hour >= chattering_per_hour_;
}

AlertService::AlertService(sql::Database& database, const base::Clock& clock, base::Random& random,
                           rules::Engine& engine, UnitOf unit_of, base::Logger logger,
                           base::Metrics& metrics, size_t max_unwritten,
                           int64_t chattering_per_hour)
    : database_(database),
      clock_(clock),
      random_(random),
      engine_(engine),
      unit_of_(std::move(unit_of)),
      logger_(std::move(logger)),
      metrics_(metrics),
      max_unwritten_(max_unwritten),
      chattering_per_hour_(chattering_per_hour) {}

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
    UnshelveLocked();
    FlushLocked();
  }
}

base::Status AlertService::RestoreLocked() {
  auto unresolved = database_.Read(
      [&](sql::Connection& connection) { return repository_.AllUnresolved(connection); });
  if (!unresolved.ok()) return unresolved.status();
  for (Alert& alert : *unresolved) {
    Mark(alert);
    const rules::EpisodeKey key = KeyOf(alert);
    if (alert.held_open ||
        engine_.Restore(key, ToEpisode(alert), alert.severity, ConditionOf(alert))) {
      Tracked tracked{std::move(alert), true, false};
      tracked.episode_began = tracked.alert.created_at;
      current_.insert_or_assign(key, std::move(tracked));
      continue;
    }
    // Its rule was paused or changed while the program was down.
    Tracked tracked{std::move(alert), true, true};
    ResolveByItself(tracked, tracked.alert.last_seen_at);
    ended_.push_back(std::move(tracked));
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
  return alert;
}

void AlertService::BeginLocked(const rules::Transition& transition) {
  const auto found = current_.find(transition.key());
  if (found != current_.end() && found->second.alert.held_open) {
    // Reopened, and now the condition holds again: it is the same trouble.
    Tracked& tracked = found->second;
    tracked.carried_count = tracked.alert.reading_count;
    tracked.carried_worst = tracked.alert.worst_value;
    tracked.alert.held_open = false;
    CopyValues(transition.episode, tracked);
    tracked.dirty = true;
    return;
  }
  Tracked tracked{NewAlert(transition), false, true};
  CopyValues(transition.episode, tracked);
  tracked.events.push_back(NewEvent(nullptr, tracked.alert, kRaised, transition.at));
  current_.insert_or_assign(transition.key(), std::move(tracked));
}

bool AlertService::ContinueLocked(const rules::Transition& transition) {
  const auto found = current_.find(transition.key());
  if (found == current_.end()) return false;
  Tracked& tracked = found->second;
  CopyValues(transition.episode, tracked);
  tracked.dirty = true;
  if (transition.change != rules::Change::kEscalated) return false;
  const Alert before = tracked.alert;
  Alert& alert = tracked.alert;
  alert.severity = transition.severity;
  alert.threshold_value = transition.threshold;
  if (alert.status == AlertStatus::kSuppressed && !transition.episode.suppressed) {
    alert.status = AlertStatus::kOpen;
  }
  tracked.events.push_back(NewEvent(&before, alert, kEscalated, transition.at));
  return true;
}

void AlertService::EndLocked(const rules::Transition& transition) {
  const auto found = current_.find(transition.key());
  if (found == current_.end()) return;
  Tracked tracked = std::move(found->second);
  current_.erase(found);
  CopyValues(transition.episode, tracked);
  ResolveByItself(tracked, transition.at);
  ended_.push_back(std::move(tracked));
}

void AlertService::ResolveByItself(Tracked& tracked, base::Timestamp at) const {
  const Alert before = tracked.alert;
  Alert& alert = tracked.alert;
  if (alert.status != AlertStatus::kSuppressed) alert.status = AlertStatus::kResolved;
  alert.resolved_at = at;
  alert.shelved_until.reset();
  tracked.dirty = true;
  tracked.events.push_back(NewEvent(&before, alert, kResolved, at));
}

void AlertService::UnshelveLocked() {
  const base::Timestamp now = clock_.Now();
  for (auto& [key, tracked] : current_) {
    if (!tracked.alert.shelved_until || *tracked.alert.shelved_until > now) continue;
    const Alert before = tracked.alert;
    tracked.alert.shelved_until.reset();
    tracked.dirty = true;
    tracked.events.push_back(NewEvent(&before, tracked.alert, kUnshelved, now));
  }
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
  for (Tracked* tracked : group) WrittenLocked(*tracked);
  return {};
}

void AlertService::WrittenLocked(Tracked& tracked) {
  tracked.stored = true;
  tracked.dirty = false;
  if (observer_) {
    for (const AlertEvent& event : tracked.events) observer_(tracked.alert, event);
  }
  tracked.events.clear();
}

base::Status AlertService::WriteOneLocked(Tracked& tracked) {
  base::Status status = database_.Transaction(
      [&](sql::Connection& connection) { return WriteLocked(connection, tracked); });
  if (status.code() == base::Code::kUnavailable) return status;
  if (!status.ok()) {
    logger_->warn("an alert of rule '{}' is dropped: {}", tracked.alert.rule_name,
                  status.ToString());
    tracked.events.clear();
  }
  WrittenLocked(tracked);
  return {};
}

base::Status AlertService::WriteLocked(sql::Connection& connection, Tracked& tracked) {
  Alert& alert = tracked.alert;
  if (tracked.stored) {
    ENERGY_RETURN_IF_ERROR(repository_.Update(connection, alert));
  } else {
    ENERGY_ASSIGN_OR_RETURN(const int64_t before, repository_.EpisodesBefore(connection, alert));
    alert.episodes_per_hour = before + 1;
    Mark(alert);
    ENERGY_RETURN_IF_ERROR(repository_.Insert(connection, alert));
    if (alert.status != AlertStatus::kSuppressed) {
      ENERGY_RETURN_IF_ERROR(rules_.SetLastTriggered(connection, alert.rule_id, alert.created_at));
    }
  }
  for (const AlertEvent& event : tracked.events) {
    ENERGY_RETURN_IF_ERROR(Record(connection, alert, event));
  }
  return {};
}

base::Status AlertService::Record(sql::Connection& connection, const Alert& alert,
                                  const AlertEvent& event) const {
  ENERGY_RETURN_IF_ERROR(events_.Insert(connection, event));
  const bool quiet = alert.status == AlertStatus::kSuppressed || alert.shelved_until;
  return quiet ? base::Status() : outbox_(connection, alert, event);
}

void AlertService::UpdateGaugesLocked() {
  std::map<rules::Severity, double> active{{rules::Severity::kLow, 0},
                                           {rules::Severity::kMedium, 0},
                                           {rules::Severity::kHigh, 0},
                                           {rules::Severity::kCritical, 0}};
  for (const auto& [key, tracked] : current_) {
    if (tracked.alert.active() && !tracked.alert.held_open) active[tracked.alert.severity] += 1;
  }
  for (const auto& [severity, count] : active) {
    metrics_
        .Gauge("alerts_active", "Alerts whose condition holds at present.",
               {{"severity", std::string(rules::SeverityName(severity))}})
        .Set(count);
  }
}

base::Result<sql::Listing<Alert>> AlertService::List(const AlertFilter& filter, sql::Page page) {
  auto listing = database_.Read(
      [&](sql::Connection& connection) { return repository_.List(connection, filter, page); });
  if (listing.ok()) {
    for (Alert& alert : listing->items) Mark(alert);
  }
  return listing;
}

base::Result<Alert> AlertService::Get(const std::string& id) {
  auto alert =
      database_.Read([&](sql::Connection& connection) { return repository_.Get(connection, id); });
  if (alert.ok()) Mark(*alert);
  return alert;
}

base::Result<AlertDetail> AlertService::GetDetail(const std::string& id) {
  return database_.Read([&](sql::Connection& connection) -> base::Result<AlertDetail> {
    AlertDetail detail;
    ENERGY_ASSIGN_OR_RETURN(detail.alert, repository_.Get(connection, id));
    Mark(detail.alert);
    ENERGY_ASSIGN_OR_RETURN(detail.history, events_.Of(connection, id));
    return detail;
  });
}

base::Result<AlertSummary> AlertService::Summarize() {
  return database_.Read(
      [&](sql::Connection& connection) { return repository_.Summarize(connection, clock_.Now()); });
}

base::Result<AlertStatistics> AlertService::Statistics(const StatisticsQuery& query) {
  return database_.Read([&](sql::Connection& connection) {
    return ComputeStatistics(connection, query, chattering_per_hour_);
  });
}

base::Result<std::vector<Assignee>> AlertService::ListAssignees() {
  return database_.Read([](sql::Connection& connection) { return Assignees(connection); });
}

}  // namespace energy::alerts
