#include "rules/rule_json.h"

#include "base/json_values.h"

namespace energy::rules {
namespace {

base::Json TagToJson(const Target& target) {
  if (!target.tag) return nullptr;
  return {{"name", target.tag->first}, {"value", target.tag->second}};
}

base::Json ConditionsToJson(const Rule& rule) {
  base::Json json = base::Json::array();
  for (size_t i = 0; i < rule.condition_count(); ++i) json.push_back(ToJson(rule.condition(i)));
  return json;
}

bool IsPlain(const Rule& rule) {
  return rule.more.empty() && rule.kind == ConditionKind::kThreshold && rule.target == Target{} &&
         rule.levels.empty() && rule.hold.count() == 0 && rule.clear_hold.count() == 0 &&
         !rule.schedule && rule.auto_resolve;
}

}  // namespace

base::Json ToJson(const Condition& condition) {
  base::Json json{{"kind", ConditionKindName(condition.kind)},
                  {"property", condition.property},
                  {"operator", OperatorName(condition.op)},
                  {"threshold", condition.threshold},
                  {"clear_threshold", base::OrNull(condition.clear_threshold)}};
  if (condition.kind == ConditionKind::kAggregate) {
    json["aggregate"] = AggregateName(condition.aggregate);
  }
  if (condition.window.count() != 0) json["window_s"] = condition.window.count();
  return json;
}

base::Json LevelsToJson(const std::vector<Level>& levels) {
  base::Json json = base::Json::array();
  for (const Level& level : levels) {
    json.push_back({{"severity", SeverityName(level.severity)}, {"threshold", level.threshold}});
  }
  return json;
}

base::Json ToJson(const Schedule& schedule) {
  base::Json weekdays = base::Json::array();
  for (int day = 0; day < 7; ++day) {
    if ((schedule.weekdays >> day & 1) != 0) weekdays.push_back(WeekdayName(day));
  }
  base::Json times = base::Json::array();
  for (const DaySpan& span : schedule.times) {
    times.push_back({{"from", FormatTimeOfDay(span.from)}, {"to", FormatTimeOfDay(span.to)}});
  }
  return {{"time_zone", schedule.time_zone},
          {"weekdays", std::move(weekdays)},
          {"times", std::move(times)},
          {"holidays", schedule.holidays},
          {"outside", schedule.outside}};
}

base::Json ToJson(const Rule& rule) {
  return {{"id", rule.id},
          {"name", rule.name},
          {"description", base::OrNull(rule.description)},
          {"device_id", rule.device_id.empty() ? base::Json(nullptr) : base::Json(rule.device_id)},
          {"device_type", base::OrNull(rule.target.device_type)},
          {"device_tag", TagToJson(rule.target)},
          {"all_devices", rule.target.all},
          {"property", rule.property},
          {"operator", OperatorName(rule.op)},
          {"threshold", rule.threshold},
          {"clear_threshold", base::OrNull(rule.clear_threshold)},
          {"conditions", ConditionsToJson(rule)},
          {"join", JoinName(rule.join)},
          {"levels", LevelsToJson(rule.levels)},
          {"for_s", rule.hold.count()},
          {"clear_for_s", rule.clear_hold.count()},
          {"schedule", rule.schedule ? ToJson(*rule.schedule) : base::Json(nullptr)},
          {"auto_resolve", rule.auto_resolve},
          {"severity", SeverityName(rule.severity)},
          {"status", RuleStatusName(rule.status)},
          {"notification_channels", rule.notification_channels},
          {"cooldown_minutes", rule.cooldown_minutes},
          {"version", rule.version},
          {"created_by", base::OrNull(rule.created_by)},
          {"created_at", base::TimeToJson(rule.created_at)},
          {"updated_at", base::TimeToJson(rule.updated_at)},
          {"last_triggered", base::TimeOrNull(rule.last_triggered)}};
}

base::Json DefinitionToJson(const Rule& rule) {
  if (IsPlain(rule)) return nullptr;
  return {{"conditions", ConditionsToJson(rule)},
          {"join", JoinName(rule.join)},
          {"device_tag", TagToJson(rule.target)},
          {"all_devices", rule.target.all},
          {"levels", LevelsToJson(rule.levels)},
          {"for_s", rule.hold.count()},
          {"clear_for_s", rule.clear_hold.count()},
          {"schedule", rule.schedule ? ToJson(*rule.schedule) : base::Json(nullptr)},
          {"auto_resolve", rule.auto_resolve}};
}

void ApplyDefinition(const base::Json& definition, Rule& rule) {
  if (!definition.is_object()) return;
  std::vector<base::FieldError> errors;  // what was valid when it was stored
  const auto conditions =
      ReadConditions(definition.value("conditions", base::Json::array()), "", errors);
  if (!conditions.empty()) {
    static_cast<Condition&>(rule) = conditions.front();
    rule.more.assign(conditions.begin() + 1, conditions.end());
  }
  rule.join = ParseJoin(definition.value("join", "all")).value_or(Join::kAll);
  if (const auto tag = definition.find("device_tag"); tag != definition.end() && tag->is_object()) {
    rule.target.tag = ReadTag(*tag, "", errors);
  }
  rule.target.all = definition.value("all_devices", false);
  rule.levels = ReadLevels(definition.value("levels", base::Json::array()), "", errors);
  rule.hold = std::chrono::seconds(definition.value("for_s", int64_t{0}));
  rule.clear_hold = std::chrono::seconds(definition.value("clear_for_s", int64_t{0}));
  if (const auto schedule = definition.find("schedule");
      schedule != definition.end() && schedule->is_object()) {
    rule.schedule = ReadSchedule(*schedule, "", errors);
  }
  rule.auto_resolve = definition.value("auto_resolve", true);
}

}  // namespace energy::rules
