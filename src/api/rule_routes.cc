#include "api/entity_tag.h"
#include "api/input.h"
#include "api/json_views.h"
#include "api/resources.h"
#include "api/rule_input.h"

namespace energy::api {
namespace {

using auth::Claims;
using http::Method;
using http::Request;
using http::Response;

constexpr const char* kSeverities = "low, medium, high, critical";
constexpr const char* kStatuses = "active, paused, archived";

Response List(Request& request, rules::RuleService& rules, const Envelope& envelope) {
  QueryInput input(request);
  rules::RuleFilter filter;
  filter.device_id = input.Text("device_id");
  filter.device_type = input.Text("device_type");
  filter.property = input.Text("property");
  filter.status = input.Enum("status", rules::ParseRuleStatus, kStatuses);
  filter.severity = input.Enum("severity", rules::ParseSeverity, kSeverities);
  filter.search = input.Text("search").value_or("");
  filter.sort = input.Text("sort").value_or("");
  const sql::Page page = input.Page();
  if (const base::Status status = input.Check(); !status.ok()) return envelope.Error(status);
  return envelope.From(rules.List(filter, page),
                       [](const auto& listing) { return ListToJson("rules", listing); });
}

// Ok when If-Match holds; then `version` is what the change is made from.
base::Status Guard(IfMatch& condition, std::string_view id, rules::RuleService& rules,
                   std::optional<int64_t>& version) {
  return condition.Guard(
      [&]() -> base::Result<int64_t> {
        ENERGY_ASSIGN_OR_RETURN(const rules::Rule rule, rules.Get(id));
        return rule.version;
      },
      version);
}

Response Apply(Request& request, rules::RuleDraft& draft, rules::RuleService& rules,
               const Envelope& envelope) {
  const std::string_view id = request.Param("id");
  IfMatch condition(request);
  const base::Status holds = Guard(condition, id, rules, draft.version);
  if (!holds.ok()) return condition.Error(holds, envelope);
  const auto updated = rules.Update(id, draft);
  return updated.ok() ? envelope.Ok(ToJson(*updated)) : condition.Error(updated.status(), envelope);
}

Response Delete(Request& request, rules::RuleService& rules, const Envelope& envelope) {
  const std::string_view id = request.Param("id");
  IfMatch condition(request);
  std::optional<int64_t> version;
  base::Status status = Guard(condition, id, rules, version);
  if (status.ok()) status = rules.Delete(id, version);
  if (!status.ok()) return condition.Error(status, envelope);
  return envelope.Ok({{"message", "The rule and its alerts are removed."}});
}

Response Update(Request& request, rules::RuleService& rules, const Envelope& envelope) {
  BodyInput input(request);
  rules::RuleDraft draft = ReadRuleDraft(input);
  draft.status = input.Enum("status", rules::ParseRuleStatus, kStatuses);
  draft.version = input.Integer("version");
  if (const base::Status status = input.Check(); !status.ok()) return envelope.Error(status);
  return Apply(request, draft, rules, envelope);
}

Response SetStatus(Request& request, rules::RuleService& rules, const Envelope& envelope) {
  BodyInput input(request);
  rules::RuleDraft draft;
  draft.status = input.Enum("status", rules::ParseRuleStatus, kStatuses);
  if (input.Check().ok() && !draft.status) input.Fail("status", "is missing");
  if (const base::Status status = input.Check(); !status.ok()) return envelope.Error(status);
  return Apply(request, draft, rules, envelope);
}

}  // namespace

void AddRuleRoutes(Routes& routes, RuleRouteParts parts, const Envelope& envelope) {
  rules::RuleService& rules = parts.rules;
  routes.Add(Method::kGet, "/api/rules",
             [&](Request& request, const Claims&) { return List(request, rules, envelope); });
  routes.Add(Method::kPost, "/api/rules", [&](Request& request, const Claims& caller) {
    BodyInput input(request);
    const rules::RuleDraft draft = ReadRuleDraft(input);
    if (const base::Status status = input.Check(); !status.ok()) {
      return envelope.Error(status);
    }
    return envelope.From(
        rules.Create(draft, caller.user_id), [](const auto& rule) { return ToJson(rule); }, 201);
  });
  routes.Add(Method::kGet, "/api/rules/{id}", [&](Request& request, const Claims&) {
    const auto rule = rules.Get(request.Param("id"));
    if (!rule.ok()) return envelope.Error(rule.status());
    return WithEntityTag(request, envelope.Ok(ToJson(*rule)), rule->version);
  });
  routes.Add(Method::kPut, "/api/rules/{id}",
             [&](Request& request, const Claims&) { return Update(request, rules, envelope); });
  routes.Add(Method::kPatch, "/api/rules/{id}/status",
             [&](Request& request, const Claims&) { return SetStatus(request, rules, envelope); });
  routes.Add(Method::kDelete, "/api/rules/{id}",
             [&](Request& request, const Claims&) { return Delete(request, rules, envelope); });
}

}  // namespace energy::api
