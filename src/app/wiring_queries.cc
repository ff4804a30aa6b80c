#include "app/wiring_layers.h"
#include "sqlquery/tables.h"

namespace energy::app {
namespace {

constexpr size_t kSqlQueue = 16;

}  // namespace

void WireQueries(Parts& p) {
  p.queries = std::make_unique<query::Engine>(*p.store, *p.registry, p.clock);

  const Settings& s = p.settings;
  const auto concurrent = static_cast<size_t>(s.query_sql_concurrent);
  sqlquery::Options options;
  options.limits = {.memory_bytes = static_cast<uint64_t>(s.query_sql_memory_bytes),
                    .time = std::chrono::seconds(s.query_sql_time_s),
                    .rows = static_cast<uint64_t>(s.query_sql_rows),
                    .result_bytes = static_cast<uint64_t>(s.query_sql_result_bytes)};
  options.concurrent = concurrent;
  options.waiting = concurrent;
  const auto tables = [&p]() -> base::Result<sqlquery::Tables> {
    sqlquery::Tables made;
    made.push_back(sqlquery::MakeTelemetryTable(*p.store, *p.registry));
    made.push_back(sqlquery::MakeDeviceTable(*p.devices));
    made.push_back(sqlquery::MakeAlertTable(*p.alerts));
    return made;
  };
  p.sql_queries = std::make_unique<sqlquery::SqlService>(options, tables, p.clock,
                                                         base::Named(p.logger, "sql"), p.metrics);
  // A thread for each query that runs or waits, and room for refusals.
  p.sql_workers = std::make_unique<base::WorkerPool>(
      "sql", static_cast<unsigned>(2 * concurrent + 1), kSqlQueue);
}

}  // namespace energy::app
