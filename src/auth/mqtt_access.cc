#include "auth/mqtt_access.h"

#include <pthread.h>

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <utility>

#include "audit/audit.h"
#include "auth/hash.h"
#include "mqtt/topic.h"
#include "mqtt/utf8.h"

namespace energy::auth {
namespace {

constexpr std::string_view kDevicePrefix = "device_";
constexpr std::string_view kAnonymousName = "anonymous";
constexpr size_t kPasswordLength = 32;
constexpr size_t kMaxTopicBytes = 500;  // of the column
constexpr std::chrono::seconds kWatchInterval{2};

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

MqttAccess::~MqttAccess() { Stop(); }

void MqttAccess::OnChange(std::function<void(const Names&)> revoked,
                          std::function<void(const Names&)> renewed) {
  revoked_ = std::move(revoked);
  renewed_ = std::move(renewed);
}

base::Status MqttAccess::Start() {
  thread_ = std::jthread([this](const std::stop_token& stop) { Watch(stop); });
  return {};
}

void MqttAccess::Stop() {
  thread_.request_stop();
  if (thread_.joinable()) thread_.join();
}

void MqttAccess::Watch(const std::stop_token& stop) {
  pthread_setname_np(pthread_self(), "mqtt-access");
  std::mutex mutex;
  std::condition_variable_any wake;
  bool failing = false;
  while (true) {
    {
      std::unique_lock lock(mutex);
      wake.wait_for(lock, stop, kWatchInterval, [] { return false; });
    }
    if (stop.stop_requested()) return;
    const base::Status status = Load();
    if (!status.ok() && !failing) {
      logger_->error("changes of MQTT credentials and rules are not seen: {}", status.ToString());
    }
    failing = !status.ok();
  }
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
  base::Json rules = base::Json::array();
  for (const AclRule& rule : credential.rules) {
    rules.push_back({{"topic", rule.topic},
                     {"action", ActionName(rule.action)},
                     {"effect", rule.allow ? "allow" : "deny"}});
  }
  const base::Json after{
      {"device_id", credential.device_id ? base::Json(*credential.device_id) : base::Json()},
      {"rules", std::move(rules)}};
  ENERGY_RETURN_IF_ERROR(Apply([&](sql::Connection& c) -> base::Status {
    ENERGY_RETURN_IF_ERROR(credentials_.Put(c, credential));
    return audit::Record(
        c, clock_, {"mqtt_credential.issue", "mqtt_credential", issued.username, nullptr, after});
  }));
  logger_->info("issued the MQTT credential {}", issued.username);
  return issued;
}

base::Result<IssuedCredential> MqttAccess::ChangePassword(std::string_view username) {
  IssuedCredential issued{std::string(username), base::NewSecret(random_, kPasswordLength), ""};
  ENERGY_RETURN_IF_ERROR(Apply([&](sql::Connection& c) {
    return credentials_.ChangeSecret(c, username, SecretHash(username, issued.password));
  }));
  logger_->info("changed the password of the MQTT credential {}", username);
  return issued;
}

base::Status MqttAccess::Remove(std::string_view username) {
  return Apply([&](sql::Connection& c) -> base::Status {
    ENERGY_RETURN_IF_ERROR(credentials_.Remove(c, username));
    return audit::Record(c, clock_,
                         {"mqtt_credential.delete",
                          "mqtt_credential",
                          std::string(username),
                          {{"username", username}},
                          nullptr});
  });
}

base::Result<sql::Listing<ListedCredential>> MqttAccess::List(std::string_view search,
                                                              std::string_view sort,
                                                              sql::Page page) {
  return database_.Read(
      [&](sql::Connection& c) { return credentials_.List(c, search, sort, page); });
}

base::Result<sql::Listing<ListedAclRule>> MqttAccess::ListRules(
    const std::optional<std::string>& username, std::string_view sort, sql::Page page) {
  return database_.Read(
      [&](sql::Connection& c) { return credentials_.ListRules(c, username, sort, page); });
}

base::Result<ListedAclRule> MqttAccess::AddRule(std::string_view username, const AclRule& rule) {
  ENERGY_RETURN_IF_ERROR(CheckTopic(rule.topic, "topic"));
  base::Result<ListedAclRule> added = base::Internal("nothing was added");
  ENERGY_RETURN_IF_ERROR(Apply([&](sql::Connection& c) {
    added = credentials_.AddRule(c, username, rule);
    ENERGY_RETURN_IF_ERROR(added.status());
    return audit::Record(c, clock_,
                         {"mqtt_rule.create",
                          "mqtt_rule",
                          std::to_string(added->id),
                          nullptr,
                          {{"username", username},
                           {"topic", rule.topic},
                           {"action", ActionName(rule.action)},
                           {"effect", rule.allow ? "allow" : "deny"}}});
  }));
  return added;
}

base::Status MqttAccess::RemoveRule(int64_t id) {
  return Apply([&](sql::Connection& c) -> base::Status {
    ENERGY_RETURN_IF_ERROR(credentials_.RemoveRule(c, id));
    return audit::Record(
        c, clock_, {"mqtt_rule.delete", "mqtt_rule", std::to_string(id), {{"id", id}}, nullptr});
  });
}

base::Status MqttAccess::CheckTopic(std::string_view topic, std::string_view field) {
  if (topic.size() <= kMaxTopicBytes && mqtt::IsValidUtf8(topic) &&
      mqtt::CheckTopicFilter(topic) == mqtt::TopicCheck::kOk) {
    return {};
  }
  return base::InvalidField(
      std::string(field),
      "must be topic filters of at most 500 bytes, where + and # stand for whole levels");
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
