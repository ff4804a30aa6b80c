#include "auth/mqtt_access.h"

#include <algorithm>
#include <atomic>
#include <utility>

#include "auth/hash.h"

namespace energy::auth {
namespace {

constexpr std::chrono::seconds kWatchInterval{2};

class Anonymous final : public mqtt::Principal {
 public:
  bool MayPublish(std::string_view) const override { return true; }
  bool MaySubscribe(std::string_view) const override { return true; }
  std::string_view name() const override { return MqttAccess::kAnonymousName; }
};

}  // namespace

/// One credential, as the principal of all its connections.
class MqttAccess::Client final : public mqtt::Principal {
 public:
  explicit Client(const MqttCredential& credential)
      : name_(credential.username),
        secret_hash_(credential.secret_hash),
        written_rules_(credential.rules),
        names_client_id_(
            std::any_of(credential.rules.begin(), credential.rules.end(), NamesClientId)),
        acl_(credential.rules, credential.username, "") {}

  bool MayPublish(std::string_view topic) const override {
    return !revoked_.load(std::memory_order_acquire) && acl_.MayPublish(topic);
  }
  bool MaySubscribe(std::string_view filter) const override {
    return !revoked_.load(std::memory_order_acquire) && acl_.MaySubscribe(filter);
  }
  std::string_view name() const override { return name_; }

  bool HasSecret(const MqttCredential& credential) const {
    return secret_hash_ == credential.secret_hash;
  }
  bool HasRules(const MqttCredential& credential) const {
    return written_rules_ == credential.rules;
  }
  const std::vector<AclRule>& written_rules() const { return written_rules_; }
  bool names_client_id() const { return names_client_id_; }
  bool revoked() const { return revoked_.load(std::memory_order_acquire); }
  const std::string& secret_hash() const { return secret_hash_; }
  void Revoke() { revoked_.store(true, std::memory_order_release); }

  void Used(base::Timestamp now) { last_used_ = now.time_since_epoch().count(); }
  /// When it was used since the last call, if it was.
  std::optional<base::Timestamp> TakeUsed() {
    const int64_t used = last_used_.exchange(0);
    if (used == 0) return std::nullopt;
    return base::Timestamp(std::chrono::nanoseconds(used));
  }

 private:
  const std::string name_;
  const std::string secret_hash_;
  const std::vector<AclRule> written_rules_;  // before placeholders were replaced
  const bool names_client_id_;
  const Acl acl_;
  std::atomic<bool> revoked_{false};
  std::atomic<int64_t> last_used_{0};
};

/// A connection of a credential whose rules name the client id.
class MqttAccess::ClientConnection final : public mqtt::Principal {
 public:
  ClientConnection(std::shared_ptr<const Client> client, std::string_view client_id)
      : client_(std::move(client)), acl_(client_->written_rules(), client_->name(), client_id) {}

  bool MayPublish(std::string_view topic) const override {
    return !client_->revoked() && acl_.MayPublish(topic);
  }
  bool MaySubscribe(std::string_view filter) const override {
    return !client_->revoked() && acl_.MaySubscribe(filter);
  }
  std::string_view name() const override { return client_->name(); }

 private:
  const std::shared_ptr<const Client> client_;
  const Acl acl_;
};

MqttAccess::MqttAccess(sql::Database& database, const base::Clock& clock, std::string hash_key,
                       MqttAccessOptions options, const base::Logger& logger)
    : database_(database),
      clock_(clock),
      hash_key_(std::move(hash_key)),
      options_(options),
      credentials_(clock),
      snapshot_(std::make_shared<const Snapshot>()),
      watch_(
          "mqtt-access", kWatchInterval, [this] { return Load(); },
          "changes of MQTT credentials and rules are not seen", logger) {}

MqttAccess::~MqttAccess() { Stop(); }

base::Status MqttAccess::Start() { return watch_.Start(); }

void MqttAccess::Stop() { watch_.Stop(); }

void MqttAccess::OnChange(std::function<void(const Names&)> revoked,
                          std::function<void(const Names&)> renewed) {
  revoked_ = std::move(revoked);
  renewed_ = std::move(renewed);
}

std::shared_ptr<const MqttAccess::Snapshot> MqttAccess::Current() const {
  std::lock_guard lock(snapshot_mutex_);
  return snapshot_;
}

base::Status MqttAccess::Load() {
  Changes changes;
  {
    std::lock_guard one_change(change_mutex_);
    ENERGY_ASSIGN_OR_RETURN(
        const std::vector<MqttCredential> credentials,
        database_.Read([&](sql::Connection& c) { return credentials_.LoadAll(c); }));
    changes = Swap(credentials);
  }
  Tell(changes);
  return {};
}

base::Status MqttAccess::Apply(const std::function<base::Status(sql::Connection&)>& change) {
  Changes changes;
  {
    std::lock_guard one_change(change_mutex_);
    ENERGY_ASSIGN_OR_RETURN(
        const std::vector<MqttCredential> credentials,
        database_.Transaction([&](sql::Connection& c) -> base::Result<std::vector<MqttCredential>> {
          ENERGY_RETURN_IF_ERROR(change(c));
          return credentials_.LoadAll(c);
        }));
    changes = Swap(credentials);
  }
  Tell(changes);
  return {};
}

void MqttAccess::Tell(const Changes& changes) const {
  if (revoked_ && !changes.revoked.empty()) revoked_(changes.revoked);
  if (renewed_ && !changes.renewed.empty()) renewed_(changes.renewed);
}

MqttAccess::Changes MqttAccess::Swap(const std::vector<MqttCredential>& credentials) {
  const std::shared_ptr<const Snapshot> before = Current();
  auto after = std::make_shared<Snapshot>();
  for (const MqttCredential& credential : credentials) {
    const auto known = before->find(credential.username);
    const bool same = known != before->end() && known->second->HasSecret(credential) &&
                      known->second->HasRules(credential);
    after->emplace(credential.username,
                   same ? known->second : std::make_shared<Client>(credential));
  }
  {
    std::lock_guard lock(snapshot_mutex_);
    snapshot_ = after;
  }
  Changes changes;
  for (const auto& [username, client] : *before) {
    const auto now = after->find(username);
    if (now != after->end() && now->second == client) continue;
    if (now != after->end() && now->second->secret_hash() == client->secret_hash()) {
      changes.renewed.push_back(username);
      continue;
    }
    client->Revoke();
    changes.revoked.push_back(username);
  }
  return changes;
}

std::shared_ptr<const mqtt::Principal> MqttAccess::PrincipalOf(
    const std::shared_ptr<Client>& client, std::string_view client_id) {
  if (!client->names_client_id()) return client;
  return std::make_shared<ClientConnection>(client, client_id);
}

std::shared_ptr<const mqtt::Principal> MqttAccess::Renew(std::string_view username,
                                                         std::string_view client_id) {
  if (username == kAnonymousName && options_.allow_anonymous) return std::make_shared<Anonymous>();
  const std::shared_ptr<const Snapshot> snapshot = Current();
  const auto found = snapshot->find(username);
  return found == snapshot->end() ? nullptr : PrincipalOf(found->second, client_id);
}

base::Status MqttAccess::SaveLastUsed() {
  std::map<std::string, base::Timestamp> used;
  const std::shared_ptr<const Snapshot> snapshot = Current();
  for (const auto& [username, client] : *snapshot) {
    if (const auto time = client->TakeUsed()) used.emplace(username, *time);
  }
  if (used.empty()) return {};
  return database_.Transaction(
      [&](sql::Connection& c) { return credentials_.SaveLastUsed(c, used); });
}

std::string MqttAccess::SecretHash(std::string_view username, std::string_view secret) const {
  // The name is part of it, so that a hash copied to another row opens nothing.
  std::string data(username);
  data += '\0';
  data += secret;
  return ToHex(HmacSha256(hash_key_, data));
}

base::Result<std::shared_ptr<const mqtt::Principal>> MqttAccess::Authenticate(
    const mqtt::ConnectRequest& request) {
  if (request.anonymous) {
    if (!options_.allow_anonymous) return base::Unauthenticated("a user name is needed");
    return std::shared_ptr<const mqtt::Principal>(std::make_shared<Anonymous>());
  }
  const std::shared_ptr<const Snapshot> snapshot = Current();
  const auto found = snapshot->find(request.username);
  if (request.by_certificate) {
    if (found == snapshot->end()) {
      return base::PermissionDenied("no MQTT credential has the name in the client's certificate");
    }
    found->second->Used(clock_.Now());
    return PrincipalOf(found->second, request.client_id);
  }
  const std::string hash = SecretHash(request.username, request.password.value_or(""));
  if (found == snapshot->end() || !ConstantTimeEqual(hash, found->second->secret_hash())) {
    return base::Unauthenticated("bad user name or password");
  }
  found->second->Used(clock_.Now());
  return PrincipalOf(found->second, request.client_id);
}

size_t MqttAccess::size() const { return Current()->size(); }

}  // namespace energy::auth
