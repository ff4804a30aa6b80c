#pragma once

#include "base/status.h"
#include "sqlquery/channel.h"
#include "sqlquery/duck.h"
#include "sqlquery/model.h"

namespace energy::sqlquery {

/// Where the result of a statement goes, and how much of it.
struct ResultTarget {
  Channel& channel;
  const Limits& limits;
  const Request& request;
};

/// Runs a statement and sends its rows as JSON or CSV while they come, then that it is done.
/// Errors: kInvalidArgument and kTooLarge for the field `sql`; kUnavailable when the server is
/// gone.
base::Status WriteText(const ResultTarget& target, duckdb_prepared_statement prepared);

/// Runs a statement and writes its rows to the descriptor kHelperFile as Parquet (zstd). `writer`
/// is a connection to another instance, which may write files and never sees the statement. Errors:
/// the same.
base::Status WriteParquet(const ResultTarget& target, duckdb_prepared_statement prepared,
                          duckdb_connection writer);

}  // namespace energy::sqlquery
