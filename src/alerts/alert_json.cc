#include "alerts/alert_json.h"

#include "base/json_values.h"

namespace energy::alerts {

base::Json ToJson(const Alert& alert) {
  return {{"id", alert.id},
          {"rule_id", alert.rule_id},
          {"rule_name", alert.rule_name},
          {"device_id", alert.device_id},
          {"property", alert.property},
          {"severity", rules::SeverityName(alert.severity)},
          {"message", alert.message},
          {"operator", rules::OperatorName(alert.op)},
          {"actual_value", alert.actual_value},
          {"latest_value", alert.latest_value},
          {"worst_value", alert.worst_value},
          {"threshold_value", alert.threshold_value},
          {"unit", base::OrNull(alert.unit)},
          {"reading_count", alert.reading_count},
          {"status", AlertStatusName(alert.status)},
          {"comment", base::OrNull(alert.comment)},
          {"acknowledged_by", base::OrNull(alert.acknowledged_by)},
          {"acknowledged_at", base::TimeOrNull(alert.acknowledged_at)},
          {"resolved_by", base::OrNull(alert.resolved_by)},
          {"resolved_at", base::TimeOrNull(alert.resolved_at)},
          {"shelved_until", base::TimeOrNull(alert.shelved_until)},
          {"assigned_to", base::OrNull(alert.assigned_to)},
          {"episodes_per_hour", alert.episodes_per_hour},
          {"chattering", alert.chattering},
          {"created_at", base::TimeToJson(alert.created_at)},
          {"last_seen_at", base::TimeToJson(alert.last_seen_at)}};
}

base::Json ToJson(const AlertDetail& detail) {
  base::Json json = ToJson(detail.alert);
  json["rule"] = detail.alert.rule;
  json["history"] = base::Json::array();
  for (const AlertEvent& event : detail.history) json["history"].push_back(ToJson(event));
  return json;
}

}  // namespace energy::alerts
