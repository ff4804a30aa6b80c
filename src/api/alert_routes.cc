#include "api/input.h"
#include "api/json_views.h"
#include "api/resources.h"
#include "base/text.h"

namespace energy::api {
namespace {

using auth::Claims;
using http::Method;
using http::Request;
using http::Response;

constexpr size_t kMaxComment = 2000;

Response List(Request& request, alerts::AlertService& alerts, const Envelope& envelope) {
  QueryInput input(request);
  alerts::AlertFilter filter;
  filter.statuses = input.EnumList("status", alerts::ParseAlertStatus,
                                   "open, acknowledged, resolved, suppressed");
  filter.severities =
      input.EnumList("severity", rules::ParseSeverity, "low, medium, high, critical");
  filter.device_id = input.Text("device_id");
  filter.rule_id = input.Text("rule_id");
  filter.start = input.Time("start");
  filter.end = input.Time("end");
  filter.sort = input.Text("sort").value_or("");
  const sql::Page page = input.Page();
  if (const base::Status status = input.Check(); !status.ok()) return envelope.Error(status);
  return envelope.From(alerts.List(filter, page),
                       [](const auto& listing) { return ListToJson("alerts", listing); });
}

using Action = base::Result<alerts::Alert> (alerts::AlertService::*)(
    const std::string&, const std::string&, const std::optional<std::string>&);

void AddAction(Routes& routes, std::string_view pattern, Action action,
               alerts::AlertService& alerts, const Envelope& envelope) {
  routes.Add(Method::kPost, pattern,
             [&alerts, &envelope, action](Request& request, const Claims& caller) {
               BodyInput input(request, /*optional=*/true);
               const auto comment = input.NullableText("comment").value_or(std::nullopt);
               if (comment && base::CharacterCount(*comment) > kMaxComment) {
                 input.Fail("comment", "takes at most 2000 characters");
               }
               if (const base::Status status = input.Check(); !status.ok()) {
                 return envelope.Error(status);
               }
               const std::string id(request.Param("id"));
               return envelope.From((alerts.*action)(id, caller.user_id, comment),
                                    [](const auto& alert) { return ToJson(alert); });
             });
}

}  // namespace

void AddAlertRoutes(Routes& routes, alerts::AlertService& alerts, const Envelope& envelope) {
  routes.Add(Method::kGet, "/api/alerts",
             [&](Request& request, const Claims&) { return List(request, alerts, envelope); });
  routes.Add(Method::kGet, "/api/alerts/summary", [&](Request&, const Claims&) {
    return envelope.From(alerts.Summarize(), [](const auto& summary) { return ToJson(summary); });
  });
  routes.Add(Method::kGet, "/api/alerts/{id}", [&](Request& request, const Claims&) {
    return envelope.From(alerts.Get(std::string(request.Param("id"))),
                         [](const auto& alert) { return ToJson(alert); });
  });
  AddAction(routes, "/api/alerts/{id}/acknowledge", &alerts::AlertService::Acknowledge, alerts,
            envelope);
  AddAction(routes, "/api/alerts/{id}/resolve", &alerts::AlertService::Resolve, alerts, envelope);
}

}  // namespace energy::api
