#pragma once

#include <string>
#include <vector>

#include "base/status.h"
#include "sql/connection.h"

namespace energy::sql {

/// How a column's text differs between the databases.
enum class ColumnKind { kPlain, kBoolean, kTime, kTextArray };

struct Column {
  std::string name;
  /// As PostgreSQL says; SQLite knows text and numbers only, so there it is kPlain.
  ColumnKind kind = ColumnKind::kPlain;
};

struct Table {
  std::string name;
  std::vector<Column> columns;
};

/// The tables of the schema but schema_migrations, each after those that it refers to.
/// Errors: kInternal when tables refer to each other in a circle.
base::Result<std::vector<Table>> ReadCatalog(Connection& connection);

}  // namespace energy::sql
