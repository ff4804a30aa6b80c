#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"

namespace energy::rules {

/// What an episode belongs to: a rule may watch many devices, each with an episode of its own.
struct EpisodeKey {
  std::string rule_id;
  std::string device_id;

  bool operator==(const EpisodeKey&) const = default;
};

enum class Operator { kGreater, kLess, kGreaterEqual, kLessEqual, kEqual, kNotEqual };
enum class Severity { kLow, kMedium, kHigh, kCritical };
enum class RuleStatus { kActive, kPaused, kArchived };

/// The texts of LLD §3.1.3: in the database and the API, never rename.
std::string_view OperatorName(Operator op);
std::optional<Operator> ParseOperator(std::string_view name);
std::string_view SeverityName(Severity severity);
std::optional<Severity> ParseSeverity(std::string_view name);
std::string_view RuleStatusName(RuleStatus status);
std::optional<RuleStatus> ParseRuleStatus(std::string_view name);

/// A threshold rule on one field of one device (LLD §3.1.3).
struct Rule {
  std::string id;
  std::string name;
  std::optional<std::string> description;
  std::string device_id;
  std::string property;  ///< field of the readings
  Operator op = Operator::kGreater;
  double threshold = 0;                   ///< in the field's unit
  std::optional<double> clear_threshold;  ///< hysteresis: clears only beyond this (decision 17)
  Severity severity = Severity::kMedium;
  RuleStatus status = RuleStatus::kActive;
  std::vector<std::string> notification_channels;
  int64_t cooldown_minutes = 15;  ///< least time between two raises that notify
  int64_t version = 1;
  std::optional<std::string> created_by;
  base::Timestamp created_at;
  base::Timestamp updated_at;
  std::optional<base::Timestamp> last_triggered;
};

}  // namespace energy::rules

template <>
struct std::hash<energy::rules::EpisodeKey> {
  size_t operator()(const energy::rules::EpisodeKey& key) const noexcept {
    const std::hash<std::string> of;
    return of(key.rule_id) * 0x9e3779b97f4a7c15 + of(key.device_id);
  }
};
