#include "rules/model.h"

#include <algorithm>
#include <array>
#include <utility>

namespace energy::rules {
namespace {

template <class E, size_t N>
using Names = std::array<std::pair<E, std::string_view>, N>;

constexpr Names<Operator, 6> kOperators{{{Operator::kGreater, ">"},
                                         {Operator::kLess, "<"},
                                         {Operator::kGreaterEqual, ">="},
                                         {Operator::kLessEqual, "<="},
                                         {Operator::kEqual, "="},
                                         {Operator::kNotEqual, "!="}}};
constexpr Names<Severity, 4> kSeverities{{{Severity::kLow, "low"},
                                          {Severity::kMedium, "medium"},
                                          {Severity::kHigh, "high"},
                                          {Severity::kCritical, "critical"}}};
constexpr Names<RuleStatus, 3> kStatuses{{{RuleStatus::kActive, "active"},
                                          {RuleStatus::kPaused, "paused"},
                                          {RuleStatus::kArchived, "archived"}}};
constexpr Names<ConditionKind, 4> kKinds{{{ConditionKind::kThreshold, "threshold"},
                                          {ConditionKind::kAggregate, "aggregate"},
                                          {ConditionKind::kChange, "change"},
                                          {ConditionKind::kNoData, "no_data"}}};
constexpr Names<Aggregate, 6> kAggregates{{{Aggregate::kMean, "mean"},
                                           {Aggregate::kMin, "min"},
                                           {Aggregate::kMax, "max"},
                                           {Aggregate::kSum, "sum"},
                                           {Aggregate::kCount, "count"},
                                           {Aggregate::kSpread, "spread"}}};
constexpr Names<Join, 2> kJoins{{{Join::kAll, "all"}, {Join::kAny, "any"}}};

template <class E, size_t N>
std::string_view NameOf(const Names<E, N>& names, E value) {
  for (const auto& [candidate, name] : names) {
    if (candidate == value) return name;
  }
  return {};
}

template <class E, size_t N>
std::optional<E> ValueOf(const Names<E, N>& names, std::string_view name) {
  for (const auto& [value, candidate] : names) {
    if (candidate == name) return value;
  }
  return std::nullopt;
}

}  // namespace

std::string_view OperatorName(Operator op) { return NameOf(kOperators, op); }
std::optional<Operator> ParseOperator(std::string_view name) { return ValueOf(kOperators, name); }
std::string_view SeverityName(Severity severity) { return NameOf(kSeverities, severity); }
std::optional<Severity> ParseSeverity(std::string_view name) { return ValueOf(kSeverities, name); }
std::string_view RuleStatusName(RuleStatus status) { return NameOf(kStatuses, status); }
std::optional<RuleStatus> ParseRuleStatus(std::string_view name) {
  return ValueOf(kStatuses, name);
}
std::string_view ConditionKindName(ConditionKind kind) { return NameOf(kKinds, kind); }
std::optional<ConditionKind> ParseConditionKind(std::string_view name) {
  return ValueOf(kKinds, name);
}
std::string_view AggregateName(Aggregate aggregate) { return NameOf(kAggregates, aggregate); }
std::optional<Aggregate> ParseAggregate(std::string_view name) {
  return ValueOf(kAggregates, name);
}
std::string_view JoinName(Join join) { return NameOf(kJoins, join); }
std::optional<Join> ParseJoin(std::string_view name) { return ValueOf(kJoins, name); }

std::chrono::seconds LongestWindow(const Rule& rule) {
  std::chrono::seconds longest{0};
  for (size_t i = 0; i < rule.condition_count(); ++i) {
    longest = std::max(longest, rule.condition(i).window);
  }
  return longest;
}

}  // namespace energy::rules
