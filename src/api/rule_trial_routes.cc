#include <atomic>
#include <cmath>
#include <memory>

#include "api/input.h"
#include "api/json_views.h"
#include "api/resources.h"
#include "api/rule_input.h"
#include "rules/backtest.h"
#include "rules/explanation.h"

namespace energy::api {
namespace {

using auth::Claims;
using http::Method;
using http::Request;
using http::Response;

constexpr int kBacktestsAtOnce = 2;
constexpr std::chrono::seconds kBacktestLimit{20};

base::Json ToJson(const rules::Explanation& explanation) {
  base::Json conditions = base::Json::array();
  for (const rules::ConditionFinding& finding : explanation.conditions) {
    base::Json json = rules::ToJson(finding.condition);
    json["holds"] = finding.holds;
    json["value"] = base::OrNull(finding.value);
    json["reason"] = finding.reason;
    conditions.push_back(std::move(json));
  }
  return {{"device_id", explanation.device_id},
          {"timestamp", base::TimeToJson(explanation.at)},
          {"holds", explanation.holds},
          {"schedule_active", explanation.at_work},
          {"severity", explanation.severity ? base::Json(rules::SeverityName(*explanation.severity))
                                            : base::Json(nullptr)},
          {"conditions", std::move(conditions)}};
}

base::Json EpisodesToJson(const rules::Backtest& backtest) {
  base::Json episodes = base::Json::array();
  for (const rules::BacktestEpisode& one : backtest.episodes) {
    episodes.push_back({{"start", base::TimeToJson(one.episode.started_at)},
                        {"end", base::TimeOrNull(one.end)},
                        {"severity", rules::SeverityName(one.severity)},
                        {"first_value", one.episode.first_value},
                        {"worst_value", one.episode.worst_value},
                        {"reading_count", one.episode.count},
                        {"suppressed", one.episode.suppressed}});
  }
  return episodes;
}

base::Json VariantsToJson(const rules::Backtest& backtest) {
  base::Json variants = base::Json::array();
  for (const rules::BacktestVariant& variant : backtest.variants) {
    variants.push_back({{"clear_threshold", base::OrNull(variant.clear_threshold)},
                        {"for_s", variant.hold.count()},
                        {"as_drafted", variant.as_drafted},
                        {"episodes", variant.episodes},
                        {"suppressed", variant.suppressed},
                        {"alert_minutes", variant.alert_minutes}});
  }
  return variants;
}

base::Json ToJson(const rules::Backtest& backtest, const rules::BacktestQuery& query) {
  base::Json days = base::Json::array();
  auto day = std::chrono::floor<std::chrono::days>(query.start);
  for (const double minutes : backtest.minutes_by_day) {
    days.push_back({{"date", base::TimeToJson(day).substr(0, 10)}, {"minutes", minutes}});
    day += std::chrono::days(1);
  }
  return {{"device_id", query.device_id},
          {"start", base::TimeToJson(query.start)},
          {"end", base::TimeToJson(query.end)},
          {"readings", backtest.readings},
          {"episode_count", backtest.variants.front().episodes},
          {"alert_minutes", backtest.variants.front().alert_minutes},
          {"episodes", EpisodesToJson(backtest)},
          {"truncated", backtest.truncated},
          {"days", std::move(days)},
          {"variants", VariantsToJson(backtest)}};
}

// The device on which a rule is tried: the one it watches, or one that is named.
base::Result<std::string> DeviceOf(const rules::Rule& rule, const std::optional<std::string>& named,
                                   const devices::Registry& registry) {
  const std::string id = named.value_or(rule.device_id);
  if (id.empty()) {
    return base::InvalidField("on_device",
                              "is missing: name one of the devices that the rule watches");
  }
  if (!registry.Find(id)) {
    return base::InvalidField(named ? "on_device" : "device_id", "is no registered device");
  }
  return id;
}

// The reading in `values`, at `timestamp` or now.
std::optional<rules::GivenReading> ReadGiven(BodyInput& input, const base::Clock& clock) {
  const auto values = input.Object("values");
  const auto time = input.Time("timestamp");
  if (!values) {
    if (time) input.Fail("timestamp", "belongs to `values`, which are missing");
    return std::nullopt;
  }
  rules::GivenReading given{time.value_or(clock.Now()), {}};
  for (const auto& [name, value] : values->items()) {
    if (value.is_number()) {
      given.values.emplace(name, value.get<double>());
    } else {
      input.Fail("values." + name, "must be a number, for example 50");
    }
  }
  if (given.values.empty()) input.Fail("values", "must have at least one field");
  return given;
}

Response Evaluate(Request& request, RuleRouteParts parts, const Envelope& envelope) {
  BodyInput input(request, /*optional=*/true);
  const auto named = input.Text("on_device");
  const auto given = ReadGiven(input, parts.clock);
  if (const base::Status status = input.Check(); !status.ok()) return envelope.Error(status);
  const auto rule = parts.rules.Get(request.Param("id"));
  if (!rule.ok()) return envelope.Error(rule.status());
  const auto device = DeviceOf(*rule, named, parts.registry);
  if (!device.ok()) return envelope.Error(device.status());
  return envelope.From(rules::Explain(parts.store, *rule, *device, given, parts.clock.Now()),
                       [](const auto& explanation) { return ToJson(explanation); });
}

Response RunOne(Request& request, RuleRouteParts parts, const Envelope& envelope) {
  BodyInput input(request);
  rules::RuleDraft draft = ReadRuleDraft(input);
  if (!draft.name) draft.name = "Backtest";
  const auto named = input.Text("on_device");
  rules::BacktestQuery query;
  query.end = input.Time("end").value_or(parts.clock.Now());
  query.start = input.Time("start").value_or(query.end - std::chrono::days(30));
  if (const base::Status status = input.Check(); !status.ok()) return envelope.Error(status);
  auto rule = parts.rules.Make(draft);
  if (!rule.ok()) return envelope.Error(rule.status());
  const auto device = DeviceOf(*rule, named, parts.registry);
  if (!device.ok()) return envelope.Error(device.status());
  query.rule = std::move(rule).value();
  query.device_id = *device;
  const auto until = parts.clock.Steady() + kBacktestLimit;
  return envelope.From(
      rules::RunBacktest(parts.store, query, [&] { return parts.clock.Steady() > until; }),
      [&](const auto& backtest) { return ToJson(backtest, query); });
}

}  // namespace

void AddRuleTrialRoutes(Routes& routes, RuleRouteParts parts, const Envelope& envelope) {
  routes.Add(Method::kPost, "/api/rules/{id}/evaluate",
             [&envelope, parts](Request& request, const Claims&) {
               return Evaluate(request, parts, envelope);
             });
  const auto running = std::make_shared<std::atomic<int>>(0);
  routes.Add(Method::kPost, "/api/rules/backtest",
             [&envelope, parts, running](Request& request, const Claims&) {
               if (++*running > kBacktestsAtOnce) {
                 --*running;
                 return envelope.Error(
                     base::Unavailable("Other backtests are running: try again in a few seconds."));
               }
               Response response = RunOne(request, parts, envelope);
               --*running;
               return response;
             });
}

}  // namespace energy::api
