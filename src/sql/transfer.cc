#include "sql/transfer.h"

#include <algorithm>
#include <limits>

#include "sql/catalog.h"
#include "sql/migrations.h"

namespace energy::sql {
namespace {

constexpr size_t kRowsAtOnce = 1000;
constexpr std::chrono::minutes kLimit{60};

std::string Join(const Table& table, const std::string& before) {
  std::string text;
  for (const Column& column : table.columns) {
    text += (text.empty() ? "" : ", ") + before + column.name;
  }
  return text;
}

base::Result<int64_t> Count(Connection& connection, const std::string& table) {
  ENERGY_ASSIGN_OR_RETURN(const auto rows,
                          connection.Query("SELECT COUNT(*) FROM " + table, {}, 1));
  return rows.at(0).Int(0);
}

/// True when a new database has rows there already, which those of the source replace.
bool IsSeeded(const std::string& table) {
  const auto migrations = EmbeddedMigrations();
  return std::any_of(migrations.begin(), migrations.end(), [&](const Migration& migration) {
    return migration.sql.find("INSERT INTO " + table + " ") != std::string_view::npos;
  });
}

/// The text of a column in the words of the other database.
Value Convert(const std::optional<std::string>& text, ColumnKind kind, Dialect to) {
  if (!text) return kNull;
  switch (kind) {
    case ColumnKind::kBoolean:
      return Row({text}).Bool(0);
    case ColumnKind::kTime:
      return Row({text}).OptTime(0);
    case ColumnKind::kTextArray:
      return ArrayValue(to, ParseArray(*text));
    case ColumnKind::kPlain:
      break;
  }
  return *text;
}

/// Reads a table in parts, in the order in which its rows were written as far as that is known.
class Reader {
 public:
  Reader(Connection& connection, const Table& table) : connection_(connection), table_(table) {}

  base::Status Open() {
    if (connection_.dialect() == Dialect::kSqlite) return {};
    return connection_
        .Execute("DECLARE transfer CURSOR FOR SELECT " + Join(table_, "") + " FROM " + table_.name)
        .status();
  }

  /// Without rows at the end.
  base::Result<std::vector<Row>> Next() {
    const std::string count = std::to_string(kRowsAtOnce);
    if (connection_.dialect() == Dialect::kPostgresql) {
      return connection_.Query("FETCH " + count + " FROM transfer", {}, table_.columns.size());
    }
    // The last column is where it goes on.
    auto rows = connection_.Query("SELECT " + Join(table_, "") + ", rowid FROM " + table_.name +
                                      " WHERE rowid > :after ORDER BY rowid LIMIT " + count,
                                  {{"after", after_}}, table_.columns.size() + 1);
    if (rows.ok() && !rows->empty()) after_ = rows->back().Int(table_.columns.size());
    return rows;
  }

  base::Status Close() {
    if (connection_.dialect() == Dialect::kSqlite) return {};
    return connection_.Execute("CLOSE transfer").status();
  }

 private:
  Connection& connection_;
  const Table& table_;
  int64_t after_ = std::numeric_limits<int64_t>::min();
};

base::Status CopyRows(Connection& from, Connection& to, const Table& table, int64_t total,
                      const TransferProgress& progress) {
  const std::string insert =
      "INSERT INTO " + table.name + " (" + Join(table, "") + ") VALUES (" + Join(table, ":") + ")";
  Reader reader(from, table);
  ENERGY_RETURN_IF_ERROR(reader.Open());
  int64_t done = 0;
  while (true) {
    ENERGY_ASSIGN_OR_RETURN(const std::vector<Row> rows, reader.Next());
    if (rows.empty()) break;
    std::vector<Params> sets;
    sets.reserve(rows.size());
    for (const Row& row : rows) {
      Params& params = sets.emplace_back();
      for (size_t i = 0; i < table.columns.size(); ++i) {
        const Column& column = table.columns[i];
        params.emplace_back(column.name, Convert(row.OptText(i), column.kind, to.dialect()));
      }
    }
    ENERGY_RETURN_IF_ERROR(to.ExecuteMany(insert, sets).status());
    done += static_cast<int64_t>(rows.size());
    if (progress) progress(table.name, done, total);
  }
  return reader.Close();
}

/// Keys that PostgreSQL counts itself go on behind those that were copied.
base::Status AdvanceSequences(Connection& to, const Table& table) {
  if (to.dialect() == Dialect::kSqlite) return {};
  ENERGY_ASSIGN_OR_RETURN(
      const auto serial, to.Query("SELECT column_name FROM information_schema.columns "
                                  "WHERE table_schema = current_schema() AND table_name = :name "
                                  "AND pg_get_serial_sequence(table_name, column_name) IS NOT NULL",
                                  {{"name", table.name}}, 1));
  for (const Row& row : serial) {
    const std::string column = row.Text(0);
    ENERGY_RETURN_IF_ERROR(to.Query("SELECT setval(pg_get_serial_sequence('" + table.name + "', '" +
                                        column + "'), COALESCE(MAX(" + column + "), 1), MAX(" +
                                        column + ") IS NOT NULL) FROM " + table.name,
                                    {}, 1)
                               .status());
  }
  return {};
}

/// The kinds of columns as PostgreSQL knows them, in the order of `from`.
base::Result<std::vector<Table>> TablesToCopy(Connection& from, Connection& to) {
  ENERGY_ASSIGN_OR_RETURN(std::vector<Table> tables, ReadCatalog(from));
  if (from.dialect() == to.dialect()) {
    for (Table& table : tables) {
      for (Column& column : table.columns) column.kind = ColumnKind::kPlain;
    }
    return tables;
  }
  if (from.dialect() == Dialect::kPostgresql) return tables;
  ENERGY_ASSIGN_OR_RETURN(const std::vector<Table> typed, ReadCatalog(to));
  for (Table& table : tables) {
    const auto same = std::find_if(typed.begin(), typed.end(),
                                   [&](const Table& other) { return other.name == table.name; });
    if (same == typed.end()) return base::Internal("the target has no table " + table.name);
    for (Column& column : table.columns) {
      const auto found =
          std::find_if(same->columns.begin(), same->columns.end(),
                       [&](const Column& other) { return other.name == column.name; });
      if (found == same->columns.end()) {
        return base::Internal("the target's table " + table.name + " has no " + column.name);
      }
      column.kind = found->kind;
    }
  }
  return tables;
}

base::Result<std::vector<TransferredTable>> Copy(Connection& from, Connection& to,
                                                 const TransferProgress& progress) {
  ENERGY_ASSIGN_OR_RETURN(const std::vector<Table> tables, TablesToCopy(from, to));
  for (const Table& table : tables) {
    ENERGY_ASSIGN_OR_RETURN(const int64_t rows, Count(to, table.name));
    if (rows == 0 || IsSeeded(table.name)) continue;
    return base::Conflict("the target's table " + table.name + " holds " + std::to_string(rows) +
                          " rows: name a new database, a transfer never overwrites");
  }
  for (const Table& table : tables) {
    if (!IsSeeded(table.name)) continue;
    ENERGY_RETURN_IF_ERROR(to.Execute("DELETE FROM " + table.name).status());
  }
  std::vector<TransferredTable> copied;
  for (const Table& table : tables) {
    ENERGY_ASSIGN_OR_RETURN(const int64_t total, Count(from, table.name));
    ENERGY_RETURN_IF_ERROR(CopyRows(from, to, table, total, progress));
    ENERGY_RETURN_IF_ERROR(AdvanceSequences(to, table));
    ENERGY_ASSIGN_OR_RETURN(const int64_t arrived, Count(to, table.name));
    if (arrived != total) {
      return base::Internal("of " + std::to_string(total) + " rows of " + table.name + " " +
                            std::to_string(arrived) + " arrived: nothing is transferred");
    }
    copied.push_back({table.name, total});
  }
  return copied;
}

base::Status AtOneMoment(Connection& from) {
  if (from.dialect() == Dialect::kSqlite) return {};  // nobody else writes in a transaction
  ENERGY_RETURN_IF_ERROR(from.Execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ").status());
  return from.AllowFor(kLimit);
}

}  // namespace

base::Result<std::vector<TransferredTable>> Transfer(Database& from, Database& to,
                                                     const base::Clock& clock,
                                                     const TransferProgress& progress) {
  ENERGY_ASSIGN_OR_RETURN(const auto pending, PendingMigrations(from, EmbeddedMigrations()));
  if (!pending.empty()) {
    return base::Conflict(
        "the source has an older schema than this program: run "
        "energy-platform migrate on it first");
  }
  ENERGY_RETURN_IF_ERROR(to.Migrate(clock));
  using Tables = base::Result<std::vector<TransferredTable>>;
  return from.Transaction([&](Connection& source) -> Tables {
    ENERGY_RETURN_IF_ERROR(AtOneMoment(source));
    return to.Transaction([&](Connection& target) -> Tables {
      ENERGY_RETURN_IF_ERROR(target.AllowFor(kLimit));
      return Copy(source, target, progress);
    });
  });
}

}  // namespace energy::sql
