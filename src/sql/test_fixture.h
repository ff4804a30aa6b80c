#pragma once

#include <fstream>
#include <sstream>
#include <string>

#include "sql/database.h"
#include "sql/migrations.h"

namespace energy::sql {

/// For tests: fills an empty database with what one of an earlier schema version held. `folder`:
/// src/sql/testdata.
inline base::Status LoadFixture(Database& database, const std::string& folder, int version) {
  const bool sqlite = database.dialect() == Dialect::kSqlite;
  const std::ifstream file(folder + "/v" + std::to_string(version) +
                           (sqlite ? ".sqlite.sql" : ".postgresql.sql"));
  std::stringstream text;
  text << file.rdbuf();
  ENERGY_ASSIGN_OR_RETURN(const auto statements,
                          MigrationStatements({version, "dump", text.str()}, database.dialect()));
  return database.Transaction([&](Connection& c) -> base::Status {
    for (const std::string& statement : statements) {
      const bool query = statement.find("SELECT pg_catalog") != std::string::npos;
      ENERGY_RETURN_IF_ERROR(query ? c.Query(statement, {}, 1).status()
                                   : c.Execute(statement).status());
    }
    return {};
  });
}

}  // namespace energy::sql
