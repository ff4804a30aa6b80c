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

namespace energy::auth {

/// One row of `mqtt_credentials` with its rows of `mqtt_acl`.
struct MqttCredential {
  std::string username;
  std::string secret_hash;               ///< hex
  std::optional<std::string> device_id;  ///< goes when the device goes
  std::vector<AclRule> rules;
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
  base::Status Remove(sql::Connection& connection, std::string_view username) const;
  base::Status SaveLastUsed(sql::Connection& connection,
                            const std::map<std::string, base::Timestamp>& used) const;

 private:
  const base::Clock& clock_;
};

}  // namespace energy::auth
