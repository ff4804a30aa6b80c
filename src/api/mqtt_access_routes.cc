#include <charconv>

#include "api/input.h"
#include "api/json_views.h"
#include "api/part_routes.h"
#include "api/resources.h"

namespace energy::api {
namespace {

using http::Method;
using http::Request;
using http::Response;

constexpr const char* kActions = "publish, subscribe, all";

Response ListCredentials(Request& request, auth::MqttCredentialService& access,
                         const Envelope& envelope) {
  QueryInput input(request);
  const std::string search = input.Text("search").value_or("");
  const std::string sort = input.Text("sort").value_or("");
  const sql::Page page = input.Page();
  if (const base::Status status = input.Check(); !status.ok()) return envelope.Error(status);
  return envelope.From(access.List(search, sort, page),
                       [](const auto& listing) { return ListToJson("credentials", listing); });
}

base::Json CredentialToJson(const auth::IssuedCredential& issued) {
  return {{"username", issued.username}, {"password", issued.password}};
}

Response CreateCredential(Request& request, auth::MqttCredentialService& access,
                          const Envelope& envelope) {
  BodyInput input(request);
  const std::string username = input.RequiredText("username");
  std::vector<auth::AclRule> rules;
  for (const auto& [field, action] : {std::pair("publish", auth::AclRule::Action::kPublish),
                                      std::pair("subscribe", auth::AclRule::Action::kSubscribe)}) {
    for (const std::string& topic : input.Texts(field).value_or(std::vector<std::string>())) {
      rules.push_back({topic, action, true});
      const base::Status status = auth::MqttCredentialService::CheckTopic(topic, field);
      if (!status.ok()) input.Fail(field, status.fields().at(0).message);
    }
  }
  if (const base::Status status = input.Check(); !status.ok()) return envelope.Error(status);
  return envelope.From(access.IssueClient(username, std::move(rules)), CredentialToJson, 201);
}

Response ChangePassword(Request& request, auth::MqttCredentialService& access,
                        const Envelope& envelope) {
  return envelope.From(access.ChangePassword(request.Param("username")), CredentialToJson);
}

Response RemoveCredential(Request& request, auth::MqttCredentialService& access,
                          const Envelope& envelope) {
  const base::Status status = access.Remove(request.Param("username"));
  if (!status.ok()) return envelope.Error(status);
  return envelope.Ok({{"message", "The credential is removed; its clients are disconnected."}});
}

Response ListRules(Request& request, auth::MqttCredentialService& access,
                   const Envelope& envelope) {
  QueryInput input(request);
  const auto username = input.Text("username");
  const std::string sort = input.Text("sort").value_or("");
  const sql::Page page = input.Page();
  if (const base::Status status = input.Check(); !status.ok()) return envelope.Error(status);
  return envelope.From(access.ListRules(username, sort, page),
                       [](const auto& listing) { return ListToJson("rules", listing); });
}

Response CreateRule(Request& request, auth::MqttCredentialService& access,
                    const Envelope& envelope) {
  BodyInput input(request);
  const std::string username = input.RequiredText("username");
  auth::AclRule rule;
  rule.topic = input.RequiredText("topic");
  const std::string action_name = input.RequiredText("action");
  const auto action = auth::ParseAction(action_name);
  if (!action && !action_name.empty()) {
    input.Fail("action", std::string("must be one of ") + kActions);
  }
  const auto effect = input.Enum(
      "effect",
      [](std::string_view text) -> std::optional<bool> {
        if (text != "allow" && text != "deny") return std::nullopt;
        return text == "allow";
      },
      "allow, deny");
  rule.action = action.value_or(rule.action);
  rule.allow = effect.value_or(true);
  if (const base::Status status = input.Check(); !status.ok()) return envelope.Error(status);
  return envelope.From(
      access.AddRule(username, rule), [](const auto& added) { return ToJson(added); }, 201);
}

Response RemoveRule(Request& request, auth::MqttCredentialService& access,
                    const Envelope& envelope) {
  const std::string_view text = request.Param("id");
  int64_t id = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), id);
  if (error != std::errc() || end != text.data() + text.size()) {
    return envelope.Error(base::NotFound("there is no ACL rule '" + std::string(text) + "'"));
  }
  const base::Status status = access.RemoveRule(id);
  if (!status.ok()) return envelope.Error(status);
  return envelope.Ok({{"message", "The rule is removed and does not hold any more."}});
}

}  // namespace

void AddMqttAccessRoutes(Routes& routes, auth::MqttCredentialService& access,
                         const Envelope& envelope) {
  PartRoutes<auth::MqttCredentialService> added(routes, access, envelope);
  added.Add(Method::kGet, "/api/mqtt/credentials", ListCredentials);
  added.Add(Method::kPost, "/api/mqtt/credentials", CreateCredential);
  added.Add(Method::kDelete, "/api/mqtt/credentials/{username}", RemoveCredential);
  added.Add(Method::kPost, "/api/mqtt/credentials/{username}/password", ChangePassword);
  added.Add(Method::kGet, "/api/mqtt/acl", ListRules);
  added.Add(Method::kPost, "/api/mqtt/acl", CreateRule);
  added.Add(Method::kDelete, "/api/mqtt/acl/{id}", RemoveRule);
}

}  // namespace energy::api
