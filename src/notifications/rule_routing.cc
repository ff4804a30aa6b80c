#include "notifications/rule_routing.h"

#include "audit/audit.h"
#include "base/json_values.h"
#include "base/random.h"
#include "sql/dialect.h"

namespace energy::notifications {
namespace {

std::vector<std::string> Texts(const std::vector<Recipient>& recipients) {
  std::vector<std::string> texts;
  texts.reserve(recipients.size());
  for (const Recipient& recipient : recipients) texts.push_back(recipient.ToText());
  return texts;
}

// What cannot be read any more tells nobody, rather than hold an alert.
std::vector<Recipient> Parsed(const std::string& array) {
  std::vector<Recipient> recipients;
  for (const std::string& text : sql::ParseArray(array)) {
    if (auto recipient = ParseRecipient(text); recipient.ok()) {
      recipients.push_back(*std::move(recipient));
    }
  }
  return recipients;
}

base::Status CheckRule(sql::Connection& connection, const std::string& rule_id) {
  const base::Status unknown = base::NotFound("no rule '" + rule_id + "'");
  if (!base::IsUuid(rule_id)) return unknown;
  ENERGY_ASSIGN_OR_RETURN(const auto rows, connection.Query("SELECT 1 FROM rules WHERE id = :id",
                                                            {{"id", rule_id}}, 1));
  return rows.empty() ? unknown : base::Status();
}

}  // namespace

base::Json ToJson(const RuleRouting& routing) {
  return {{"muted", routing.muted},
          {"recipients", Texts(routing.recipients)},
          {"escalation_minutes", base::OrNull(routing.escalation_minutes)},
          {"escalation_recipients", Texts(routing.escalation_recipients)}};
}

base::Result<RuleRouting> RuleRoutingService::Find(sql::Connection& connection,
                                                   const std::string& rule_id) {
  ENERGY_ASSIGN_OR_RETURN(
      const auto rows,
      connection.Query("SELECT r.notification_channels, n.muted, n.recipients, "
                       "n.escalation_minutes, n.escalation_recipients FROM rules r "
                       "LEFT JOIN rule_notifications n ON n.rule_id = r.id WHERE r.id = :id",
                       {{"id", rule_id}}, 5));
  RuleRouting routing;
  if (rows.empty()) return routing;
  const sql::Row& row = rows.front();
  routing.channels = sql::ParseArray(row.Text(0));
  routing.muted = row.Bool(1);
  routing.recipients = Parsed(row.Text(2));
  routing.escalation_minutes = row.OptInt(3);
  routing.escalation_recipients = Parsed(row.Text(4));
  return routing;
}

base::Result<RuleRouting> RuleRoutingService::Get(const std::string& rule_id) {
  return database_.Read([&](sql::Connection& connection) -> base::Result<RuleRouting> {
    ENERGY_RETURN_IF_ERROR(CheckRule(connection, rule_id));
    return Find(connection, rule_id);
  });
}

base::Status RuleRoutingService::Set(const std::string& rule_id, const RuleRouting& routing) {
  return database_.Transaction([&](sql::Connection& connection) -> base::Status {
    ENERGY_RETURN_IF_ERROR(CheckRule(connection, rule_id));
    ENERGY_ASSIGN_OR_RETURN(const RuleRouting before, Find(connection, rule_id));
    const sql::Dialect dialect = connection.dialect();
    ENERGY_RETURN_IF_ERROR(
        connection
            .Execute(
                "INSERT INTO rule_notifications (rule_id, muted, recipients, escalation_minutes, "
                "escalation_recipients, updated_at) VALUES (:rule_id, :muted, :recipients, "
                ":escalation_minutes, :escalation_recipients, :updated_at) "
                "ON CONFLICT (rule_id) DO UPDATE SET muted = excluded.muted, "
                "recipients = excluded.recipients, "
                "escalation_minutes = excluded.escalation_minutes, "
                "escalation_recipients = excluded.escalation_recipients, "
                "updated_at = excluded.updated_at",
                {{"rule_id", rule_id},
                 {"muted", routing.muted},
                 {"recipients", sql::ArrayValue(dialect, Texts(routing.recipients))},
                 {"escalation_minutes", routing.escalation_minutes},
                 {"escalation_recipients",
                  sql::ArrayValue(dialect, Texts(routing.escalation_recipients))},
                 {"updated_at", clock_.Now()}})
            .status());
    return audit::Record(connection, clock_,
                         {"rule.notifications", "rule", rule_id, ToJson(before), ToJson(routing)});
  });
}

}  // namespace energy::notifications
