#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/json.h"
#include "notifications/recipient.h"
#include "sql/database.h"

namespace energy::notifications {

/// Whom a rule tells, beyond the channels that it has.
struct RuleRouting {
  /// Of the rule itself, which keeps them; none: those that its recipients name.
  std::vector<std::string> channels = {};
  bool muted = false;                      ///< nobody, whatever else is said
  std::vector<Recipient> recipients = {};  ///< none on a channel: the defaults of the severity
  /// When nobody acknowledges an alert within that time, these are told (none: those of the
  /// settings). Nothing: the time of the settings; 0: never.
  std::optional<int64_t> escalation_minutes = {};
  std::vector<Recipient> escalation_recipients = {};
};

base::Json ToJson(const RuleRouting& routing);

inline constexpr int64_t kMaxEscalationMinutes = 7 * 24 * 60;

/// The table `rule_notifications`. Threads: safe anywhere; calls without a connection block on SQL.
class RuleRoutingService {
 public:
  RuleRoutingService(sql::Database& database, const base::Clock& clock)
      : database_(database), clock_(clock) {}

  /// Errors: kNotFound when there is no such rule.
  base::Result<RuleRouting> Get(const std::string& rule_id);
  /// Replaces what there was. Errors: kNotFound. Recorded in the audit log.
  base::Status Set(const std::string& rule_id, const RuleRouting& routing);

  /// The defaults when nothing is stored, or there is no such rule.
  static base::Result<RuleRouting> Find(sql::Connection& connection, const std::string& rule_id);

 private:
  sql::Database& database_;
  const base::Clock& clock_;
};

}  // namespace energy::notifications
