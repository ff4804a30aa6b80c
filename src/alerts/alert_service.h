#pragma once

#include <condition_variable>
#include <functional>
#include <mutex>
#include <span>
#include <string>
#include <thread>
#include <unordered_map>
#include <vector>

#include "alerts/alert_repository.h"
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

/// Alerts and their life cycle (decision 16). The only writer of the table `alerts`.
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

  /// What happened to an alert that is not suppressed.
  enum class Event { kRaised, kResolved };
  /// Writes what follows from it, in the transaction that stores the alert. May be told the same
  /// again when it is not known whether that was committed.
  using Outbox =
      std::function<base::Status(sql::Connection& connection, const Alert& alert, Event event)>;

  AlertService(sql::Database& database, const base::Clock& clock, base::Random& random,
               rules::Engine& engine, UnitOf unit_of, base::Logger logger, base::Metrics& metrics,
               size_t max_unwritten = 100'000);
  ~AlertService() override;

  /// Before Start.
  void SetOutbox(Outbox outbox) { outbox_ = std::move(outbox); }

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
  base::Result<AlertSummary> Summarize();
  /// Errors: kNotFound, kConflict unless it is open.
  base::Result<Alert> Acknowledge(const std::string& id, const std::string& user_id,
                                  const std::optional<std::string>& comment);
  /// Errors: kNotFound, kConflict when it is resolved already.
  base::Result<Alert> Resolve(const std::string& id, const std::string& user_id,
                              const std::optional<std::string>& comment);

 private:
  /// An episode under way, or one whose end is not written yet.
  struct Tracked {
    Alert alert;
    bool stored = false;  // the row exists
    bool dirty = false;   // the row is behind
  };

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
  base::Status Tell(sql::Connection& connection, const Alert& alert, Event event) const;
  void UpdateGaugesLocked();
  base::Result<Alert> Change(std::string_view action, const std::string& id,
                             const std::function<base::Status(Alert&)>& change);
  void Run();

  sql::Database& database_;
  const base::Clock& clock_;
  base::Random& random_;
  rules::Engine& engine_;
  const UnitOf unit_of_;
  const base::Logger logger_;
  base::Metrics& metrics_;
  const size_t max_unwritten_;
  Outbox outbox_ = [](sql::Connection&, const Alert&, Event) { return base::Status(); };
  AlertRepository repository_;
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
