#pragma once

#include <atomic>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>

#include "base/clock.h"
#include "base/log.h"
#include "base/metrics.h"
#include "base/service.h"
#include "sqlquery/model.h"
#include "sqlquery/process.h"
#include "sqlquery/table.h"

namespace energy::sqlquery {

struct Options {
  Limits limits;
  size_t concurrent = 2;                 ///< queries that run at the same time
  size_t waiting = 2;                    ///< queries that may wait for their turn
  std::chrono::milliseconds wait{2000};  ///< for so long
  HelperCommand helper;
};

/// The refusal of a query that would have to wait for too long; kRateLimited.
base::Status TooManyQueries();

/// Runs SQL over tables of this process in helper processes: a fresh one for each statement, with
/// limits of its own, killed when its time is over or its caller gone (decision 8). What a
/// statement does cannot reach this process but by asking for blocks of the tables.
///
/// The first query starts the template of the helpers, which takes some 50 ms and stays. A
/// statement that runs for longer than half a second gets the lowest priority, so that ingest goes
/// before it.
///
/// Threads: Query from any, it blocks; the scans of the tables run on the caller's.
class SqlService final : public base::Service {
 public:
  /// Answers true when nobody waits for the answer any more. Called often: must be quick.
  using Cancelled = std::function<bool()>;
  /// The tables as they are at the moment of a query.
  using MakeTables = std::function<base::Result<Tables>()>;

  SqlService(Options options, MakeTables make_tables, const base::Clock& clock,
             const base::Logger& logger, base::Metrics& metrics);
  ~SqlService() override;

  std::string_view name() const override { return "sql"; }
  base::Status Start() override;
  /// Ends running queries with kUnavailable.
  void Stop() override;

  /// Errors: kInvalidArgument for the field `sql` or `time_zone`, with line and column where known;
  /// kTooLarge when a limit of time or memory ends it; kRateLimited when too many others run;
  /// kUnavailable when `cancelled`, and at the stop.
  base::Result<Answer> Query(const Request& request, const Cancelled& cancelled);

  const Limits& limits() const { return options_.limits; }

 private:
  class Turn;
  base::Status WaitForTurn(const Cancelled& cancelled);
  base::Result<Answer> Run(const Request& request, const Tables& tables,
                           const Cancelled& cancelled);

  const Options options_;
  const MakeTables make_tables_;
  const base::Clock& clock_;
  const base::Logger logger_;
  prometheus::Histogram& seconds_;
  prometheus::Counter& failures_;

  std::atomic<bool> stopping_{false};
  HelperTemplate template_;
  std::mutex mutex_;
  std::condition_variable turn_;
  size_t running_ = 0;  // guarded by mutex_
  size_t waiting_ = 0;  // guarded by mutex_
};

}  // namespace energy::sqlquery
