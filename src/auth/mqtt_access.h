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
#include "base/repeater.h"
#include "base/service.h"
#include "base/status.h"
#include "mqtt/hooks.h"
#include "sql/database.h"

namespace energy::auth {

struct MqttAccessOptions {
  /// Clients without a name and password may do everything. A wrong password is refused anyway.
  bool allow_anonymous = false;
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

  /// The principal of clients without a user name.
  static constexpr std::string_view kAnonymousName = "anonymous";

  MqttAccess(sql::Database& database, const base::Clock& clock, std::string hash_key,
             MqttAccessOptions options, const base::Logger& logger);
  ~MqttAccess() override;

  std::string_view name() const override { return "mqtt-access"; }
  base::Status Start() override;
  void Stop() override;

  /// `revoked` is told which credentials got another password or went, to end their connections;
  /// `renewed` whose rules changed. Set before the first client connects.
  void OnChange(std::function<void(const Names&)> revoked,
                std::function<void(const Names&)> renewed);

  /// Runs `change` in a transaction and reads all credentials back: what it wrote holds when this
  /// returns. Errors: those of `change` and SQL; nothing is changed then.
  base::Status Apply(const std::function<base::Status(sql::Connection&)>& change);
  /// What is stored of a password.
  std::string SecretHash(std::string_view username, std::string_view secret) const;

  /// Reads all credentials; at start, and after rows changed behind its back (a deleted device).
  base::Status Load();

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
  void Tell(const Changes& changes) const;
  Changes Swap(const std::vector<MqttCredential>& credentials);

  sql::Database& database_;
  const base::Clock& clock_;
  const std::string hash_key_;
  const MqttAccessOptions options_;
  const MqttCredentials credentials_;
  static std::shared_ptr<const mqtt::Principal> PrincipalOf(const std::shared_ptr<Client>& client,
                                                            std::string_view client_id);

  std::function<void(const Names&)> revoked_;
  std::function<void(const Names&)> renewed_;
  std::mutex change_mutex_;  // one change at a time: database, then snapshot
  mutable std::mutex snapshot_mutex_;
  std::shared_ptr<const Snapshot> snapshot_;  // guarded by snapshot_mutex_
  base::Repeater watch_;
};

}  // namespace energy::auth
