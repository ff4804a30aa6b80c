#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/json.h"
#include "rules/model.h"

namespace energy::alerts {

/// Suppressed: the episode began within the rule's cooldown; it is recorded and notifies nobody.
enum class AlertStatus { kOpen, kAcknowledged, kResolved, kSuppressed };

/// The texts of LLD §3.1.4: in the database and the API, never rename.
std::string_view AlertStatusName(AlertStatus status);
std::optional<AlertStatus> ParseAlertStatus(std::string_view name);

/// One episode of a rule holding on a device (decision 16).
struct Alert {
  std::string id;
  std::string rule_id;
  std::string rule_name;  ///< as it was when the episode began, like the members up to the unit
  std::string device_id;
  std::string property;
  rules::Operator op = rules::Operator::kGreater;
  double threshold_value = 0;  ///< like the severity that of the level which the episode reached
  rules::Severity severity = rules::Severity::kMedium;
  std::optional<std::string> unit;
  base::Json rule;  ///< as rules::ToJson showed it; null for alerts of earlier versions
  std::string message;
  double actual_value = 0;  ///< of the reading that began the episode
  double latest_value = 0;
  double worst_value = 0;
  uint64_t reading_count = 0;  ///< readings on which the rule held
  AlertStatus status = AlertStatus::kOpen;
  std::optional<std::string> comment;
  std::optional<std::string> acknowledged_by;  ///< user id
  std::optional<base::Timestamp> acknowledged_at;
  std::optional<std::string> resolved_by;  ///< user id; nothing when it resolved by itself
  std::optional<base::Timestamp> resolved_at;
  base::Timestamp created_at;                    ///< of the first reading of the episode
  base::Timestamp last_seen_at;                  ///< of the last reading on which the rule held
  std::optional<base::Timestamp> shelved_until;  ///< until then hidden, and notifies nobody
  std::optional<std::string> assigned_to;        ///< user id
  /// That the rule began on the device in the hour up to this one's beginning, this one included.
  int64_t episodes_per_hour = 1;
  bool chattering = false;  ///< so many that the rule flaps there; not stored
  /// A person reopened it and the condition has not held since: it does not end by itself.
  bool held_open = false;

  /// Whether it is still somebody's business: open or acknowledged.
  bool active() const {
    return status == AlertStatus::kOpen || status == AlertStatus::kAcknowledged;
  }
};

struct AlertSummary {
  int64_t open = 0;
  int64_t acknowledged = 0;
  int64_t resolved_24h = 0;
  int64_t suppressed_24h = 0;
  std::map<rules::Severity, int64_t> by_severity;  ///< of the open and acknowledged
};

}  // namespace energy::alerts
