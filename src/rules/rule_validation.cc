#include <algorithm>
#include <cmath>
#include <set>

#include "base/text.h"
#include "rules/rule_draft.h"

namespace energy::rules {
namespace {

constexpr int64_t kMaxCooldownMinutes = 10'080;  // a week
constexpr int64_t kMaxHoldSeconds = 604'800;     // a week
constexpr int64_t kMaxWindowSeconds = 604'800;
constexpr double kMaxSilenceSeconds = 2'592'000;  // 30 days
constexpr size_t kMaxConditions = 8;
constexpr size_t kMaxLevels = 3;
constexpr size_t kMaxText = 255;
const std::set<std::string, std::less<>> kChannels{"email", "telegram", "webhook", "whatsapp"};

using Errors = std::vector<base::FieldError>;

bool Rises(Operator op) { return op == Operator::kGreater || op == Operator::kGreaterEqual; }
bool Falls(Operator op) { return op == Operator::kLess || op == Operator::kLessEqual; }

// The clear threshold lies on the calm side of the threshold, or the rule could never clear.
void CheckHysteresis(const Condition& condition, const std::string& prefix, Errors& errors) {
  if (!condition.clear_threshold) return;
  const std::string op(OperatorName(condition.op));
  const std::string field = prefix + "clear_threshold";
  if (condition.kind == ConditionKind::kNoData) {
    errors.push_back({field, "does not fit no_data, which ends with a reading: remove it"});
  } else if (!std::isfinite(*condition.clear_threshold)) {
    errors.push_back({field, "must be a finite number"});
  } else if (Rises(condition.op)) {
    if (*condition.clear_threshold <= condition.threshold) return;
    errors.push_back({field, "must not be above the threshold of a rule with " + op});
  } else if (Falls(condition.op)) {
    if (*condition.clear_threshold >= condition.threshold) return;
    errors.push_back({field, "must not be below the threshold of a rule with " + op});
  } else {
    errors.push_back({field, "fits only >, >=, < and <="});
  }
}

void CheckSilence(const Condition& condition, const std::string& prefix, Errors& errors) {
  if (condition.op != Operator::kGreaterEqual) {
    errors.push_back({prefix + "operator", "of no_data is >= or left out"});
  }
  if (!(condition.threshold >= 1 && condition.threshold <= kMaxSilenceSeconds) ||
      condition.threshold != std::floor(condition.threshold)) {
    errors.push_back({prefix + "threshold", "of no_data is whole seconds from 1 to 2592000"});
  }
}

void CheckCondition(const Condition& condition, const std::string& prefix, Errors& errors) {
  const bool windowed =
      condition.kind == ConditionKind::kAggregate || condition.kind == ConditionKind::kChange;
  if (!std::isfinite(condition.threshold)) {
    errors.push_back({prefix + "threshold", "must be a finite number"});
  }
  if (windowed && (condition.window.count() < 1 || condition.window.count() > kMaxWindowSeconds)) {
    errors.push_back({prefix + "window_s", "must be from 1 to 604800 seconds"});
  }
  if (!windowed && condition.window.count() != 0) {
    errors.push_back({prefix + "window_s", "fits only the kinds aggregate and change: remove it"});
  }
  if (condition.kind == ConditionKind::kNoData) CheckSilence(condition, prefix, errors);
  CheckHysteresis(condition, prefix, errors);
}

// A field that readings of the watched devices can have.
void CheckProperty(const Condition& condition, const devices::Profile* profile,
                   const std::string& prefix, Errors& errors) {
  if (profile == nullptr) {
    if (condition.property.empty() || base::CharacterCount(condition.property) > 64) {
      errors.push_back({prefix + "property", "takes 1 to 64 characters"});
    }
    return;
  }
  const auto& fields = profile->fields;
  const bool known = std::any_of(fields.begin(), fields.end(), [&](const auto& field) {
    return field.name == condition.property;
  });
  if (!known) {
    errors.push_back({prefix + "property", "is no field of the profile '" + profile->type + "'"});
  }
}

// Null where any field will do.
std::shared_ptr<const devices::Profile> CheckTarget(const Rule& rule,
                                                    const devices::Registry& registry,
                                                    Errors& errors) {
  if (!rule.device_id.empty()) {
    const auto device = registry.Find(rule.device_id);
    if (device) return device->profile;
    errors.push_back({"device_id", "is no registered device"});
  } else if (rule.target.device_type) {
    const size_t length = base::CharacterCount(*rule.target.device_type);
    if (length >= 1 && length <= 100) {
      return registry.Snapshot()->FindProfile(*rule.target.device_type);
    }
    errors.push_back({"device_type", "takes 1 to 100 characters"});
  } else if (rule.target.tag) {
    const auto& [name, value] = *rule.target.tag;
    if (name.empty() || name.size() > kMaxText) {
      errors.push_back({"device_tag.name", "takes 1 to 255 bytes"});
    }
    if (value.size() > kMaxText) errors.push_back({"device_tag.value", "takes at most 255 bytes"});
  } else if (!rule.target.all) {
    errors.push_back({"device_id", "is no registered device"});
  }
  return nullptr;
}

void CheckLevels(const Rule& rule, Errors& errors) {
  if (rule.levels.size() > kMaxLevels) {
    errors.push_back({"levels", "takes at most 3: one for each further severity"});
    return;
  }
  if (!rule.levels.empty() && !Rises(rule.op) && !Falls(rule.op)) {
    errors.push_back({"levels", "fit only a first condition with >, >=, < or <="});
    return;
  }
  Severity severity = rule.severity;
  double threshold = rule.threshold;
  for (size_t i = 0; i < rule.levels.size(); ++i) {
    const Level& level = rule.levels[i];
    const std::string field = "levels[" + std::to_string(i) + "]";
    if (level.severity <= severity) {
      errors.push_back(
          {field + ".severity",
           "must be above " + std::string(SeverityName(severity)) + ", the one before it"});
    }
    const bool beyond = Rises(rule.op) ? level.threshold > threshold : level.threshold < threshold;
    if (!beyond || !std::isfinite(level.threshold)) {
      errors.push_back(
          {field + ".threshold",
           std::string("must be ") + (Rises(rule.op) ? "above" : "below") + " the one before it"});
    } else if (rule.kind == ConditionKind::kNoData &&
               (level.threshold != std::floor(level.threshold) ||
                level.threshold > kMaxSilenceSeconds)) {
      errors.push_back({field + ".threshold", "of no_data is whole seconds up to 2592000"});
    }
    severity = level.severity;
    threshold = level.threshold;
  }
}

void CheckRange(const char* field, int64_t value, int64_t max, const char* unit, Errors& errors) {
  if (value >= 0 && value <= max) return;
  errors.push_back({field, "must be from 0 to " + std::to_string(max) + unit});
}

void CheckConditions(const Rule& rule, const devices::Profile* profile, Errors& errors) {
  const bool plain = rule.more.empty() && rule.kind == ConditionKind::kThreshold;
  if (rule.condition_count() > kMaxConditions) {
    errors.push_back({"conditions", "takes at most 8: make several rules"});
    return;
  }
  for (size_t i = 0; i < rule.condition_count(); ++i) {
    const std::string prefix = plain ? "" : "conditions[" + std::to_string(i) + "].";
    CheckProperty(rule.condition(i), profile, prefix, errors);
    CheckCondition(rule.condition(i), prefix, errors);
  }
}

}  // namespace

base::Status Validate(const Rule& rule, const devices::Registry& registry) {
  Errors errors;
  if (rule.name.empty() || base::CharacterCount(rule.name) > 255) {
    errors.push_back({"name", "takes 1 to 255 characters"});
  }
  if (rule.description && base::CharacterCount(*rule.description) > 2000) {
    errors.push_back({"description", "takes at most 2000 characters"});
  }
  const auto profile = CheckTarget(rule, registry, errors);
  CheckConditions(rule, profile.get(), errors);
  CheckLevels(rule, errors);
  CheckRange("for_s", rule.hold.count(), kMaxHoldSeconds, " seconds", errors);
  CheckRange("clear_for_s", rule.clear_hold.count(), kMaxHoldSeconds, " seconds", errors);
  CheckRange("cooldown_minutes", rule.cooldown_minutes, kMaxCooldownMinutes, "", errors);
  if (rule.schedule) {
    for (ScheduleFault& fault : FaultsOf(*rule.schedule)) {
      errors.push_back({"schedule." + fault.field, std::move(fault.message)});
    }
  }
  for (const std::string& channel : rule.notification_channels) {
    if (kChannels.contains(channel)) continue;
    errors.push_back({"notification_channels", "takes email, telegram, webhook and whatsapp"});
    break;
  }
  if (errors.empty()) return {};
  return base::InvalidArgument("the rule is not valid", std::move(errors));
}

}  // namespace energy::rules
