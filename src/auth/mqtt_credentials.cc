#include "auth/mqtt_credentials.h"

namespace energy::auth {
namespace {

AclRule::Action ParseAction(std::string_view name) {
  if (name == "all") return AclRule::Action::kAll;
  return name == "subscribe" ? AclRule::Action::kSubscribe : AclRule::Action::kPublish;
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
    rules[row.Text(0)].push_back({row.Text(1), ParseAction(row.Text(2)), row.Bool(3)});
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

base::Status MqttCredentials::Remove(sql::Connection& connection, std::string_view username) const {
  ENERGY_RETURN_IF_ERROR(
      connection
          .Execute("DELETE FROM mqtt_acl WHERE username = :username", {{"username", username}})
          .status());
  ENERGY_ASSIGN_OR_RETURN(
      const int64_t removed,
      connection.Execute("DELETE FROM mqtt_credentials WHERE username = :username",
                         {{"username", username}}));
  if (removed == 0) {
    return base::NotFound("there is no MQTT credential '" + std::string(username) + "'");
  }
  return {};
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

}  // namespace energy::auth
