#include "alerts/statistics.h"

#include <array>

#include "base/json_values.h"
#include "base/random.h"

namespace energy::alerts {
namespace {

constexpr std::array kSeverities{rules::Severity::kLow, rules::Severity::kMedium,
                                 rules::Severity::kHigh, rules::Severity::kCritical};
constexpr std::array kStatuses{AlertStatus::kOpen, AlertStatus::kAcknowledged,
                               AlertStatus::kResolved, AlertStatus::kSuppressed};

class Reader {
 public:
  Reader(sql::Connection& connection, const StatisticsQuery& query)
      : connection_(connection), params_{{"start", query.start}, {"end", query.end}} {
    if (query.device_id) {
      where_ += " AND device_id = :device_id";
      params_.emplace_back("device_id", *query.device_id);
    }
    if (query.rule_id) {
      where_ += " AND rule_id = :rule_id";
      params_.emplace_back("rule_id", *query.rule_id);
    }
  }

  /// Rows of the alerts in the range; `rest`: more conditions, grouping, order.
  base::Result<std::vector<sql::Row>> Read(const std::string& columns, size_t count,
                                           const std::string& rest) {
    return connection_.Query("SELECT " + columns + " FROM alerts" + where_ + rest, params_, count);
  }

  base::Result<std::optional<double>> MeanSecondsUntil(const std::string& column) {
    const std::string seconds = connection_.dialect() == sql::Dialect::kSqlite
                                    ? "(julianday(" + column + ") - julianday(created_at)) * 86400"
                                    : "EXTRACT(EPOCH FROM (" + column + " - created_at))";
    // A reading may be stamped a little ahead of this clock.
    ENERGY_ASSIGN_OR_RETURN(
        const std::vector<sql::Row> rows,
        Read("AVG(CASE WHEN " + column + " > created_at THEN " + seconds + " ELSE 0 END)", 1,
             " AND status <> 'suppressed' AND " + column + " IS NOT NULL"));
    return rows.at(0).OptDouble(0);
  }

  base::Result<std::vector<Frequent>> MostFrequent(const std::string& id, const std::string& name) {
    ENERGY_ASSIGN_OR_RETURN(
        const std::vector<sql::Row> rows,
        Read(id + ", MAX(" + name + "), COUNT(*), MAX(created_at)", 4,
             " GROUP BY " + id + " ORDER BY COUNT(*) DESC, " + id + " LIMIT 10"));
    std::vector<Frequent> frequent;
    frequent.reserve(rows.size());
    for (const sql::Row& row : rows) {
      frequent.push_back({row.Text(0), row.Text(1), row.Int(2), row.Time(3)});
    }
    return frequent;
  }

 private:
  sql::Connection& connection_;
  std::string where_ = " WHERE created_at >= :start AND created_at < :end";
  sql::Params params_;
};

base::Result<std::vector<Chattering>> FindChattering(Reader& reader, int64_t per_hour) {
  ENERGY_ASSIGN_OR_RETURN(
      const std::vector<sql::Row> rows,
      reader.Read(
          "rule_id, MAX(rule_name), device_id, COUNT(*), MAX(episodes_per_hour), MAX(created_at)",
          6,
          " GROUP BY rule_id, device_id HAVING MAX(episodes_per_hour) >= " +
              std::to_string(per_hour) +
              " ORDER BY MAX(episodes_per_hour) DESC, COUNT(*) DESC, rule_id, device_id LIMIT 20"));
  std::vector<Chattering> found;
  found.reserve(rows.size());
  for (const sql::Row& row : rows) {
    found.push_back({row.Text(0), row.Text(1), row.Text(2), row.Int(3), row.Int(4), row.Time(5)});
  }
  return found;
}

base::Json ToJson(const std::vector<Frequent>& all, const char* id, const char* name) {
  base::Json json = base::Json::array();
  for (const Frequent& one : all) {
    base::Json item{
        {id, one.id}, {"alerts", one.alerts}, {"last_at", base::TimeToJson(one.last_at)}};
    if (name != nullptr) item[name] = one.name;
    json.push_back(std::move(item));
  }
  return json;
}

}  // namespace

base::Result<AlertStatistics> ComputeStatistics(sql::Connection& connection,
                                                const StatisticsQuery& query,
                                                int64_t chattering_per_hour) {
  if (query.start >= query.end) return base::InvalidField("end", "must be after start");
  if (query.rule_id && !base::IsUuid(*query.rule_id)) {
    return base::InvalidField("rule_id", "must be a UUID");
  }
  AlertStatistics found;
  found.query = query;
  found.chattering_per_hour = chattering_per_hour;
  Reader reader(connection, query);
  ENERGY_ASSIGN_OR_RETURN(
      const std::vector<sql::Row> counts,
      reader.Read("severity, status, COUNT(*)", 3, " GROUP BY severity, status"));
  for (const sql::Row& row : counts) {
    const auto severity = rules::ParseSeverity(row.Text(0)).value_or(rules::Severity::kMedium);
    const auto status = ParseAlertStatus(row.Text(1)).value_or(AlertStatus::kOpen);
    found.counts[severity][status] += row.Int(2);
    found.total += row.Int(2);
  }
  ENERGY_ASSIGN_OR_RETURN(found.mean_acknowledge_s, reader.MeanSecondsUntil("acknowledged_at"));
  ENERGY_ASSIGN_OR_RETURN(found.mean_resolve_s, reader.MeanSecondsUntil("resolved_at"));
  ENERGY_ASSIGN_OR_RETURN(found.rules, reader.MostFrequent("rule_id", "rule_name"));
  ENERGY_ASSIGN_OR_RETURN(found.devices, reader.MostFrequent("device_id", "device_id"));
  ENERGY_ASSIGN_OR_RETURN(found.chattering, FindChattering(reader, chattering_per_hour));
  return found;
}

base::Json ToJson(const AlertStatistics& statistics) {
  base::Json by_severity = base::Json::object();
  base::Json by_status = base::Json::object();
  for (const AlertStatus status : kStatuses) by_status[std::string(AlertStatusName(status))] = 0;
  for (const rules::Severity severity : kSeverities) {
    int64_t sum = 0;
    if (const auto found = statistics.counts.find(severity); found != statistics.counts.end()) {
      for (const auto& [status, count] : found->second) {
        sum += count;
        base::Json& all = by_status[std::string(AlertStatusName(status))];
        all = all.get<int64_t>() + count;
      }
    }
    by_severity[std::string(rules::SeverityName(severity))] = sum;
  }
  base::Json chattering = base::Json::array();
  for (const Chattering& one : statistics.chattering) {
    chattering.push_back({{"rule_id", one.rule_id},
                          {"rule_name", one.rule_name},
                          {"device_id", one.device_id},
                          {"alerts", one.alerts},
                          {"peak_per_hour", one.peak_per_hour},
                          {"last_at", base::TimeToJson(one.last_at)}});
  }
  return {{"start", base::TimeToJson(statistics.query.start)},
          {"end", base::TimeToJson(statistics.query.end)},
          {"total", statistics.total},
          {"by_severity", std::move(by_severity)},
          {"by_status", std::move(by_status)},
          {"mean_acknowledge_s", base::OrNull(statistics.mean_acknowledge_s)},
          {"mean_resolve_s", base::OrNull(statistics.mean_resolve_s)},
          {"rules", ToJson(statistics.rules, "rule_id", "rule_name")},
          {"devices", ToJson(statistics.devices, "device_id", nullptr)},
          {"chattering", std::move(chattering)},
          {"chattering_per_hour", statistics.chattering_per_hour}};
}

}  // namespace energy::alerts
