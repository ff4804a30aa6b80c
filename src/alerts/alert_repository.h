#pragma once

#include <optional>
#include <string>
#include <vector>

#include "alerts/model.h"
#include "sql/database.h"
#include "sql/list_query.h"

namespace energy::alerts {

struct AlertFilter {
  std::vector<std::string> statuses;    ///< any of these; empty = all
  std::vector<std::string> severities;  ///< any of these; empty = all
  std::optional<std::string> device_id;
  std::optional<std::string> rule_id;
  std::optional<base::Timestamp> start;    ///< of created_at
  std::optional<base::Timestamp> end;      ///< exclusive
  std::optional<std::string> assigned_to;  ///< user id
  bool unassigned = false;                 ///< only those that are nobody's
  std::optional<bool> shelved;             ///< only those that are, or are not
  std::string search;                      ///< in rule, device, field, message, comment
  std::string sort;  ///< created_at, last_seen_at, severity, status, device_id, rule_name
};

/// The table `alerts`. Statements run on the connection of the caller. Threads: safe anywhere.
class AlertRepository {
 public:
  base::Result<sql::Listing<Alert>> List(sql::Connection& connection, const AlertFilter& filter,
                                         sql::Page page) const;
  /// Errors: kNotFound.
  base::Result<Alert> Get(sql::Connection& connection, std::string_view id) const;
  /// Episodes that have not ended, oldest first.
  base::Result<std::vector<Alert>> AllUnresolved(sql::Connection& connection) const;
  /// Errors: kInvalidArgument when its rule or device is gone.
  base::Status Insert(sql::Connection& connection, const Alert& alert) const;
  /// Writes what can change: severity and threshold, values, count, status, comment, who and when,
  /// shelving and assignment.
  /// A row that is gone with its rule is no error.
  base::Status Update(sql::Connection& connection, const Alert& alert) const;
  /// Episodes that the rule began on the device in the hour up to the beginning of `alert`.
  base::Result<int64_t> EpisodesBefore(sql::Connection& connection, const Alert& alert) const;
  /// The id of another open or acknowledged alert of the same rule and device.
  base::Result<std::optional<std::string>> OtherActive(sql::Connection& connection,
                                                       const Alert& alert) const;
  base::Result<AlertSummary> Summarize(sql::Connection& connection, base::Timestamp now) const;
};

}  // namespace energy::alerts
