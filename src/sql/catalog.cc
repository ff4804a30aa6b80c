#include "sql/catalog.h"

#include <algorithm>
#include <map>
#include <set>

namespace energy::sql {
namespace {

// Each answers rows of two texts.
struct Questions {
  const char* columns;     // table, column, and its type
  const char* references;  // table, table that it refers to
};

constexpr Questions kSqlite = {
    "SELECT t.name, c.name, c.type FROM sqlite_master t, pragma_table_info(t.name) c "
    "WHERE t.type = 'table' AND t.name NOT LIKE 'sqlite!_%' ESCAPE '!' "
    "AND t.name <> 'schema_migrations' ORDER BY t.name, c.cid",
    "SELECT t.name, f.\"table\" FROM sqlite_master t, pragma_foreign_key_list(t.name) f "
    "WHERE t.type = 'table'"};

constexpr Questions kPostgresql = {
    "SELECT c.table_name, c.column_name, c.udt_name FROM information_schema.columns c "
    "JOIN information_schema.tables t "
    "ON t.table_schema = c.table_schema AND t.table_name = c.table_name "
    "WHERE c.table_schema = current_schema() AND t.table_type = 'BASE TABLE' "
    "AND c.table_name <> 'schema_migrations' ORDER BY c.table_name, c.ordinal_position",
    "SELECT a.relname, b.relname FROM pg_constraint f JOIN pg_class a ON a.oid = f.conrelid "
    "JOIN pg_class b ON b.oid = f.confrelid JOIN pg_namespace n ON n.oid = a.relnamespace "
    "WHERE f.contype = 'f' AND n.nspname = current_schema()"};

ColumnKind KindOf(const std::string& type) {
  if (type == "timestamptz") return ColumnKind::kTime;
  if (type == "bool") return ColumnKind::kBoolean;
  if (type == "_text") return ColumnKind::kTextArray;
  return ColumnKind::kPlain;
}

}  // namespace

base::Result<std::vector<Table>> ReadCatalog(Connection& connection) {
  const Questions& ask = connection.dialect() == Dialect::kSqlite ? kSqlite : kPostgresql;
  ENERGY_ASSIGN_OR_RETURN(const auto columns, connection.Query(ask.columns, {}, 3));
  ENERGY_ASSIGN_OR_RETURN(const auto references, connection.Query(ask.references, {}, 2));
  std::map<std::string, Table> waiting;
  for (const Row& row : columns) {
    Table& table = waiting[row.Text(0)];
    table.name = row.Text(0);
    table.columns.push_back({row.Text(1), KindOf(row.Text(2))});
  }
  std::map<std::string, std::set<std::string>> needs;
  for (const Row& row : references) {
    if (row.Text(0) != row.Text(1)) needs[row.Text(0)].insert(row.Text(1));
  }
  std::vector<Table> ordered;
  while (!waiting.empty()) {
    const auto next = std::find_if(waiting.begin(), waiting.end(), [&](const auto& entry) {
      return std::none_of(needs[entry.first].begin(), needs[entry.first].end(),
                          [&](const std::string& needed) { return waiting.contains(needed); });
    });
    if (next == waiting.end()) return base::Internal("tables refer to each other in a circle");
    ordered.push_back(std::move(next->second));
    waiting.erase(next);
  }
  return ordered;
}

}  // namespace energy::sql
