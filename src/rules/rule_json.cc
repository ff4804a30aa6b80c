#include "rules/rule_json.h"

#include "base/json_values.h"

namespace energy::rules {

base::Json ToJson(const Rule& rule) {
  return {{"id", rule.id},
          {"name", rule.name},
          {"description", base::OrNull(rule.description)},
          {"device_id", rule.device_id},
          {"property", rule.property},
          {"operator", OperatorName(rule.op)},
          {"threshold", rule.threshold},
          {"clear_threshold", base::OrNull(rule.clear_threshold)},
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

}  // namespace energy::rules
