#pragma once

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "auth/mqtt_credentials.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/random.h"
#include "base/status.h"
#include "mqtt/hooks.h"
#include "sql/database.h"

namespace energy::auth {

struct MqttAccessOptions {
  /// Clients without a name and password may do everything. A wrong password is refused anyway.
  bool allow_anonymous = false;
};

/// What a device needs to connect. The password exists only here.
struct IssuedCredential {
  std::string username;
  std::string password;
  std::string topic;  ///< where a device publishes; empty for other clients
};

/// Who may connect by MQTT, and do what (LLD §10.2, decision 12).
///
/// Passwords are 32 random characters, so a keyed hash (HMAC-SHA256) protects them and checking one
/// costs microseconds. All credentials are in memory as an immutable snapshot; connecting never
/// touches SQL. A client that is connected when its credential changes or goes loses its rights at
/// once and gets new ones by connecting again.
///
/// Threads: safe anywhere. Load, Issue, IssueClient, Remove and SaveLastUsed block on SQL.
class MqttAccess final : public mqtt::Authenticator {
 public:
  MqttAccess(sql::Database& database, const base::Clock& clock, base::Random& random,
             std::string hash_key, MqttAccessOptions options, base::Logger logger);
  ~MqttAccess() override;

  /// `revoked` is told the user name of each credential that changed or went, to end its
  /// connections. Set before the first client connects.
  void OnRevoked(std::function<void(std::string_view username)> revoked);

  /// Reads all credentials; at start, and after rows changed behind its back (a deleted device).
  base::Status Load();

  /// Makes the credential of a device, "device_<id>", that may publish devices/<id>/telemetry.
  /// Issuing again replaces the password. Errors: kNotFound when there is no such device.
  base::Result<IssuedCredential> Issue(std::string_view device_id);

  /// Makes or replaces the credential of a client that is not one device.
  /// `username`: 1..100 of A-Z a-z 0-9 _ . - and not beginning with "device_".
  base::Result<IssuedCredential> IssueClient(std::string_view username, std::vector<AclRule> rules);

  /// Errors: kNotFound.
  base::Status Remove(std::string_view username);

  /// Writes when credentials were last used, as far as that is new.
  base::Status SaveLastUsed();

  base::Result<std::shared_ptr<const mqtt::Principal>> Authenticate(
      const mqtt::ConnectRequest& request) override;

  size_t size() const;

 private:
  class Client;
  using Snapshot = std::map<std::string, std::shared_ptr<Client>, std::less<>>;

  std::shared_ptr<const Snapshot> Current() const;
  /// Runs `change` in a transaction, reads all credentials back and swaps the snapshot.
  base::Status Apply(const std::function<base::Status(sql::Connection&)>& change);
  /// The names whose clients lost their rights.
  std::vector<std::string> Swap(const std::vector<MqttCredential>& credentials);
  base::Result<IssuedCredential> Put(MqttCredential credential, std::string topic);
  std::string SecretHash(std::string_view username, std::string_view secret) const;

  sql::Database& database_;
  const base::Clock& clock_;
  base::Random& random_;
  const std::string hash_key_;
  const MqttAccessOptions options_;
  base::Logger logger_;
  const MqttCredentials credentials_;
  std::function<void(std::string_view)> revoked_;
  std::mutex change_mutex_;  // one change at a time: database, then snapshot
  mutable std::mutex snapshot_mutex_;
  std::shared_ptr<const Snapshot> snapshot_;  // guarded by snapshot_mutex_
};

}  // namespace energy::auth
