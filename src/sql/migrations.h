#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/status.h"
#include "sql/dialect.h"

namespace energy::sql {

class Database;

/// One step of the schema: a file migrations/<version>_<name>.sql, compiled in. Files that were
/// released never change; a change of the schema is a new file.
struct Migration {
  int version = 0;
  std::string_view name;
  std::string_view sql;
};

/// All steps, ascending from 1; numbers may be left out.
std::span<const Migration> EmbeddedMigrations();

/// The statements of `migration` in the words of `dialect`, without comments.
/// Errors: kInternal for a token that does not exist.
base::Result<std::vector<std::string>> MigrationStatements(const Migration& migration,
                                                           Dialect dialect);

/// Those of `migrations` that `database` does not have yet. Writes nothing.
/// Errors: kConflict when the schema is newer than the program.
base::Result<std::vector<Migration>> PendingMigrations(Database& database,
                                                       std::span<const Migration> migrations);

/// Applies those of `migrations` that `database` does not have yet; see Database::Migrate.
base::Status ApplyMigrations(Database& database, std::span<const Migration> migrations,
                             const base::Clock& clock);

}  // namespace energy::sql
