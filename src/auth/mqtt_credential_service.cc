#include "auth/mqtt_credential_service.h"

#include <algorithm>
#include <utility>

#include "audit/audit.h"
#include "mqtt/topic.h"
#include "mqtt/utf8.h"

namespace energy::auth {
namespace {

constexpr std::string_view kDevicePrefix = "device_";
constexpr size_t kPasswordLength = 32;
constexpr size_t kMaxTopicBytes = 500;  // of the column

bool IsClientName(std::string_view name) {
  return !name.empty() && name.size() <= 100 && !name.starts_with(kDevicePrefix) &&
         name != MqttAccess::kAnonymousName && std::all_of(name.begin(), name.end(), [](char c) {
           return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
                  c == '_' || c == '.' || c == '-';
         });
}

}  // namespace

MqttCredentialService::MqttCredentialService(sql::Database& database, const base::Clock& clock,
                                             base::Random& random, MqttAccess& access,
                                             base::Logger logger)
    : database_(database),
      clock_(clock),
      random_(random),
      access_(access),
      logger_(std::move(logger)),
      credentials_(clock) {}

base::Result<IssuedCredential> MqttCredentialService::Issue(std::string_view device_id) {
  std::string topic = "devices/" + std::string(device_id) + "/telemetry";
  MqttCredential credential;
  credential.username = std::string(kDevicePrefix) + std::string(device_id);
  credential.device_id = device_id;
  credential.rules = {{topic, AclRule::Action::kPublish, true}};
  return Put(std::move(credential), std::move(topic));
}

base::Result<IssuedCredential> MqttCredentialService::IssueClient(std::string_view username,
                                                                  std::vector<AclRule> rules) {
  if (!IsClientName(username)) {
    return base::InvalidField("username",
                              "must be 1 to 100 of A-Z a-z 0-9 _ . - and not begin with device_");
  }
  return Put({std::string(username), "", std::nullopt, std::move(rules)}, "");
}

base::Result<IssuedCredential> MqttCredentialService::Put(MqttCredential credential,
                                                          std::string topic) {
  IssuedCredential issued{credential.username, base::NewSecret(random_, kPasswordLength),
                          std::move(topic)};
  credential.secret_hash = access_.SecretHash(issued.username, issued.password);
  base::Json rules = base::Json::array();
  for (const AclRule& rule : credential.rules) {
    rules.push_back({{"topic", rule.topic},
                     {"action", ActionName(rule.action)},
                     {"effect", rule.allow ? "allow" : "deny"}});
  }
  const base::Json after{
      {"device_id", credential.device_id ? base::Json(*credential.device_id) : base::Json()},
      {"rules", std::move(rules)}};
  ENERGY_RETURN_IF_ERROR(access_.Apply([&](sql::Connection& c) -> base::Status {
    ENERGY_RETURN_IF_ERROR(credentials_.Put(c, credential));
    return audit::Record(
        c, clock_, {"mqtt_credential.issue", "mqtt_credential", issued.username, nullptr, after});
  }));
  logger_->info("issued the MQTT credential {}", issued.username);
  return issued;
}

base::Result<IssuedCredential> MqttCredentialService::ChangePassword(std::string_view username) {
  IssuedCredential issued{std::string(username), base::NewSecret(random_, kPasswordLength), ""};
  ENERGY_RETURN_IF_ERROR(access_.Apply([&](sql::Connection& c) {
    return credentials_.ChangeSecret(c, username, access_.SecretHash(username, issued.password));
  }));
  logger_->info("changed the password of the MQTT credential {}", username);
  return issued;
}

base::Status MqttCredentialService::Remove(std::string_view username) {
  return access_.Apply([&](sql::Connection& c) -> base::Status {
    ENERGY_RETURN_IF_ERROR(credentials_.Remove(c, username));
    return audit::Record(c, clock_,
                         {"mqtt_credential.delete",
                          "mqtt_credential",
                          std::string(username),
                          {{"username", username}},
                          nullptr});
  });
}

base::Result<sql::Listing<ListedCredential>> MqttCredentialService::List(std::string_view search,
                                                                         std::string_view sort,
                                                                         sql::Page page) {
  return database_.Read(
      [&](sql::Connection& c) { return credentials_.List(c, search, sort, page); });
}

base::Result<sql::Listing<ListedAclRule>> MqttCredentialService::ListRules(
    const std::optional<std::string>& username, std::string_view sort, sql::Page page) {
  return database_.Read(
      [&](sql::Connection& c) { return credentials_.ListRules(c, username, sort, page); });
}

base::Result<ListedAclRule> MqttCredentialService::AddRule(std::string_view username,
                                                           const AclRule& rule) {
  ENERGY_RETURN_IF_ERROR(CheckTopic(rule.topic, "topic"));
  base::Result<ListedAclRule> added = base::Internal("nothing was added");
  ENERGY_RETURN_IF_ERROR(access_.Apply([&](sql::Connection& c) {
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

base::Status MqttCredentialService::RemoveRule(int64_t id) {
  return access_.Apply([&](sql::Connection& c) -> base::Status {
    ENERGY_RETURN_IF_ERROR(credentials_.RemoveRule(c, id));
    return audit::Record(
        c, clock_, {"mqtt_rule.delete", "mqtt_rule", std::to_string(id), {{"id", id}}, nullptr});
  });
}

base::Status MqttCredentialService::CheckTopic(std::string_view topic, std::string_view field) {
  if (topic.size() <= kMaxTopicBytes && mqtt::IsValidUtf8(topic) &&
      mqtt::CheckTopicFilter(topic) == mqtt::TopicCheck::kOk) {
    return {};
  }
  return base::InvalidField(
      std::string(field),
      "must be topic filters of at most 500 bytes, where + and # stand for whole levels");
}

}  // namespace energy::auth
