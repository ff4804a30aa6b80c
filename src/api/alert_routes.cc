#include <algorithm>
#include <set>

#include "api/alert_input.h"
#include "api/json_views.h"
#include "api/resources.h"
#include "base/random.h"

namespace energy::api {
namespace {

using auth::Claims;
using http::Method;
using http::Request;
using http::Response;

constexpr size_t kMostAtOnce = 500;
constexpr std::chrono::days kStatisticsRange{7};

Response List(Request& request, const Claims& caller, alerts::AlertService& alerts,
              const Envelope& envelope) {
  QueryInput input(request);
  alerts::AlertFilter filter = ReadAlertFilter(input, caller.user_id);
  filter.sort = input.Text("sort").value_or("");
  const sql::Page page = input.Page();
  if (const base::Status status = input.Check(); !status.ok()) return envelope.Error(status);
  return envelope.From(alerts.List(filter, page),
                       [](const auto& listing) { return ListToJson("alerts", listing); });
}

Response Statistics(Request& request, alerts::AlertService& alerts, const Envelope& envelope) {
  QueryInput input(request);
  alerts::StatisticsQuery query;
  query.end = input.Time("end").value_or(envelope.clock().Now());
  query.start = input.Time("start").value_or(query.end - kStatisticsRange);
  query.device_id = input.Text("device_id");
  query.rule_id = input.Text("rule_id");
  if (const base::Status status = input.Check(); !status.ok()) return envelope.Error(status);
  return envelope.From(alerts.Statistics(query),
                       [](const auto& statistics) { return ToJson(statistics); });
}

Response ListAssignees(alerts::AlertService& alerts, const Envelope& envelope) {
  return envelope.From(alerts.ListAssignees(), [](const auto& assignees) {
    base::Json json = base::Json::array();
    for (const alerts::Assignee& assignee : assignees) json.push_back(ToJson(assignee));
    return base::Json{{"assignees", std::move(json)}};
  });
}

Response Act(alerts::Action action, Request& request, const Claims& caller,
             alerts::AlertService& alerts, const Envelope& envelope) {
  BodyInput input(request, /*optional=*/true);
  const alerts::ActionRequest wanted = ReadAlertAction(input, action);
  if (const base::Status status = input.Check(); !status.ok()) return envelope.Error(status);
  return envelope.From(alerts.Act(std::string(request.Param("id")), wanted, caller.user_id),
                       [](const auto& alert) { return ToJson(alert); });
}

std::vector<std::string> ReadIds(BodyInput& input) {
  std::vector<std::string> ids;
  std::set<std::string> seen;
  if (!input.Has("ids")) return ids;
  for (std::string& id : input.Texts("ids").value_or(std::vector<std::string>())) {
    if (!base::IsUuid(id)) {
      input.Fail("ids", "takes ids of alerts");
      return {};
    }
    if (seen.insert(id).second) ids.push_back(std::move(id));
  }
  if (ids.empty() || ids.size() > kMostAtOnce) input.Fail("ids", "takes 1 to 500 ids of alerts");
  return ids;
}

base::Json ToJson(const std::string& id, const base::Result<alerts::Alert>& outcome) {
  if (outcome.ok()) {
    return {{"id", id}, {"status", alerts::AlertStatusName(outcome->status)}, {"error", nullptr}};
  }
  const bool gone = outcome.status().code() == base::Code::kNotFound;
  return {{"id", id},
          {"status", nullptr},
          {"error",
           {{"code", gone ? "NOT_FOUND" : "CONFLICT"}, {"message", outcome.status().message()}}}};
}

/// The oldest that match, of any status that the action takes unless the filter names some; true
/// when there are more.
base::Result<bool> FindIds(alerts::AlertService& alerts, alerts::Action action,
                           alerts::AlertFilter filter, std::vector<std::string>& ids) {
  if (filter.statuses.empty()) filter.statuses = alerts::StatusesOf(action);
  filter.sort = "created_at";
  ENERGY_ASSIGN_OR_RETURN(const sql::Listing<alerts::Alert> found,
                          alerts.List(filter, {1, static_cast<int>(kMostAtOnce)}));
  for (const alerts::Alert& alert : found.items) ids.push_back(alert.id);
  return found.total > static_cast<int64_t>(ids.size());
}

Response ActOnMany(Request& request, const Claims& caller, alerts::AlertService& alerts,
                   const Envelope& envelope) {
  BodyInput input(request);
  const alerts::ActionRequest wanted = ReadAnyAlertAction(input);
  std::vector<std::string> ids = ReadIds(input);
  const bool filtered = input.Has("filter");
  const alerts::AlertFilter filter = ReadAlertFilter(input, caller.user_id);
  if (input.Has("ids") == filtered) {
    input.Fail("ids", filtered ? "cannot be given with a filter" : "or a filter must be given");
  }
  if (const base::Status status = input.Check(); !status.ok()) return envelope.Error(status);
  bool more = false;
  if (filtered) {
    const auto found = FindIds(alerts, wanted.action, filter, ids);
    if (!found.ok()) return envelope.Error(found.status());
    more = *found;
  }
  const auto outcomes = alerts.ActOnAll(ids, wanted, caller.user_id);
  if (!outcomes.ok()) return envelope.Error(outcomes.status());
  base::Json results = base::Json::array();
  for (size_t i = 0; i < ids.size(); ++i) results.push_back(ToJson(ids[i], outcomes->at(i)));
  const auto changed = std::count_if(outcomes->begin(), outcomes->end(),
                                     [](const auto& outcome) { return outcome.ok(); });
  return envelope.Ok({{"results", std::move(results)},
                      {"changed", changed},
                      {"refused", static_cast<int64_t>(ids.size()) - changed},
                      {"more", more}});
}

void AddActions(Routes& routes, alerts::AlertService& alerts, const Envelope& envelope) {
  using enum alerts::Action;
  for (const alerts::Action action :
       {kAcknowledge, kResolve, kReopen, kShelve, kUnshelve, kAssign, kComment}) {
    routes.Add(Method::kPost, "/api/alerts/{id}/" + std::string(alerts::ActionName(action)),
               [&alerts, &envelope, action](Request& request, const Claims& caller) {
                 return Act(action, request, caller, alerts, envelope);
               });
  }
  routes.Add(Method::kPost, "/api/alerts/bulk", [&](Request& request, const Claims& caller) {
    return ActOnMany(request, caller, alerts, envelope);
  });
}

}  // namespace

void AddAlertRoutes(Routes& routes, alerts::AlertService& alerts, const Envelope& envelope) {
  routes.Add(Method::kGet, "/api/alerts", [&](Request& request, const Claims& caller) {
    return List(request, caller, alerts, envelope);
  });
  routes.Add(Method::kGet, "/api/alerts/summary", [&](Request&, const Claims&) {
    return envelope.From(alerts.Summarize(), [](const auto& summary) { return ToJson(summary); });
  });
  routes.Add(Method::kGet, "/api/alerts/statistics", [&](Request& request, const Claims&) {
    return Statistics(request, alerts, envelope);
  });
  routes.Add(Method::kGet, "/api/alerts/assignees",
             [&](Request&, const Claims&) { return ListAssignees(alerts, envelope); });
  routes.Add(Method::kGet, "/api/alerts/{id}", [&](Request& request, const Claims&) {
    return envelope.From(alerts.GetDetail(std::string(request.Param("id"))),
                         [](const auto& detail) { return ToJson(detail); });
  });
  AddActions(routes, alerts, envelope);
}

}  // namespace energy::api
