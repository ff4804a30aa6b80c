#include "sql/migrations.h"

#include <array>
#include <utility>

#include "sql/database.h"

namespace energy::sql {
namespace {

struct Token {
  std::string_view name;
  std::string_view sqlite;
  std::string_view postgresql;
};

// SQLite's default for a time has the form of base::FormatSortable, so that text order stays time
// order. Its rows get their UUIDs from the program.
constexpr std::array kTokens = {
    Token{"uuid", "TEXT", "UUID"},
    Token{"timestamp", "TEXT", "TIMESTAMPTZ"},
    Token{"json", "TEXT", "JSONB"},
    Token{"text_array", "TEXT", "TEXT[]"},
    Token{"serial_key", "INTEGER PRIMARY KEY AUTOINCREMENT", "SERIAL PRIMARY KEY"},
    Token{"new_uuid", "", "DEFAULT gen_random_uuid()"},
    Token{"now", "(strftime('%Y-%m-%dT%H:%M:%f', 'now') || '000000Z')", "CURRENT_TIMESTAMP"},
};

// Of a step on a large table, and of waiting for another process that is at one.
constexpr std::chrono::minutes kStepLimit{60};

base::Result<std::string> ReplaceTokens(std::string_view sql, Dialect dialect) {
  std::string out;
  while (true) {
    const size_t begin = sql.find("{{");
    out += sql.substr(0, begin);
    if (begin == std::string_view::npos) return out;
    const size_t end = sql.find("}}", begin);
    if (end == std::string_view::npos) return base::Internal("migration: {{ without }}");
    const std::string_view name = sql.substr(begin + 2, end - begin - 2);
    const Token* found = nullptr;
    for (const Token& token : kTokens) {
      if (token.name == name) found = &token;
    }
    if (found == nullptr) return base::Internal("migration: no token " + std::string(name));
    out += dialect == Dialect::kSqlite ? found->sqlite : found->postgresql;
    sql.remove_prefix(end + 2);
  }
}

/// True within the body of a trigger, whose statements have semicolons of their own: SQLite's,
/// PostgreSQL's calls a function.
bool InTriggerBody(std::string_view statement) {
  if (statement.find("CREATE TRIGGER ") == std::string_view::npos) return false;
  return statement.find("\nBEGIN ") != std::string_view::npos && !statement.ends_with(" END");
}

/// Cuts at semicolons outside quotes and drops comments, because SQLite prepares one statement at
/// a time.
std::vector<std::string> Split(std::string_view sql) {
  std::vector<std::string> statements;
  std::string current;
  bool quoted = false;
  for (size_t i = 0; i < sql.size(); ++i) {
    if (!quoted && sql.substr(i).starts_with("--")) {
      i = std::min(sql.find('\n', i), sql.size() - 1);
      current += '\n';
      continue;
    }
    if (sql[i] == '\'') quoted = !quoted;
    if (sql[i] == ';' && !quoted && !InTriggerBody(current)) {
      statements.push_back(std::exchange(current, ""));
    } else {
      current += sql[i];
    }
  }
  statements.push_back(std::move(current));
  std::erase_if(statements, [](const std::string& statement) {
    return statement.find_first_not_of(" \n\t\r") == std::string::npos;
  });
  return statements;
}

/// Takes {{sqlite}} or {{postgresql}} from the front of a statement that only one of them has.
/// False when it is the other's.
bool IsFor(Dialect dialect, std::string& statement) {
  constexpr std::string_view kSqlite = "{{sqlite}}";
  constexpr std::string_view kPostgresql = "{{postgresql}}";
  statement.erase(0, statement.find_first_not_of(" \n\t\r"));
  const bool sqlite = statement.starts_with(kSqlite);
  if (!sqlite && !statement.starts_with(kPostgresql)) return true;
  statement.erase(0, (sqlite ? kSqlite : kPostgresql).size());
  return sqlite == (dialect == Dialect::kSqlite);
}

base::Status PrepareTable(Connection& connection) {
  ENERGY_ASSIGN_OR_RETURN(const std::string type,
                          ReplaceTokens("{{timestamp}}", connection.dialect()));
  return connection
      .Execute(
          "CREATE TABLE IF NOT EXISTS schema_migrations ("
          "version INTEGER PRIMARY KEY NOT NULL, name VARCHAR(255) NOT NULL, applied_at " +
          type + " NOT NULL)")
      .status();
}

/// Several processes may start at once: on SQLite the transaction has the write lock already.
base::Status LockSchema(Connection& connection) {
  if (connection.dialect() == Dialect::kSqlite) return {};
  ENERGY_RETURN_IF_ERROR(connection.AllowFor(kStepLimit));
  constexpr std::string_view kLock = "SELECT pg_advisory_xact_lock(7310584401)";
  return connection.Query(kLock, {}, 1).status();
}

base::Result<int64_t> SchemaVersion(Connection& connection) {
  ENERGY_ASSIGN_OR_RETURN(
      const std::vector<Row> rows,
      connection.Query("SELECT COALESCE(MAX(version), 0) FROM schema_migrations", {}, 1));
  return rows.at(0).Int(0);
}

base::Status RefuseNewer(int64_t present, std::span<const Migration> migrations) {
  const int64_t known = migrations.empty() ? 0 : migrations.back().version;
  if (present <= known) return {};
  return base::Conflict("the database has schema version " + std::to_string(present) +
                        ", this program knows " + std::to_string(known) +
                        ": start a newer program or restore an older database");
}

base::Status Apply(Connection& connection, const Migration& migration, const base::Clock& clock) {
  ENERGY_RETURN_IF_ERROR(LockSchema(connection));
  ENERGY_ASSIGN_OR_RETURN(const int64_t version, SchemaVersion(connection));
  if (version >= migration.version) return {};
  ENERGY_ASSIGN_OR_RETURN(const std::vector<std::string> statements,
                          MigrationStatements(migration, connection.dialect()));
  for (const std::string& statement : statements) {
    ENERGY_RETURN_IF_ERROR(connection.Execute(statement).status());
  }
  return connection
      .Execute(
          "INSERT INTO schema_migrations (version, name, applied_at)"
          " VALUES (:version, :name, :applied_at)",
          {{"version", migration.version}, {"name", migration.name}, {"applied_at", clock.Now()}})
      .status();
}

}  // namespace

base::Result<std::vector<std::string>> MigrationStatements(const Migration& migration,
                                                           Dialect dialect) {
  std::vector<std::string> statements;
  for (std::string& statement : Split(migration.sql)) {
    if (!IsFor(dialect, statement)) continue;
    ENERGY_ASSIGN_OR_RETURN(statements.emplace_back(), ReplaceTokens(statement, dialect));
  }
  return statements;
}

base::Result<std::vector<Migration>> PendingMigrations(Database& database,
                                                       std::span<const Migration> migrations) {
  ENERGY_ASSIGN_OR_RETURN(const int64_t present,
                          database.Read([](Connection& connection) -> base::Result<int64_t> {
                            const char* ask = connection.dialect() == Dialect::kSqlite
                                                  ? "SELECT 1 FROM sqlite_master WHERE name = "
                                                    "'schema_migrations'"
                                                  : "SELECT 1 FROM pg_tables WHERE tablename = "
                                                    "'schema_migrations' AND schemaname = "
                                                    "current_schema()";
                            ENERGY_ASSIGN_OR_RETURN(const auto table, connection.Query(ask, {}, 1));
                            if (table.empty()) return 0;
                            return SchemaVersion(connection);
                          }));
  ENERGY_RETURN_IF_ERROR(RefuseNewer(present, migrations));
  std::vector<Migration> pending;
  for (const Migration& migration : migrations) {
    if (migration.version > present) pending.push_back(migration);
  }
  return pending;
}

base::Status ApplyMigrations(Database& database, std::span<const Migration> migrations,
                             const base::Clock& clock) {
  ENERGY_ASSIGN_OR_RETURN(const int64_t present,
                          database.Transaction([](Connection& connection) -> base::Result<int64_t> {
                            ENERGY_RETURN_IF_ERROR(LockSchema(connection));
                            ENERGY_RETURN_IF_ERROR(PrepareTable(connection));
                            return SchemaVersion(connection);
                          }));
  ENERGY_RETURN_IF_ERROR(RefuseNewer(present, migrations));
  for (const Migration& migration : migrations) {
    if (migration.version <= present) continue;
    ENERGY_RETURN_IF_ERROR(database.Transaction(
        [&](Connection& connection) { return Apply(connection, migration, clock); }));
  }
  return {};
}

}  // namespace energy::sql
