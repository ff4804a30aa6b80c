#include "alerts/alert_repository.h"

#include "base/random.h"

namespace energy::alerts {
namespace {

constexpr std::string_view kColumns =
    "id, rule_id, rule_name, device_id, property, operator, threshold_value, severity, unit, "
    "message, actual_value, latest_value, worst_value, reading_count, status, comment, "
    "acknowledged_by, acknowledged_at, resolved_by, resolved_at, created_at, last_seen_at, "
    "rule_snapshot, shelved_until, assigned_to, episodes_per_hour, held_open";
constexpr size_t kColumnCount = 27;

Alert FromRow(const sql::Row& row) {
  Alert alert;
  alert.id = row.Text(0);
  alert.rule_id = row.Text(1);
  alert.rule_name = row.Text(2);
  alert.device_id = row.Text(3);
  alert.property = row.Text(4);
  alert.op = rules::ParseOperator(row.Text(5)).value_or(rules::Operator::kGreater);
  alert.threshold_value = row.Double(6);
  alert.severity = rules::ParseSeverity(row.Text(7)).value_or(rules::Severity::kMedium);
  alert.unit = row.OptText(8);
  alert.message = row.Text(9);
  alert.actual_value = row.Double(10);
  alert.latest_value = row.Double(11);
  alert.worst_value = row.Double(12);
  alert.reading_count = static_cast<uint64_t>(row.Int(13));
  alert.status = ParseAlertStatus(row.Text(14)).value_or(AlertStatus::kOpen);
  alert.comment = row.OptText(15);
  alert.acknowledged_by = row.OptText(16);
  alert.acknowledged_at = row.OptTime(17);
  alert.resolved_by = row.OptText(18);
  alert.resolved_at = row.OptTime(19);
  alert.created_at = row.Time(20);
  alert.last_seen_at = row.Time(21);
  if (const auto rule = row.OptText(22)) {
    alert.rule = base::Json::parse(*rule, nullptr, /*allow_exceptions=*/false);
  }
  alert.shelved_until = row.OptTime(23);
  alert.assigned_to = row.OptText(24);
  alert.episodes_per_hour = row.Int(25);
  alert.held_open = row.Bool(26);
  return alert;
}

// What both a new and a changed alert write.
sql::Params Changing(const Alert& alert) {
  return {{"id", alert.id},
          {"severity", rules::SeverityName(alert.severity)},
          {"threshold_value", alert.threshold_value},
          {"latest_value", alert.latest_value},
          {"worst_value", alert.worst_value},
          {"reading_count", alert.reading_count},
          {"status", AlertStatusName(alert.status)},
          {"comment", alert.comment},
          {"acknowledged_by", alert.acknowledged_by},
          {"acknowledged_at", alert.acknowledged_at},
          {"resolved_by", alert.resolved_by},
          {"resolved_at", alert.resolved_at},
          {"last_seen_at", alert.last_seen_at},
          {"shelved_until", alert.shelved_until},
          {"assigned_to", alert.assigned_to},
          {"held_open", alert.held_open}};
}

}  // namespace

base::Result<sql::Listing<Alert>> AlertRepository::List(sql::Connection& connection,
                                                        const AlertFilter& filter,
                                                        sql::Page page) const {
  for (const auto& [name, id] :
       {std::pair("rule_id", filter.rule_id), std::pair("assigned_to", filter.assigned_to)}) {
    if (id && !base::IsUuid(*id)) return base::InvalidField(name, "must be a UUID");
  }
  sql::ListQuery query(std::string(kColumns), kColumnCount, "alerts", "id");
  query.In("status", filter.statuses)
      .In("severity", filter.severities)
      .Equals("device_id", filter.device_id)
      .Equals("rule_id", filter.rule_id)
      .Equals("assigned_to", filter.assigned_to)
      .Between("created_at", filter.start, filter.end)
      .Search({"rule_name", "device_id", "property", "message", "comment"}, filter.search);
  if (filter.unassigned) query.Where("assigned_to IS NULL");
  if (filter.shelved)
    query.Where(*filter.shelved ? "shelved_until IS NOT NULL" : "shelved_until IS NULL");
  ENERGY_RETURN_IF_ERROR(query.Sort(
      filter.sort,
      {{"created_at", "created_at"},
       {"last_seen_at", "last_seen_at"},
       {"severity",
        "CASE severity WHEN 'low' THEN 0 WHEN 'medium' THEN 1 WHEN 'high' THEN 2 ELSE 3 END"},
       {"status", "status"},
       {"device_id", "device_id"},
       {"rule_name", "rule_name"}},
      "-created_at"));
  return query.Fetch<Alert>(connection, page, FromRow);
}

base::Result<Alert> AlertRepository::Get(sql::Connection& connection, std::string_view id) const {
  if (!base::IsUuid(id)) return base::NotFound("no alert '" + std::string(id) + "'");
  ENERGY_ASSIGN_OR_RETURN(
      std::vector<sql::Row> rows,
      connection.Query("SELECT " + std::string(kColumns) + " FROM alerts WHERE id = :id",
                       {{"id", id}}, kColumnCount));
  if (rows.empty()) return base::NotFound("no alert '" + std::string(id) + "'");
  return FromRow(rows.front());
}

base::Result<std::vector<Alert>> AlertRepository::AllUnresolved(sql::Connection& connection) const {
  ENERGY_ASSIGN_OR_RETURN(std::vector<sql::Row> rows,
                          connection.Query("SELECT " + std::string(kColumns) +
                                               " FROM alerts WHERE resolved_at IS NULL "
                                               "ORDER BY created_at",
                                           {}, kColumnCount));
  std::vector<Alert> alerts;
  alerts.reserve(rows.size());
  for (const sql::Row& row : rows) alerts.push_back(FromRow(row));
  return alerts;
}

base::Status AlertRepository::Insert(sql::Connection& connection, const Alert& alert) const {
  sql::Params params = Changing(alert);
  params.insert(
      params.end(),
      {{"rule_id", alert.rule_id},
       {"rule_name", alert.rule_name},
       {"device_id", alert.device_id},
       {"property", alert.property},
       {"operator", rules::OperatorName(alert.op)},
       {"unit", alert.unit},
       {"message", alert.message},
       {"actual_value", alert.actual_value},
       {"rule_snapshot", alert.rule.is_null() ? sql::Value() : sql::Value(alert.rule.dump())},
       {"created_at", alert.created_at},
       {"episodes_per_hour", alert.episodes_per_hour}});
  return connection
      .Execute(
          "INSERT INTO alerts (id, rule_id, rule_name, device_id, property, operator, "
          "threshold_value, severity, unit, message, actual_value, latest_value, worst_value, "
          "reading_count, status, comment, acknowledged_by, acknowledged_at, resolved_by, "
          "resolved_at, created_at, last_seen_at, shelved_until, assigned_to, held_open, "
          "episodes_per_hour, rule_snapshot) VALUES (:id, :rule_id, :rule_name, :device_id, "
          ":property, :operator, :threshold_value, :severity, :unit, :message, :actual_value, "
          ":latest_value, :worst_value, :reading_count, :status, :comment, :acknowledged_by, "
          ":acknowledged_at, :resolved_by, :resolved_at, :created_at, :last_seen_at, "
          ":shelved_until, :assigned_to, :held_open, :episodes_per_hour, "
          ":rule_snapshot) "
          // Written again when it is not known whether it arrived.
          "ON CONFLICT (id) DO UPDATE SET severity = excluded.severity, "
          "threshold_value = excluded.threshold_value, latest_value = excluded.latest_value, "
          "worst_value = excluded.worst_value, reading_count = excluded.reading_count, "
          "status = excluded.status, resolved_at = excluded.resolved_at, "
          "last_seen_at = excluded.last_seen_at",
          params)
      .status();
}

base::Status AlertRepository::Update(sql::Connection& connection, const Alert& alert) const {
  return connection
      .Execute(
          "UPDATE alerts SET severity = :severity, threshold_value = :threshold_value, "
          "latest_value = :latest_value, worst_value = :worst_value, "
          "reading_count = :reading_count, status = :status, comment = :comment, "
          "acknowledged_by = :acknowledged_by, acknowledged_at = :acknowledged_at, "
          "resolved_by = :resolved_by, resolved_at = :resolved_at, last_seen_at = :last_seen_at, "
          "shelved_until = :shelved_until, assigned_to = :assigned_to, held_open = :held_open "
          "WHERE id = :id",
          Changing(alert))
      .status();
}

base::Result<int64_t> AlertRepository::EpisodesBefore(sql::Connection& connection,
                                                      const Alert& alert) const {
  ENERGY_ASSIGN_OR_RETURN(
      const std::vector<sql::Row> rows,
      connection.Query("SELECT COUNT(*) FROM alerts WHERE rule_id = :rule_id AND "
                       "device_id = :device_id AND created_at > :start AND created_at <= :end "
                       "AND id <> :id",
                       {{"rule_id", alert.rule_id},
                        {"device_id", alert.device_id},
                        {"start", alert.created_at - std::chrono::hours(1)},
                        {"end", alert.created_at},
                        {"id", alert.id}},
                       1));
  return rows.at(0).Int(0);
}

base::Result<std::optional<std::string>> AlertRepository::OtherActive(sql::Connection& connection,
                                                                      const Alert& alert) const {
  ENERGY_ASSIGN_OR_RETURN(
      const std::vector<sql::Row> rows,
      connection.Query(
          "SELECT id FROM alerts WHERE rule_id = :rule_id AND device_id = :device_id "
          "AND status IN ('open', 'acknowledged') AND id <> :id",
          {{"rule_id", alert.rule_id}, {"device_id", alert.device_id}, {"id", alert.id}}, 1));
  return rows.empty() ? std::nullopt : rows.front().OptText(0);
}

base::Result<AlertSummary> AlertRepository::Summarize(sql::Connection& connection,
                                                      base::Timestamp now) const {
  AlertSummary summary;
  ENERGY_ASSIGN_OR_RETURN(
      const std::vector<sql::Row> active,
      connection.Query("SELECT status, severity, COUNT(*) FROM alerts "
                       "WHERE status IN ('open', 'acknowledged') GROUP BY status, severity",
                       {}, 3));
  for (const sql::Row& row : active) {
    (row.Text(0) == "open" ? summary.open : summary.acknowledged) += row.Int(2);
    summary.by_severity[rules::ParseSeverity(row.Text(1)).value_or(rules::Severity::kMedium)] +=
        row.Int(2);
  }
  ENERGY_ASSIGN_OR_RETURN(
      const std::vector<sql::Row> ended,
      connection.Query("SELECT status, COUNT(*) FROM alerts "
                       "WHERE status IN ('resolved', 'suppressed') AND created_at >= :since "
                       "GROUP BY status",
                       {{"since", now - std::chrono::hours(24)}}, 2));
  for (const sql::Row& row : ended) {
    (row.Text(0) == "resolved" ? summary.resolved_24h : summary.suppressed_24h) = row.Int(1);
  }
  return summary;
}

}  // namespace energy::alerts
