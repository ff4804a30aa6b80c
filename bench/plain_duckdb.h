#pragma once

#include <string>
#include <vector>

#include "base/status.h"
#include "dataset.h"

struct _duckdb_database;
struct _duckdb_connection;

namespace energy::bench {

/// DuckDB in this process over a table of its own, `telemetry`, in memory, with the columns that
/// the platform shows; as it is out of the box, with a thread for each processor.
class PlainDuckDb {
 public:
  PlainDuckDb() = default;
  ~PlainDuckDb();
  PlainDuckDb(const PlainDuckDb&) = delete;
  PlainDuckDb& operator=(const PlainDuckDb&) = delete;

  /// Opens it with the readings of `data`, device by device. Errors: kInternal.
  base::Status Load(const DataSet& data);
  /// All values of the result as numbers, row by row; of texts their length.
  /// Errors: kInternal with DuckDB's text.
  base::Result<std::vector<double>> Query(const std::string& sql) const;

 private:
  _duckdb_database* database_ = nullptr;
  _duckdb_connection* connection_ = nullptr;
};

}  // namespace energy::bench
