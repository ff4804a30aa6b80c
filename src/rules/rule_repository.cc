#include "rules/rule_repository.h"

#include "rules/rule_json.h"
#include "sql/dialect.h"

namespace energy::rules {
namespace {

constexpr std::string_view kColumns =
    "id, name, description, device_id, property, operator, threshold, clear_threshold, severity, "
    "status, notification_channels, cooldown_minutes, version, created_by, created_at, updated_at, "
    "last_triggered, device_type, definition";
constexpr size_t kColumnCount = 19;

Rule FromRow(const sql::Row& row) {
  Rule rule;
  rule.id = row.Text(0);
  rule.name = row.Text(1);
  rule.description = row.OptText(2);
  rule.device_id = row.Text(3);
  rule.property = row.Text(4);
  rule.op = ParseOperator(row.Text(5)).value_or(Operator::kGreater);
  rule.threshold = row.Double(6);
  rule.clear_threshold = row.OptDouble(7);
  rule.severity = ParseSeverity(row.Text(8)).value_or(Severity::kMedium);
  rule.status = ParseRuleStatus(row.Text(9)).value_or(RuleStatus::kPaused);
  rule.notification_channels = sql::ParseArray(row.Text(10));
  rule.cooldown_minutes = row.Int(11);
  rule.version = row.Int(12);
  rule.created_by = row.OptText(13);
  rule.created_at = row.Time(14);
  rule.updated_at = row.Time(15);
  rule.last_triggered = row.OptTime(16);
  rule.target.device_type = row.OptText(17);
  if (const auto definition = row.OptText(18)) {
    ApplyDefinition(base::Json::parse(*definition, nullptr, /*allow_exceptions=*/false), rule);
  }
  return rule;
}

// The columns that both a new and a changed rule write.
sql::Params Written(sql::Connection& connection, const Rule& rule) {
  const base::Json definition = DefinitionToJson(rule);
  return {{"id", rule.id},
          {"name", rule.name},
          {"description", rule.description},
          {"device_id", rule.device_id.empty() ? sql::Value() : sql::Value(rule.device_id)},
          {"device_type", rule.target.device_type},
          {"definition", definition.is_null() ? sql::Value() : sql::Value(definition.dump())},
          {"property", rule.property},
          {"operator", OperatorName(rule.op)},
          {"threshold", rule.threshold},
          {"clear_threshold", rule.clear_threshold},
          {"severity", SeverityName(rule.severity)},
          {"status", RuleStatusName(rule.status)},
          {"channels", sql::ArrayValue(connection.dialect(), rule.notification_channels)},
          {"cooldown", rule.cooldown_minutes},
          {"version", rule.version},
          {"updated_at", rule.updated_at}};
}

}  // namespace

base::Result<sql::Listing<Rule>> RuleRepository::List(sql::Connection& connection,
                                                      const RuleFilter& filter,
                                                      sql::Page page) const {
  sql::ListQuery query(std::string(kColumns), kColumnCount, "rules", "id");
  query.Equals("device_id", filter.device_id)
      .Equals("device_type", filter.device_type)
      .Equals("property", filter.property)
      .Search({"name", "description"}, filter.search);
  if (filter.status) query.Equals("status", std::string(RuleStatusName(*filter.status)));
  if (filter.severity) query.Equals("severity", std::string(SeverityName(*filter.severity)));
  ENERGY_RETURN_IF_ERROR(query.Sort(
      filter.sort,
      {{"name", "name"},
       {"severity",
        "CASE severity WHEN 'low' THEN 0 WHEN 'medium' THEN 1 WHEN 'high' THEN 2 ELSE 3 END"},
       {"status", "status"},
       {"device_id", "device_id"},
       {"property", "property"},
       {"created_at", "created_at"},
       {"updated_at", "updated_at"},
       {"last_triggered", "last_triggered"}},
      "name"));
  return query.Fetch<Rule>(connection, page, FromRow);
}

base::Result<std::vector<Rule>> RuleRepository::AllActive(sql::Connection& connection) const {
  ENERGY_ASSIGN_OR_RETURN(
      std::vector<sql::Row> rows,
      connection.Query("SELECT " + std::string(kColumns) + " FROM rules WHERE status = 'active'",
                       {}, kColumnCount));
  std::vector<Rule> rules;
  rules.reserve(rows.size());
  for (const sql::Row& row : rows) rules.push_back(FromRow(row));
  return rules;
}

base::Result<Rule> RuleRepository::Get(sql::Connection& connection, std::string_view id) const {
  if (!base::IsUuid(id)) return base::NotFound("no rule '" + std::string(id) + "'");
  ENERGY_ASSIGN_OR_RETURN(
      std::vector<sql::Row> rows,
      connection.Query("SELECT " + std::string(kColumns) + " FROM rules WHERE id = :id",
                       {{"id", id}}, kColumnCount));
  if (rows.empty()) return base::NotFound("no rule '" + std::string(id) + "'");
  return FromRow(rows.front());
}

base::Status RuleRepository::Insert(sql::Connection& connection, const Rule& rule) const {
  sql::Params params = Written(connection, rule);
  params.push_back({"created_by", rule.created_by});
  params.push_back({"created_at", rule.created_at});
  return connection
      .Execute(
          "INSERT INTO rules (id, name, description, device_id, property, operator, threshold, "
          "clear_threshold, severity, status, notification_channels, cooldown_minutes, version, "
          "updated_at, device_type, definition, created_by, created_at) VALUES (:id, :name, "
          ":description, :device_id, "
          ":property, :operator, :threshold, :clear_threshold, :severity, :status, :channels, "
          ":cooldown, :version, :updated_at, :device_type, :definition, :created_by, :created_at)",
          params)
      .status();
}

base::Status RuleRepository::Update(sql::Connection& connection, const Rule& rule) const {
  sql::Params params = Written(connection, rule);
  params.push_back({"before", rule.version - 1});
  ENERGY_ASSIGN_OR_RETURN(
      const int64_t changed,
      connection.Execute(
          "UPDATE rules SET name = :name, description = :description, device_id = :device_id, "
          "property = :property, operator = :operator, threshold = :threshold, "
          "clear_threshold = :clear_threshold, severity = :severity, status = :status, "
          "notification_channels = :channels, cooldown_minutes = :cooldown, version = :version, "
          "updated_at = :updated_at, device_type = :device_type, definition = :definition WHERE id "
          "= :id AND version = :before",
          params));
  if (changed == 1) return {};
  return base::Conflict("the rule was changed meanwhile: load it again",
                        {{"version", "is not the present one"}});
}

base::Status RuleRepository::Delete(sql::Connection& connection, std::string_view id) const {
  if (!base::IsUuid(id)) return base::NotFound("no rule '" + std::string(id) + "'");
  ENERGY_ASSIGN_OR_RETURN(const int64_t removed,
                          connection.Execute("DELETE FROM rules WHERE id = :id", {{"id", id}}));
  return removed == 1 ? base::Status() : base::NotFound("no rule '" + std::string(id) + "'");
}

base::Status RuleRepository::SetLastTriggered(sql::Connection& connection, std::string_view id,
                                              base::Timestamp at) const {
  return connection
      .Execute("UPDATE rules SET last_triggered = :at WHERE id = :id", {{"id", id}, {"at", at}})
      .status();
}

}  // namespace energy::rules
