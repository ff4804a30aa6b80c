#include "auth/mqtt_credentials.h"

namespace energy::auth {
namespace {

ListedAclRule ToRule(const sql::Row& row) {
  return {row.Int(0),
          row.Text(1),
          {row.Text(2), ParseAction(row.Text(3)).value_or(AclRule::Action::kPublish), row.Bool(4)},
          row.Time(5)};
}

base::Status Unknown(std::string_view username) {
  return base::NotFound("there is no MQTT credential '" + std::string(username) + "'");
}

}  // namespace

base::Result<std::vector<MqttCredential>> MqttCredentials::LoadAll(
    sql::Connection& connection) const {
  ENERGY_ASSIGN_OR_RETURN(
      const std::vector<sql::Row> credential_rows,
      connection.Query("SELECT username, secret_hash, device_id FROM mqtt_credentials", {}, 3));
  ENERGY_ASSIGN_OR_RETURN(
      const std::vector<sql::Row> acl_rows,
      connection.Query("SELECT username, topic, action, allow FROM mqtt_acl ORDER BY id", {}, 4));
  std::map<std::string, std::vector<AclRule>> rules;
  for (const sql::Row& row : acl_rows) {
    rules[row.Text(0)].push_back(
        {row.Text(1), ParseAction(row.Text(2)).value_or(AclRule::Action::kPublish), row.Bool(3)});
  }
  std::vector<MqttCredential> credentials;
  credentials.reserve(credential_rows.size());
  for (const sql::Row& row : credential_rows) {
    credentials.push_back({row.Text(0), row.Text(1), row.OptText(2), rules[row.Text(0)]});
  }
  return credentials;
}

base::Status MqttCredentials::Put(sql::Connection& connection,
                                  const MqttCredential& credential) const {
  const base::Timestamp now = clock_.Now();
  const base::Status status =
      connection
          .Execute(
              "INSERT INTO mqtt_credentials (username, secret_hash, device_id, created_at)"
              " VALUES (:username, :secret_hash, :device_id, :created_at)"
              " ON CONFLICT (username) DO UPDATE SET secret_hash = excluded.secret_hash,"
              " device_id = excluded.device_id, created_at = excluded.created_at,"
              " last_used = NULL",
              {{"username", credential.username},
               {"secret_hash", credential.secret_hash},
               {"device_id", credential.device_id},
               {"created_at", now}})
          .status();
  if (status.code() == base::Code::kInvalidArgument && credential.device_id) {
    return base::NotFound("there is no device '" + *credential.device_id + "'");
  }
  ENERGY_RETURN_IF_ERROR(status);
  ENERGY_RETURN_IF_ERROR(connection
                             .Execute("DELETE FROM mqtt_acl WHERE username = :username",
                                      {{"username", credential.username}})
                             .status());
  std::vector<sql::Params> rows;
  for (const AclRule& rule : credential.rules) {
    rows.push_back({{"username", credential.username},
                    {"topic", rule.topic},
                    {"action", ActionName(rule.action)},
                    {"allow", rule.allow},
                    {"device_id", credential.device_id},
                    {"created_at", now}});
  }
  return connection
      .ExecuteMany(
          "INSERT INTO mqtt_acl (username, topic, action, allow, device_id, created_at)"
          " VALUES (:username, :topic, :action, :allow, :device_id, :created_at)",
          rows)
      .status();
}

base::Status MqttCredentials::ChangeSecret(sql::Connection& connection, std::string_view username,
                                           std::string_view secret_hash) const {
  ENERGY_ASSIGN_OR_RETURN(
      const int64_t changed,
      connection.Execute(
          "UPDATE mqtt_credentials SET secret_hash = :secret_hash,"
          " created_at = :now, last_used = NULL WHERE username = :username",
          {{"username", username}, {"secret_hash", secret_hash}, {"now", clock_.Now()}}));
  return changed == 0 ? Unknown(username) : base::Status();
}

base::Status MqttCredentials::Remove(sql::Connection& connection, std::string_view username) const {
  ENERGY_RETURN_IF_ERROR(
      connection
          .Execute("DELETE FROM mqtt_acl WHERE username = :username", {{"username", username}})
          .status());
  ENERGY_ASSIGN_OR_RETURN(
      const int64_t removed,
      connection.Execute("DELETE FROM mqtt_credentials WHERE username = :username",
                         {{"username", username}}));
  return removed == 0 ? Unknown(username) : base::Status();
}

base::Status MqttCredentials::SaveLastUsed(
    sql::Connection& connection, const std::map<std::string, base::Timestamp>& used) const {
  std::vector<sql::Params> rows;
  rows.reserve(used.size());
  for (const auto& [username, time] : used) {
    rows.push_back({{"time", time}, {"username", username}});
  }
  return connection
      .ExecuteMany("UPDATE mqtt_credentials SET last_used = :time WHERE username = :username", rows)
      .status();
}

base::Result<sql::Listing<ListedCredential>> MqttCredentials::List(sql::Connection& connection,
                                                                   std::string_view search,
                                                                   std::string_view sort,
                                                                   sql::Page page) const {
  sql::ListQuery query("username, device_id, created_at, last_used", 4, "mqtt_credentials",
                       "username");
  query.Search({"username", "device_id"}, search);
  ENERGY_RETURN_IF_ERROR(query.Sort(
      sort, {{"username", "username"}, {"created_at", "created_at"}, {"last_used", "last_used"}},
      "username"));
  return query.Fetch<ListedCredential>(connection, page, [](const sql::Row& row) {
    return ListedCredential{row.Text(0), row.OptText(1), row.Time(2), row.OptTime(3)};
  });
}

base::Result<sql::Listing<ListedAclRule>> MqttCredentials::ListRules(
    sql::Connection& connection, const std::optional<std::string>& username, std::string_view sort,
    sql::Page page) const {
  sql::ListQuery query("id, username, topic, action, allow, created_at", 6, "mqtt_acl", "id");
  query.Equals("username", username);
  ENERGY_RETURN_IF_ERROR(query.Sort(
      sort,
      {{"id", "id"}, {"username", "username"}, {"topic", "topic"}, {"created_at", "created_at"}},
      "id"));
  return query.Fetch<ListedAclRule>(connection, page, ToRule);
}

base::Result<ListedAclRule> MqttCredentials::AddRule(sql::Connection& connection,
                                                     std::string_view username,
                                                     const AclRule& rule) const {
  // The rules of a device's own credential go with the device.
  ENERGY_ASSIGN_OR_RETURN(
      const std::vector<sql::Row> owner,
      connection.Query("SELECT device_id FROM mqtt_credentials WHERE username = :username",
                       {{"username", username}}, 1));
  if (owner.empty()) {
    return base::InvalidField("username",
                              "there is no MQTT credential '" + std::string(username) + "'");
  }
  ENERGY_ASSIGN_OR_RETURN(
      const std::vector<sql::Row> rows,
      connection.Query(
          "INSERT INTO mqtt_acl (username, topic, action, allow, device_id, created_at)"
          " VALUES (:username, :topic, :action, :allow, :device_id, :created_at)"
          " RETURNING id, username, topic, action, allow, created_at",
          {{"username", username},
           {"topic", rule.topic},
           {"action", ActionName(rule.action)},
           {"allow", rule.allow},
           {"device_id", owner[0].OptText(0)},
           {"created_at", clock_.Now()}},
          6));
  return ToRule(rows.at(0));
}

base::Status MqttCredentials::RemoveRule(sql::Connection& connection, int64_t id) const {
  ENERGY_ASSIGN_OR_RETURN(const int64_t removed,
                          connection.Execute("DELETE FROM mqtt_acl WHERE id = :id", {{"id", id}}));
  if (removed == 0) return base::NotFound("there is no ACL rule " + std::to_string(id));
  return {};
}

}  // namespace energy::auth
