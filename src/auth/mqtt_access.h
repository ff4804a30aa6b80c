#pragma once

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "auth/mqtt_credentials.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/random.h"
#include "base/service.h"
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
/// once and gets new ones by connecting again; one whose rules alone changed stays connected and
/// gets them through Renew.
///
/// While it runs it reads the tables every two seconds, so that what another process wrote there
/// counts too.
///
/// Threads: safe anywhere. What returns a Status or Result, but for Authenticate, blocks on SQL.
class MqttAccess final : public mqtt::Authenticator, public base::Service {
 public:
  /// User names of connected clients to do something about, sorted.
  using Names = std::vector<std::string>;

  MqttAccess(sql::Database& database, const base::Clock& clock, base::Random& random,
             std::string hash_key, MqttAccessOptions options, base::Logger logger);
  ~MqttAccess() override;

  std::string_view name() const override { return "mqtt-access"; }
  base::Status Start() override;
  void Stop() override;

  /// `revoked` is told which credentials got another password or went, to end their connections;
  /// `renewed` whose rules changed. Set before the first client connects.
  void OnChange(std::function<void(const Names&)> revoked,
                std::function<void(const Names&)> renewed);

  /// Reads all credentials; at start, and after rows changed behind its back (a deleted device).
  base::Status Load();

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

  /// Writes when credentials were last used, as far as that is new.
  base::Status SaveLastUsed();

  base::Result<std::shared_ptr<const mqtt::Principal>> Authenticate(
      const mqtt::ConnectRequest& request) override;
  std::shared_ptr<const mqtt::Principal> Renew(std::string_view username,
                                               std::string_view client_id) override;

  size_t size() const;

 private:
  class Client;
  class ClientConnection;
  struct Changes {
    Names revoked;
    Names renewed;
  };
  using Snapshot = std::map<std::string, std::shared_ptr<Client>, std::less<>>;

  std::shared_ptr<const Snapshot> Current() const;
  /// Runs `change` in a transaction, reads all credentials back and swaps the snapshot.
  base::Status Apply(const std::function<base::Status(sql::Connection&)>& change);
  void Tell(const Changes& changes) const;
  Changes Swap(const std::vector<MqttCredential>& credentials);
  base::Result<IssuedCredential> Put(MqttCredential credential, std::string topic);
  std::string SecretHash(std::string_view username, std::string_view secret) const;

  sql::Database& database_;
  const base::Clock& clock_;
  base::Random& random_;
  const std::string hash_key_;
  const MqttAccessOptions options_;
  base::Logger logger_;
  const MqttCredentials credentials_;
  static std::shared_ptr<const mqtt::Principal> PrincipalOf(const std::shared_ptr<Client>& client,
                                                            std::string_view client_id);
  void Watch(const std::stop_token& stop);

  std::function<void(const Names&)> revoked_;
  std::function<void(const Names&)> renewed_;
  std::mutex change_mutex_;  // one change at a time: database, then snapshot
  mutable std::mutex snapshot_mutex_;
  std::shared_ptr<const Snapshot> snapshot_;  // guarded by snapshot_mutex_
  std::jthread thread_;
};

}  // namespace energy::auth
