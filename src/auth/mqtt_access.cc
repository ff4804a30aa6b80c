#include "auth/mqtt_access.h"

#include <algorithm>
#include <atomic>
#include <utility>

#include "auth/hash.h"

namespace energy::auth {
namespace {

constexpr std::string_view kDevicePrefix = "device_";
constexpr std::string_view kAnonymousName = "anonymous";
constexpr size_t kPasswordLength = 32;

class Anonymous final : public mqtt::Principal {
 public:
  bool MayPublish(std::string_view) const override { return true; }
  bool MaySubscribe(std::string_view) const override { return true; }
  std::string_view name() const override { return kAnonymousName; }
};

bool IsClientName(std::string_view name) {
  return !name.empty() && name.size() <= 100 && !name.starts_with(kDevicePrefix) &&
         name != kAnonymousName && std::all_of(name.begin(), name.end(), [](char c) {
           return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
                  c == '_' || c == '.' || c == '-';
         });
}

}  // namespace

/// One credential, as the principal of all its connections.
class MqttAccess::Client final : public mqtt::Principal {
 public:
  explicit Client(const MqttCredential& credential)
      : name_(credential.username),
        secret_hash_(credential.secret_hash),
        written_rules_(credential.rules),
        acl_(credential.rules, credential.username) {}

  bool MayPublish(std::string_view topic) const override {
    return !revoked_.load(std::memory_order_acquire) && acl_.MayPublish(topic);
  }
  bool MaySubscribe(std::string_view filter) const override {
    return !revoked_.load(std::memory_order_acquire) && acl_.MaySubscribe(filter);
  }
  std::string_view name() const override { return name_; }

  bool Is(const MqttCredential& credential) const {
    return secret_hash_ == credential.secret_hash && written_rules_ == credential.rules;
  }
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
  const std::vector<AclRule> written_rules_;  // before %u was replaced
  const Acl acl_;
  std::atomic<bool> revoked_{false};
  std::atomic<int64_t> last_used_{0};
};

MqttAccess::MqttAccess(sql::Database& database, const base::Clock& clock, base::Random& random,
                       std::string hash_key, MqttAccessOptions options, base::Logger logger)
    : database_(database),
      clock_(clock),
      random_(random),
      hash_key_(std::move(hash_key)),
      options_(options),
      logger_(std::move(logger)),
      credentials_(clock),
      snapshot_(std::make_shared<const Snapshot>()) {}

MqttAccess::~MqttAccess() = default;

void MqttAccess::OnRevoked(std::function<void(std::string_view)> revoked) {
  revoked_ = std::move(revoked);
}

std::shared_ptr<const MqttAccess::Snapshot> MqttAccess::Current() const {
  std::lock_guard lock(snapshot_mutex_);
  return snapshot_;
}

base::Status MqttAccess::Load() {
  return Apply([](sql::Connection&) { return base::Status(); });
}

base::Status MqttAccess::Apply(const std::function<base::Status(sql::Connection&)>& change) {
  std::vector<std::string> lost;
  {
    std::lock_guard one_change(change_mutex_);
    ENERGY_ASSIGN_OR_RETURN(
        const std::vector<MqttCredential> credentials,
        database_.Transaction([&](sql::Connection& c) -> base::Result<std::vector<MqttCredential>> {
          ENERGY_RETURN_IF_ERROR(change(c));
          return credentials_.LoadAll(c);
        }));
    lost = Swap(credentials);
  }
  if (revoked_) {
    for (const std::string& username : lost) revoked_(username);
  }
  return {};
}

std::vector<std::string> MqttAccess::Swap(const std::vector<MqttCredential>& credentials) {
  const std::shared_ptr<const Snapshot> before = Current();
  auto after = std::make_shared<Snapshot>();
  for (const MqttCredential& credential : credentials) {
    const auto known = before->find(credential.username);
    const bool same = known != before->end() && known->second->Is(credential);
    after->emplace(credential.username,
                   same ? known->second : std::make_shared<Client>(credential));
  }
  {
    std::lock_guard lock(snapshot_mutex_);
    snapshot_ = after;
  }
  std::vector<std::string> lost;
  for (const auto& [username, client] : *before) {
    const auto now = after->find(username);
    if (now != after->end() && now->second == client) continue;
    client->Revoke();
    lost.push_back(username);
  }
  return lost;
}

base::Result<IssuedCredential> MqttAccess::Issue(std::string_view device_id) {
  std::string topic = "devices/" + std::string(device_id) + "/telemetry";
  MqttCredential credential;
  credential.username = std::string(kDevicePrefix) + std::string(device_id);
  credential.device_id = device_id;
  credential.rules = {{topic, AclRule::Action::kPublish, true}};
  return Put(std::move(credential), std::move(topic));
}

base::Result<IssuedCredential> MqttAccess::IssueClient(std::string_view username,
                                                       std::vector<AclRule> rules) {
  if (!IsClientName(username)) {
    return base::InvalidField("username",
                              "must be 1 to 100 of A-Z a-z 0-9 _ . - and not begin with device_");
  }
  return Put({std::string(username), "", std::nullopt, std::move(rules)}, "");
}

base::Result<IssuedCredential> MqttAccess::Put(MqttCredential credential, std::string topic) {
  IssuedCredential issued{credential.username, base::NewSecret(random_, kPasswordLength),
                          std::move(topic)};
  credential.secret_hash = SecretHash(issued.username, issued.password);
  ENERGY_RETURN_IF_ERROR(
      Apply([&](sql::Connection& c) { return credentials_.Put(c, credential); }));
  logger_->info("issued the MQTT credential {}", issued.username);
  return issued;
}

base::Status MqttAccess::Remove(std::string_view username) {
  return Apply([&](sql::Connection& c) { return credentials_.Remove(c, username); });
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
  const std::string hash = SecretHash(request.username, request.password.value_or(""));
  if (found == snapshot->end() || !ConstantTimeEqual(hash, found->second->secret_hash())) {
    return base::Unauthenticated("bad user name or password");
  }
  found->second->Used(clock_.Now());
  return std::shared_ptr<const mqtt::Principal>(found->second);
}

size_t MqttAccess::size() const { return Current()->size(); }

}  // namespace energy::auth
