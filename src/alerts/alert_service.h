#pragma once

#include <condition_variable>
#include <functional>
#include <mutex>
#include <span>
#include <string>
#include <thread>
#include <unordered_map>
#include <vector>

#include "alerts/actions.h"
#include "alerts/alert_repository.h"
#include "alerts/assignee.h"
#include "alerts/event.h"
#include "alerts/statistics.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/metrics.h"
#include "base/random.h"
#include "base/service.h"
#include "rules/engine.h"
#include "rules/rule_repository.h"
#include "series/store.h"
#include "sql/database.h"

namespace energy::alerts {

/// Alerts and their life cycle (decision 16). The only writer of the tables `alerts` and
/// `alert_events`: each change is a row of the alert's history, in the same transaction.
///
/// A new or ended episode is written at once; the latest and worst value and the count of one that
/// goes on are written every second. While the database cannot write, changes wait in memory and
/// are tried again every second; once `max_unwritten` ended episodes wait, WaitForRoom holds the
/// feed, which holds ingest, so that none is lost (ADR 0006). What a program that ends leaves
/// unwritten the next start finds in the stored readings (CatchUp). Threads: safe anywhere. Apply
/// runs on the feed's thread and blocks on SQL; the calls of the API belong on a worker pool.
class AlertService final : public base::Service {
 public:
  /// Answers the unit of a device's field, or nothing.
  using UnitOf = std::function<std::optional<std::string>(const std::string& device_id,
                                                          const std::string& property)>;

  /// Writes what follows from an event of an alert that is neither suppressed nor shelved, in the
  /// transaction that stores both. May be told the same again when it is not known whether that was
  /// committed.
  using Outbox = std::function<base::Status(sql::Connection& connection, const Alert& alert,
                                            const AlertEvent& event)>;

  AlertService(sql::Database& database, const base::Clock& clock, base::Random& random,
               rules::Engine& engine, UnitOf unit_of, base::Logger logger, base::Metrics& metrics,
               size_t max_unwritten = 100'000, int64_t chattering_per_hour = 5);
  ~AlertService() override;

  /// Before Start.
  void SetOutbox(Outbox outbox) { outbox_ = std::move(outbox); }

  /// Told of each event once it is stored, in order; must neither block nor call back. Before
  /// Start.
  using Observer = std::function<void(const Alert&, const AlertEvent&)>;
  void OnEvent(Observer observer) { observer_ = std::move(observer); }

  std::string_view name() const override { return "alerts"; }
  /// Also gives episodes that were open at the last end back to the engine, which has its rules.
  base::Status Start() override;
  void Stop() override;

  /// Evaluates the stored readings that the end of the program (kill -9) kept from the rules, so
  /// that an acknowledged fault raises its alert all the same. After Start, before new readings
  /// come.
  base::Status CatchUp(const series::Store& store);

  /// Before the engine looks at a batch of the feed: blocks while too many ended episodes wait for
  /// the database, until StopWaiting.
  void WaitForRoom();
  /// The program is about to stop: from now on nothing waits.
  void StopWaiting();

  /// Takes what the engine found, in order.
  void Apply(const std::vector<rules::Transition>& transitions);

  base::Result<sql::Listing<Alert>> List(const AlertFilter& filter, sql::Page page);
  /// Errors: kNotFound.
  base::Result<Alert> Get(const std::string& id);
  /// Errors: kNotFound.
  base::Result<AlertDetail> GetDetail(const std::string& id);
  base::Result<AlertSummary> Summarize();
  /// Of the alerts that began in a range.
  base::Result<AlertStatistics> Statistics(const StatisticsQuery& query);
  base::Result<std::vector<Assignee>> ListAssignees();

  /// Does what a person asks for, with a row of the history and an entry of the audit log.
  /// Errors: kNotFound; kConflict where the alert's state does not admit it (CheckAction), or
  ///   another one of its rule and device is active; kInvalidArgument for an assignee who is none;
  ///   kUnavailable while the database cannot write.
  base::Result<Alert> Act(const std::string& id, const ActionRequest& request,
                          const std::string& user_id);
  /// The same for many, in one transaction: an outcome for each of `ids`, in their order. Fails as
  /// a whole for what is wrong with the request or the database.
  base::Result<std::vector<base::Result<Alert>>> ActOnAll(const std::vector<std::string>& ids,
                                                          const ActionRequest& request,
                                                          const std::string& user_id);

 private:
  /// An episode under way, or one whose end is not written yet.
  struct Tracked {
    Alert alert;
    bool stored = false;                  // the row exists
    bool dirty = false;                   // the row is behind
    std::vector<AlertEvent> events = {};  // not yet written
    // Of before it was reopened: the engine's episode counts from there on.
    uint64_t carried_count = 0;
    std::optional<double> carried_worst = {};
    base::Timestamp episode_began = {};  // that of the engine; another than the alert's then
  };
  struct Outcome {
    Alert before;
    Alert after;
    AlertEvent event;
  };

  static void CopyValues(const rules::Episode& episode, Tracked& tracked);
  AlertEvent NewEvent(const Alert* before, const Alert& after, std::string_view action,
                      base::Timestamp at) const;
  void Mark(Alert& alert) const;
  void ResolveByItself(Tracked& tracked, base::Timestamp at) const;
  void WrittenLocked(Tracked& tracked);
  void UnshelveLocked();
  Tracked* FindTrackedLocked(const Alert& alert);
  base::Result<Outcome> ActInTransaction(sql::Connection& connection, const std::string& id,
                                         const ActionRequest& request, const std::string& user_id);
  void AdoptLocked(Action action, const Outcome& outcome);
  Alert NewAlert(const rules::Transition& transition) const;
  base::Status RestoreLocked();
  void BeginLocked(const rules::Transition& transition);
  /// Whether it has to be written at once.
  bool ContinueLocked(const rules::Transition& transition);
  void EndLocked(const rules::Transition& transition);
  void FlushLocked();
  base::Status WriteGroupLocked(std::span<Tracked* const> group);
  base::Status WriteLocked(sql::Connection& connection, Tracked& tracked);
  base::Status WriteOneLocked(Tracked& tracked);
  base::Status Record(sql::Connection& connection, const Alert& alert,
                      const AlertEvent& event) const;
  void UpdateGaugesLocked();
  void Run();

  sql::Database& database_;
  const base::Clock& clock_;
  base::Random& random_;
  rules::Engine& engine_;
  const UnitOf unit_of_;
  const base::Logger logger_;
  base::Metrics& metrics_;
  const size_t max_unwritten_;
  const int64_t chattering_per_hour_;
  Observer observer_;
  Outbox outbox_ = [](sql::Connection&, const Alert&, const AlertEvent&) { return base::Status(); };
  AlertRepository repository_;
  AlertEventRepository events_;
  rules::RuleRepository rules_;

  std::mutex mutex_;
  std::condition_variable wake_;
  std::condition_variable room_;
  std::unordered_map<rules::EpisodeKey, Tracked> current_;  // guarded by mutex_
  std::vector<Tracked> ended_;                              // guarded by mutex_; not yet written
  bool stopping_ = false;                                   // guarded by mutex_
  bool failing_ = false;                                    // guarded by mutex_
  bool waiting_ends_ = false;                               // guarded by mutex_
  std::thread thread_;
};

}  // namespace energy::alerts
