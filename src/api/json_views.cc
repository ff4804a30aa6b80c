#include "api/json_views.h"

#include "base/base64.h"
#include "base/time_text.h"
#include "devices/profile_json.h"
#include "sql/value.h"

namespace energy::api {
namespace {

template <class T>
base::Json OrNull(const std::optional<T>& value) {
  return value ? base::Json(*value) : base::Json(nullptr);
}

std::string Time(base::Timestamp time) { return base::FormatTimestamp(time); }

}  // namespace

base::Json TimeOrNull(const std::optional<base::Timestamp>& time) {
  return time ? base::Json(Time(*time)) : base::Json(nullptr);
}

base::Json ToJson(const auth::User& user) {
  return {{"id", user.id},
          {"email", user.email},
          {"full_name", user.full_name},
          {"role", auth::RoleName(user.role)},
          {"is_active", user.is_active},
          {"created_at", Time(user.created_at)},
          {"updated_at", Time(user.updated_at)},
          {"last_login", TimeOrNull(user.last_login)}};
}

base::Json ToJson(const devices::Device& device) {
  return {{"id", device.id},
          {"name", device.name},
          {"type", device.type},
          {"location", OrNull(device.location)},
          {"status", devices::StatusName(device.status)},
          {"metadata", device.metadata},
          {"health_score", OrNull(device.health_score)},
          {"last_seen", TimeOrNull(device.last_seen)},
          {"version", device.version},
          {"created_at", Time(device.created_at)},
          {"updated_at", Time(device.updated_at)}};
}

base::Json ToJson(const devices::Profile& profile) {
  return {{"type", profile.type},
          {"fields", devices::FieldsToJson(profile.fields)},
          {"version", profile.version},
          {"updated_at", Time(profile.updated_at)}};
}

base::Json ToJson(const rules::Rule& rule) {
  return {{"id", rule.id},
          {"name", rule.name},
          {"description", OrNull(rule.description)},
          {"device_id", rule.device_id},
          {"property", rule.property},
          {"operator", rules::OperatorName(rule.op)},
          {"threshold", rule.threshold},
          {"clear_threshold", OrNull(rule.clear_threshold)},
          {"severity", rules::SeverityName(rule.severity)},
          {"status", rules::RuleStatusName(rule.status)},
          {"notification_channels", rule.notification_channels},
          {"cooldown_minutes", rule.cooldown_minutes},
          {"version", rule.version},
          {"created_by", OrNull(rule.created_by)},
          {"created_at", Time(rule.created_at)},
          {"updated_at", Time(rule.updated_at)},
          {"last_triggered", TimeOrNull(rule.last_triggered)}};
}

base::Json ToJson(const alerts::Alert& alert) {
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
          {"unit", OrNull(alert.unit)},
          {"reading_count", alert.reading_count},
          {"status", alerts::AlertStatusName(alert.status)},
          {"comment", OrNull(alert.comment)},
          {"acknowledged_by", OrNull(alert.acknowledged_by)},
          {"acknowledged_at", TimeOrNull(alert.acknowledged_at)},
          {"resolved_by", OrNull(alert.resolved_by)},
          {"resolved_at", TimeOrNull(alert.resolved_at)},
          {"created_at", Time(alert.created_at)},
          {"last_seen_at", Time(alert.last_seen_at)}};
}

base::Json ToJson(const alerts::AlertSummary& summary) {
  base::Json by_severity = base::Json::object();
  for (const rules::Severity severity : {rules::Severity::kLow, rules::Severity::kMedium,
                                         rules::Severity::kHigh, rules::Severity::kCritical}) {
    const auto found = summary.by_severity.find(severity);
    by_severity[std::string(rules::SeverityName(severity))] =
        found == summary.by_severity.end() ? 0 : found->second;
  }
  return {{"open", summary.open},
          {"acknowledged", summary.acknowledged},
          {"resolved_24h", summary.resolved_24h},
          {"suppressed_24h", summary.suppressed_24h},
          {"by_severity", std::move(by_severity)}};
}

base::Json ToJson(const telemetry::StoredDeadLetter& letter) {
  base::Json json{{"id", letter.id},
                  {"device_id", OrNull(letter.device_id)},
                  {"topic", letter.topic},
                  {"payload", letter.payload}};
  if (!sql::IsStorableText(letter.payload)) {
    json["payload_base64"] = base::EncodeBase64(letter.payload);
  }
  json["reason"] = letter.reason;
  json["detail"] = letter.detail;
  json["received_at"] = Time(letter.received_at);
  return json;
}

}  // namespace energy::api
