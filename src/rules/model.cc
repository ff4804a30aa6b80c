#include "rules/model.h"

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

}  // namespace energy::rules
