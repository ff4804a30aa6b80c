#pragma once

#include <chrono>
#include <cstdint>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "sql/dialect.h"
#include "sql/value.h"

namespace energy::sql {

struct Session;

/// Statements on one database session, lent by Database::Read or Database::Transaction and valid
/// only inside that call.
///
/// Errors of all statements: kConflict for a duplicate key, kInvalidArgument for a reference to
///   something that does not exist, a refused CHECK or text that cannot be stored, kUnavailable for
///   a database that is busy, full, broken or away, kInternal for SQL that is wrong.
///   On PostgreSQL an error ends the transaction: return it, do not try something else.
/// Threads: one at a time.
class Connection {
 public:
  Connection(Session& session, bool writable) : session_(session), writable_(writable) {}
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  /// All rows of a SELECT, or of a statement with RETURNING. `columns`: how many it selects.
  base::Result<std::vector<Row>> Query(std::string_view sql, const Params& params, size_t columns);

  /// The rows affected by an INSERT, UPDATE or DELETE. Only inside a transaction.
  base::Result<int64_t> Execute(std::string_view sql, const Params& params = {});

  /// One statement, prepared once, for each set of parameters in turn; the names must be the same
  /// in all of them. Returns the rows affected in total. Stops at the first error.
  base::Result<int64_t> ExecuteMany(std::string_view sql, const std::vector<Params>& sets);

  /// Lets statements of this transaction take longer than DatabaseOptions::statement_limit.
  base::Status AllowFor(std::chrono::minutes limit);

  Dialect dialect() const;

 private:
  Session& session_;
  const bool writable_;
};

}  // namespace energy::sql
