#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "rules/schedule.h"

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
/// What a condition compares with its threshold.
enum class ConditionKind {
  kThreshold,  ///< the field's value
  kAggregate,  ///< an aggregate of its values in the window before, the newest included
  kChange,     ///< the newest value less the oldest in the window: rate of change
  kNoData,     ///< seconds without a reading of the field
};
enum class Aggregate { kMean, kMin, kMax, kSum, kCount, kSpread };
/// How several conditions are one.
enum class Join { kAll, kAny };

/// The texts of LLD §3.1.3 and decision 17: in the database and the API, never rename.
std::string_view OperatorName(Operator op);
std::optional<Operator> ParseOperator(std::string_view name);
std::string_view SeverityName(Severity severity);
std::optional<Severity> ParseSeverity(std::string_view name);
std::string_view RuleStatusName(RuleStatus status);
std::optional<RuleStatus> ParseRuleStatus(std::string_view name);
std::string_view ConditionKindName(ConditionKind kind);
std::optional<ConditionKind> ParseConditionKind(std::string_view name);
std::string_view AggregateName(Aggregate aggregate);
std::optional<Aggregate> ParseAggregate(std::string_view name);
std::string_view JoinName(Join join);
std::optional<Join> ParseJoin(std::string_view name);

/// One comparison with a field of the readings.
struct Condition {
  ConditionKind kind = ConditionKind::kThreshold;
  std::string property;  ///< field of the readings
  Operator op = Operator::kGreater;
  /// In the field's unit; of kCount a number of readings, of kNoData seconds.
  double threshold = 0;
  std::optional<double> clear_threshold;   ///< hysteresis: clears only beyond this (decision 17)
  Aggregate aggregate = Aggregate::kMean;  ///< of kAggregate
  std::chrono::seconds window{0};          ///< of kAggregate and kChange

  bool operator==(const Condition&) const = default;
};

/// A further severity that an episode reaches beyond a threshold of its own.
struct Level {
  Severity severity = Severity::kCritical;
  double threshold = 0;

  bool operator==(const Level&) const = default;
};

/// Which devices a rule watches beside the one of `device_id`: those of a type, with a tag (a plain
/// member of their metadata), or all. At most one of these.
struct Target {
  std::optional<std::string> device_type;
  std::optional<std::pair<std::string, std::string>> tag;
  bool all = false;

  bool operator==(const Target&) const = default;
};

/// A rule (LLD §3.1.3, decisions 16 and 17). It is its first condition; a plain rule has no other.
struct Rule : Condition {
  std::string id;
  std::string name;
  std::optional<std::string> description;
  std::string device_id;  ///< empty when it watches the devices of `target`
  Target target;
  std::vector<Condition> more;  ///< conditions beside the first
  Join join = Join::kAll;
  std::vector<Level> levels;           ///< of the first condition; ascending beyond `severity`
  std::chrono::seconds hold{0};        ///< must hold this long to raise: `for`
  std::chrono::seconds clear_hold{0};  ///< must not hold this long to clear
  std::optional<Schedule> schedule;    ///< always at work without one
  bool auto_resolve = true;            ///< false: an episode lasts until a person ends it
  Severity severity = Severity::kMedium;
  RuleStatus status = RuleStatus::kActive;
  std::vector<std::string> notification_channels;
  int64_t cooldown_minutes = 15;  ///< least time between two raises that notify
  int64_t version = 1;
  std::optional<std::string> created_by;
  base::Timestamp created_at;
  base::Timestamp updated_at;
  std::optional<base::Timestamp> last_triggered;

  size_t condition_count() const { return 1 + more.size(); }
  const Condition& condition(size_t i) const { return i == 0 ? *this : more[i - 1]; }
};

/// The longest window among its conditions.
std::chrono::seconds LongestWindow(const Rule& rule);

}  // namespace energy::rules

template <>
struct std::hash<energy::rules::EpisodeKey> {
  size_t operator()(const energy::rules::EpisodeKey& key) const noexcept {
    const std::hash<std::string> of;
    return of(key.rule_id) * 0x9e3779b97f4a7c15 + of(key.device_id);
  }
};
