#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "alerts/model.h"
#include "base/json.h"
#include "sql/database.h"

namespace energy::alerts {

struct StatisticsQuery {
  base::Timestamp start;  ///< of created_at
  base::Timestamp end;    ///< exclusive
  std::optional<std::string> device_id = {};
  std::optional<std::string> rule_id = {};
};

/// What a rule or a device had of the alerts in a range.
struct Frequent {
  std::string id;
  std::string name;
  int64_t alerts = 0;
  base::Timestamp last_at;
};

/// A rule that flaps on a device.
struct Chattering {
  std::string rule_id;
  std::string rule_name;
  std::string device_id;
  int64_t alerts = 0;
  int64_t peak_per_hour = 0;  ///< most episodes within an hour
  base::Timestamp last_at;
};

struct AlertStatistics {
  StatisticsQuery query;
  int64_t total = 0;
  std::map<rules::Severity, std::map<AlertStatus, int64_t>> counts;
  /// From the beginning of the episode; of those that were, without suppressed ones. Nothing: none.
  std::optional<double> mean_acknowledge_s;
  std::optional<double> mean_resolve_s;
  std::vector<Frequent> rules;         ///< the most alerts first, at most 10
  std::vector<Frequent> devices;       ///< the same
  std::vector<Chattering> chattering;  ///< the highest rate first, at most 20
  int64_t chattering_per_hour = 0;     ///< from so many on
};

/// Errors: kInvalidArgument for a range that is empty, and a rule_id that is no UUID. Cost: reads
/// the alerts of the range six times.
base::Result<AlertStatistics> ComputeStatistics(sql::Connection& connection,
                                                const StatisticsQuery& query,
                                                int64_t chattering_per_hour);

base::Json ToJson(const AlertStatistics& statistics);

}  // namespace energy::alerts
