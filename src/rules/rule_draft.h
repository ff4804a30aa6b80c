#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/status.h"
#include "devices/registry.h"
#include "rules/model.h"

namespace energy::rules {

/// What a rule is made from, or changed to; an absent member takes the default or stays as it is.
struct RuleDraft {
  std::optional<std::string> name;
  std::optional<std::optional<std::string>> description;
  /// What it watches: at most one of the four; it replaces whatever was watched before.
  std::optional<std::string> device_id;
  std::optional<std::string> device_type;
  std::optional<std::pair<std::string, std::string>> device_tag;
  std::optional<bool> all_devices;
  /// The first condition, which is all that a plain rule has.
  std::optional<std::string> property;
  std::optional<Operator> op;
  std::optional<double> threshold;
  std::optional<std::optional<double>> clear_threshold;
  std::optional<std::vector<Condition>> conditions;  ///< all of them; instead of the above
  std::optional<Join> join;
  std::optional<std::vector<Level>> levels;
  std::optional<int64_t> hold_s;
  std::optional<int64_t> clear_hold_s;
  std::optional<std::optional<Schedule>> schedule;
  std::optional<bool> auto_resolve;
  std::optional<Severity> severity;
  std::optional<RuleStatus> status;
  std::optional<std::vector<std::string>> notification_channels;
  std::optional<int64_t> cooldown_minutes;
  std::optional<int64_t> version;  ///< the version the change was made from
};

/// What a new rule needs and `draft` lacks, or what it says twice. Threads: pure.
std::vector<base::FieldError> FaultsOf(const RuleDraft& draft, bool is_new);

void Apply(const RuleDraft& draft, Rule& rule);

/// Every bad field with its remedy. Errors: kInvalidArgument with fields.
base::Status Validate(const Rule& rule, const devices::Registry& registry);

}  // namespace energy::rules
