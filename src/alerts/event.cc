#include "alerts/event.h"

#include <algorithm>

#include "base/json_values.h"

namespace energy::alerts {
namespace {

constexpr std::string_view kColumns =
    "id, alert_id, action, at, actor_id, actor, comment, before_state, after_state";
constexpr size_t kColumnCount = 9;

// What an event may change.
base::Json StateOf(const Alert& alert) {
  return {{"status", AlertStatusName(alert.status)},
          {"severity", rules::SeverityName(alert.severity)},
          {"threshold_value", alert.threshold_value},
          {"assigned_to", base::OrNull(alert.assigned_to)},
          {"shelved_until", base::TimeOrNull(alert.shelved_until)}};
}

base::Json Parse(const std::optional<std::string>& text) {
  if (!text) return nullptr;
  base::Json json = base::Json::parse(*text, nullptr, /*allow_exceptions=*/false);
  return json.is_object() ? std::move(json) : base::Json();
}

sql::Value Text(const base::Json& json) {
  return json.is_null() ? sql::Value() : sql::Value(json.dump());
}

AlertEvent FromRow(const sql::Row& row) {
  AlertEvent event;
  event.id = row.Text(0);
  event.alert_id = row.Text(1);
  event.action = row.Text(2);
  event.at = row.Time(3);
  event.actor_id = row.OptText(4);
  event.actor = row.OptText(5);
  event.comment = row.OptText(6);
  event.before = Parse(row.OptText(7));
  event.after = Parse(row.OptText(8));
  return event;
}

}  // namespace

void Compare(const Alert* before, const Alert& after, AlertEvent& event) {
  event.after = StateOf(after);
  if (before == nullptr) {
    event.before = nullptr;
    event.after["actual_value"] = after.actual_value;
    return;
  }
  event.before = StateOf(*before);
  for (auto member = event.before.begin(); member != event.before.end();) {
    const auto other = event.after.find(member.key());
    if (*other != *member) {
      ++member;
      continue;
    }
    event.after.erase(other);
    member = event.before.erase(member);
  }
}

base::Json ToJson(const AlertEvent& event) {
  return {{"id", event.id},
          {"action", event.action},
          {"at", base::TimeToJson(event.at)},
          {"actor_id", base::OrNull(event.actor_id)},
          {"actor", base::OrNull(event.actor)},
          {"comment", base::OrNull(event.comment)},
          {"before", event.before},
          {"after", event.after}};
}

base::Status AlertEventRepository::Insert(sql::Connection& connection,
                                          const AlertEvent& event) const {
  return connection
      .Execute("INSERT INTO alert_events (" + std::string(kColumns) +
                   ") VALUES (:id, :alert_id, :action, :at, :actor_id, :actor, :comment, "
                   ":before_state, :after_state) ON CONFLICT (id) DO NOTHING",
               {{"id", event.id},
                {"alert_id", event.alert_id},
                {"action", event.action},
                {"at", event.at},
                {"actor_id", event.actor_id},
                {"actor", event.actor},
                {"comment", event.comment},
                {"before_state", Text(event.before)},
                {"after_state", Text(event.after)}})
      .status();
}

base::Result<std::vector<AlertEvent>> AlertEventRepository::Of(sql::Connection& connection,
                                                               std::string_view alert_id,
                                                               size_t limit) const {
  ENERGY_ASSIGN_OR_RETURN(
      const std::vector<sql::Row> rows,
      connection.Query("SELECT " + std::string(kColumns) +
                           " FROM alert_events WHERE alert_id = :id ORDER BY sequence DESC LIMIT " +
                           std::to_string(limit),
                       {{"id", alert_id}}, kColumnCount));
  std::vector<AlertEvent> events;
  events.reserve(rows.size());
  std::transform(rows.rbegin(), rows.rend(), std::back_inserter(events), FromRow);
  return events;
}

}  // namespace energy::alerts
