#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/status.h"
#include "sql/database.h"

namespace energy::sql {

struct TransferredTable {
  std::string name;
  int64_t rows = 0;
};

/// Tells a person how many rows of a table are copied. Called every thousand.
using TransferProgress = std::function<void(const std::string& table, int64_t done, int64_t total)>;

/// Copies all rows of `from` to `to`, from SQLite to PostgreSQL, back, or between two of a kind,
/// and counts both afterwards. `to` gets the schema first and must hold no rows but what the
/// migrations put there. It is one
/// transaction: what fails leaves `to` without rows. `from` is read as it was at one moment and not
/// changed; what others write to it meanwhile is not copied (SQLite refuses it).
///
/// Errors: kConflict when `to` holds rows or `from` has an older or newer schema than this program;
///   kInternal when a count differs; those of the databases.
base::Result<std::vector<TransferredTable>> Transfer(Database& from, Database& to,
                                                     const base::Clock& clock,
                                                     const TransferProgress& progress);

}  // namespace energy::sql
