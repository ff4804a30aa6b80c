#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "auth/mqtt_access.h"
#include "auth/mqtt_credentials.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/random.h"
#include "base/status.h"
#include "sql/database.h"

namespace energy::auth {

/// What a device needs to connect. The password exists only here.
struct IssuedCredential {
  std::string username;
  std::string password;
  std::string topic;  ///< where a device publishes; empty for other clients
};

/// Gives and takes MQTT credentials and access rules. What it changes holds for clients, also for
/// connected ones, when its call returns.
///
/// Threads: safe anywhere. Blocks on SQL.
class MqttCredentialService {
 public:
  MqttCredentialService(sql::Database& database, const base::Clock& clock, base::Random& random,
                        MqttAccess& access, base::Logger logger);

  /// Makes the credential of a device, "device_<id>", that may publish devices/<id>/telemetry.
  /// Issuing again replaces the password. Errors: kNotFound when there is no such device.
  base::Result<IssuedCredential> Issue(std::string_view device_id);

  /// Makes or replaces the credential of a client that is not one device.
  /// `username`: 1..100 of A-Z a-z 0-9 _ . - and not beginning with "device_".
  base::Result<IssuedCredential> IssueClient(std::string_view username, std::vector<AclRule> rules);

  /// Gives a credential, a device's too, another password; its rules stay. Errors: kNotFound.
  base::Result<IssuedCredential> ChangePassword(std::string_view username);

  /// Errors: kNotFound.
  base::Status Remove(std::string_view username);

  /// See MqttCredentials.
  base::Result<sql::Listing<ListedCredential>> List(std::string_view search, std::string_view sort,
                                                    sql::Page page);
  base::Result<sql::Listing<ListedAclRule>> ListRules(const std::optional<std::string>& username,
                                                      std::string_view sort, sql::Page page);
  /// The rule holds for connected clients at once. Errors: kInvalidArgument for an unknown user
  /// name, or a topic that is no filter.
  base::Result<ListedAclRule> AddRule(std::string_view username, const AclRule& rule);
  /// Errors: kNotFound.
  base::Status RemoveRule(int64_t id);
  /// Errors: kInvalidArgument for `field` when `topic` cannot be that of a rule.
  static base::Status CheckTopic(std::string_view topic, std::string_view field);

 private:
  base::Result<IssuedCredential> Put(MqttCredential credential, std::string topic);

  sql::Database& database_;
  const base::Clock& clock_;
  base::Random& random_;
  MqttAccess& access_;
  const base::Logger logger_;
  const MqttCredentials credentials_;
};

}  // namespace energy::auth
