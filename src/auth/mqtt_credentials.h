#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "auth/mqtt_acl.h"
#include "base/clock.h"
#include "base/status.h"
#include "sql/database.h"
#include "sql/list_query.h"

namespace energy::auth {

/// One row of `mqtt_credentials` with its rows of `mqtt_acl`.
struct MqttCredential {
  std::string username;
  std::string secret_hash;               ///< hex
  std::optional<std::string> device_id;  ///< goes when the device goes
  std::vector<AclRule> rules;
};

/// What a list of credentials shows.
struct ListedCredential {
  std::string username;
  std::optional<std::string> device_id;
  base::Timestamp created_at;
  std::optional<base::Timestamp> last_used;
};

/// One row of `mqtt_acl`.
struct ListedAclRule {
  int64_t id = 0;
  std::string username;
  AclRule rule;
  base::Timestamp created_at;
};

/// The tables `mqtt_credentials` and `mqtt_acl`.
///
/// Threads: safe anywhere.
class MqttCredentials {
 public:
  explicit MqttCredentials(const base::Clock& clock) : clock_(clock) {}

  base::Result<std::vector<MqttCredential>> LoadAll(sql::Connection& connection) const;
  /// Writes the credential, replacing the one of that name and its rules.
  /// Errors: kNotFound when the device does not exist.
  base::Status Put(sql::Connection& connection, const MqttCredential& credential) const;
  /// Errors of this and the next: kNotFound.
  base::Status ChangeSecret(sql::Connection& connection, std::string_view username,
                            std::string_view secret_hash) const;
  base::Status Remove(sql::Connection& connection, std::string_view username) const;
  base::Status SaveLastUsed(sql::Connection& connection,
                            const std::map<std::string, base::Timestamp>& used) const;

  /// `sort`: username (default), created_at, last_used; see ListQuery::Sort.
  base::Result<sql::Listing<ListedCredential>> List(sql::Connection& connection,
                                                    std::string_view search, std::string_view sort,
                                                    sql::Page page) const;
  base::Result<sql::Listing<ListedAclRule>> ListRules(sql::Connection& connection,
                                                      const std::optional<std::string>& username,
                                                      std::string_view sort, sql::Page page) const;
  /// Errors: kInvalidArgument when there is no such credential.
  base::Result<ListedAclRule> AddRule(sql::Connection& connection, std::string_view username,
                                      const AclRule& rule) const;
  /// Errors: kNotFound.
  base::Status RemoveRule(sql::Connection& connection, int64_t id) const;

 private:
  const base::Clock& clock_;
};

}  // namespace energy::auth
