#include "auth/api_key_repository.h"

namespace energy::auth {
namespace {

constexpr const char* kColumns =
    "k.id, k.name, k.hint, k.scopes, u.email, k.created_at, k.expires_at, k.last_used,"
    " k.secret_hash";
constexpr size_t kColumnCount = 9;
constexpr const char* kFrom = "api_keys k LEFT JOIN users u ON u.id = k.created_by";

StoredApiKey ToKey(const sql::Row& row) {
  StoredApiKey stored;
  ApiKey& key = stored.key;
  key.id = row.Text(0);
  key.name = row.Text(1);
  key.hint = row.Text(2);
  for (const std::string& name : sql::ParseArray(row.Text(3))) {
    if (const auto scope = ParseScope(name)) key.scopes |= static_cast<Scopes>(*scope);
  }
  key.created_by = row.OptText(4);
  key.created_at = row.Time(5);
  key.expires_at = row.OptTime(6);
  key.last_used = row.OptTime(7);
  stored.secret_hash = row.Text(8);
  return stored;
}

base::Status Unknown() { return base::NotFound("there is no such API key"); }

}  // namespace

base::Result<std::vector<StoredApiKey>> ApiKeyRepository::All(sql::Connection& connection) const {
  const std::string sql = std::string("SELECT ") + kColumns + " FROM " + kFrom;
  ENERGY_ASSIGN_OR_RETURN(const std::vector<sql::Row> rows,
                          connection.Query(sql, {}, kColumnCount));
  std::vector<StoredApiKey> keys;
  keys.reserve(rows.size());
  for (const sql::Row& row : rows) keys.push_back(ToKey(row));
  return keys;
}

base::Status ApiKeyRepository::Create(sql::Connection& connection, const StoredApiKey& stored,
                                      std::string_view created_by) const {
  const ApiKey& key = stored.key;
  const base::Status status =
      connection
          .Execute(
              "INSERT INTO api_keys (id, name, secret_hash, hint, scopes, created_by, created_at,"
              " expires_at) VALUES (:id, :name, :secret_hash, :hint, :scopes, :created_by,"
              " :created_at, :expires_at)",
              {{"id", key.id},
               {"name", key.name},
               {"secret_hash", stored.secret_hash},
               {"hint", key.hint},
               {"scopes", sql::ArrayValue(connection.dialect(), ScopeNames(key.scopes))},
               {"created_by", created_by},
               {"created_at", key.created_at},
               {"expires_at", key.expires_at}})
          .status();
  if (status.code() != base::Code::kConflict) return status;
  return base::Conflict("there is an API key of this name",
                        {{"name", "is taken; choose another, or revoke that key"}});
}

base::Result<ApiKey> ApiKeyRepository::Get(sql::Connection& connection, std::string_view id) const {
  if (!base::IsUuid(id)) return Unknown();
  const std::string sql =
      std::string("SELECT ") + kColumns + " FROM " + kFrom + " WHERE k.id = :id";
  ENERGY_ASSIGN_OR_RETURN(const std::vector<sql::Row> rows,
                          connection.Query(sql, {{"id", id}}, kColumnCount));
  if (rows.empty()) return Unknown();
  return ToKey(rows.front()).key;
}

base::Status ApiKeyRepository::Remove(sql::Connection& connection, std::string_view id) const {
  if (!base::IsUuid(id)) return Unknown();
  ENERGY_ASSIGN_OR_RETURN(const int64_t removed,
                          connection.Execute("DELETE FROM api_keys WHERE id = :id", {{"id", id}}));
  return removed == 0 ? Unknown() : base::Status();
}

base::Result<sql::Listing<ApiKey>> ApiKeyRepository::List(sql::Connection& connection,
                                                          std::string_view search,
                                                          std::string_view sort,
                                                          sql::Page page) const {
  sql::ListQuery query(kColumns, kColumnCount, kFrom, "k.id");
  query.Search({"k.name"}, search);
  ENERGY_RETURN_IF_ERROR(query.Sort(sort,
                                    {{"name", "k.name"},
                                     {"created_at", "k.created_at"},
                                     {"expires_at", "k.expires_at"},
                                     {"last_used", "k.last_used"}},
                                    "name"));
  return query.Fetch<ApiKey>(connection, page, [](const sql::Row& row) { return ToKey(row).key; });
}

base::Status ApiKeyRepository::SaveLastUsed(
    sql::Connection& connection, const std::map<std::string, base::Timestamp>& used) const {
  std::vector<sql::Params> rows;
  rows.reserve(used.size());
  for (const auto& [id, time] : used) rows.push_back({{"time", time}, {"id", id}});
  return connection.ExecuteMany("UPDATE api_keys SET last_used = :time WHERE id = :id", rows)
      .status();
}

}  // namespace energy::auth
