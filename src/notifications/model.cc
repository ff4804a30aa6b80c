#include "notifications/model.h"

#include <algorithm>

#include "base/json_values.h"

namespace energy::notifications {
namespace {

// In the order of the enumerations.
constexpr std::array<std::string_view, 4> kSeverities{"low", "medium", "high", "critical"};
constexpr std::array<std::string_view, 5> kKinds{"raised", "escalated", "resolved",
                                                 "unacknowledged", "test"};
constexpr std::array<std::string_view, 4> kChannelNames{"email", "whatsapp", "telegram", "webhook"};
constexpr std::array<std::string_view, 5> kStatuses{"pending", "sent", "failed", "bounced",
                                                    "cancelled"};

template <class T, size_t n>
std::optional<T> Find(const std::array<std::string_view, n>& names, std::string_view name) {
  const auto found = std::find(names.begin(), names.end(), name);
  if (found == names.end()) return std::nullopt;
  return static_cast<T>(found - names.begin());
}

template <class T>
void Read(const base::Json& json, const char* name, T& value) {
  const auto found = json.find(name);
  if (found == json.end()) return;
  if constexpr (std::is_same_v<T, std::string>) {
    if (found->is_string()) value = found->get<std::string>();
  } else if constexpr (std::is_same_v<T, std::optional<std::string>>) {
    if (found->is_string()) value = found->get<std::string>();
  } else {
    if (found->is_number()) value = found->get<double>();
  }
}

void ReadTime(const base::Json& json, const char* name, base::Timestamp& value) {
  std::string text;
  Read(json, name, text);
  if (const auto time = base::ParseTimestamp(text); time.ok()) value = *time;
}

std::optional<Severity> ReadSeverity(const base::Json& json, const char* name) {
  std::string text;
  Read(json, name, text);
  return ParseSeverity(text);
}

}  // namespace

std::string_view SeverityName(Severity severity) {
  return kSeverities.at(static_cast<size_t>(severity));
}
std::optional<Severity> ParseSeverity(std::string_view name) {
  return Find<Severity>(kSeverities, name);
}
std::string_view KindName(Kind kind) { return kKinds.at(static_cast<size_t>(kind)); }
std::optional<Kind> ParseKind(std::string_view name) { return Find<Kind>(kKinds, name); }
std::string_view ChannelName(ChannelId channel) {
  return kChannelNames.at(static_cast<size_t>(channel));
}
std::optional<ChannelId> ParseChannel(std::string_view name) {
  return Find<ChannelId>(kChannelNames, name);
}
std::string_view DeliveryStatusName(DeliveryStatus status) {
  return kStatuses.at(static_cast<size_t>(status));
}
std::optional<DeliveryStatus> ParseDeliveryStatus(std::string_view name) {
  return Find<DeliveryStatus>(kStatuses, name);
}
std::optional<std::string> ParseLanguage(std::string_view name) {
  if (std::find(kLanguages.begin(), kLanguages.end(), name) == kLanguages.end()) {
    return std::nullopt;
  }
  return std::string(name);
}

base::Json ToJson(const AlertEvent& event) {
  const auto previous = event.previous_severity ? base::Json(SeverityName(*event.previous_severity))
                                                : base::Json(nullptr);
  return {{"kind", KindName(event.kind)},
          {"alert_id", event.alert_id},
          {"rule_id", event.rule_id},
          {"rule_name", event.rule_name},
          {"device_id", event.device_id},
          {"device_name", event.device_name},
          {"location", base::OrNull(event.location)},
          {"property", event.property},
          {"operator", event.op},
          {"threshold", base::OrNull(event.threshold)},
          {"value", base::OrNull(event.value)},
          {"worst_value", base::OrNull(event.worst_value)},
          {"unit", event.unit},
          {"severity", SeverityName(event.severity)},
          {"previous_severity", previous},
          {"started_at", base::TimeToJson(event.started_at)},
          {"at", base::TimeToJson(event.at)},
          {"message", event.message}};
}

AlertEvent EventFromJson(const base::Json& json) {
  AlertEvent event;
  if (!json.is_object()) return event;
  std::string kind;
  Read(json, "kind", kind);
  event.kind = ParseKind(kind).value_or(Kind::kRaised);
  Read(json, "alert_id", event.alert_id);
  Read(json, "rule_id", event.rule_id);
  Read(json, "rule_name", event.rule_name);
  Read(json, "device_id", event.device_id);
  Read(json, "device_name", event.device_name);
  Read(json, "location", event.location);
  Read(json, "property", event.property);
  Read(json, "operator", event.op);
  Read(json, "threshold", event.threshold);
  Read(json, "value", event.value);
  Read(json, "worst_value", event.worst_value);
  Read(json, "unit", event.unit);
  event.severity = ReadSeverity(json, "severity").value_or(Severity::kMedium);
  event.previous_severity = ReadSeverity(json, "previous_severity");
  ReadTime(json, "started_at", event.started_at);
  ReadTime(json, "at", event.at);
  Read(json, "message", event.message);
  return event;
}

}  // namespace energy::notifications
