#include "api/profile_impact.h"

#include <algorithm>
#include <set>

namespace energy::api {
namespace {

const devices::ProfileField* FindField(const devices::Profile& profile, std::string_view name) {
  const auto found = std::find_if(profile.fields.begin(), profile.fields.end(),
                                  [&](const auto& field) { return field.name == name; });
  return found == profile.fields.end() ? nullptr : &*found;
}

// True when no value that the field may have fulfils the condition.
bool NeverHolds(const rules::Condition& condition, const devices::ProfileField& field) {
  const bool of_values = condition.kind == rules::ConditionKind::kThreshold ||
                         (condition.kind == rules::ConditionKind::kAggregate &&
                          (condition.aggregate == rules::Aggregate::kMean ||
                           condition.aggregate == rules::Aggregate::kMin ||
                           condition.aggregate == rules::Aggregate::kMax));
  if (!of_values) return false;
  switch (condition.op) {
    case rules::Operator::kGreater:
      return condition.threshold >= field.max;
    case rules::Operator::kGreaterEqual:
      return condition.threshold > field.max;
    case rules::Operator::kLess:
      return condition.threshold <= field.min;
    case rules::Operator::kLessEqual:
      return condition.threshold < field.min;
    case rules::Operator::kEqual:
      return condition.threshold < field.min || condition.threshold > field.max;
    case rules::Operator::kNotEqual:
      return false;
  }
  return false;
}

// What a profile without or with other fields does to a rule.
struct Effect {
  bool broken = false;  // a condition is on a field that is gone
  bool mute = false;    // it could never hold
};

Effect EffectOn(const rules::Rule& rule, const devices::Profile& profile) {
  Effect effect;
  size_t never = 0;
  for (size_t i = 0; i < rule.condition_count(); ++i) {
    const rules::Condition& condition = rule.condition(i);
    const devices::ProfileField* field = FindField(profile, condition.property);
    if (field == nullptr) {
      effect.broken = true;
    } else if (NeverHolds(condition, *field)) {
      ++never;
    }
  }
  effect.mute = rule.join == rules::Join::kAll ? never > 0 : never == rule.condition_count();
  return effect;
}

base::Result<std::vector<rules::Rule>> ActiveRules(rules::RuleService& rules) {
  rules::RuleFilter filter;
  filter.status = rules::RuleStatus::kActive;
  std::vector<rules::Rule> all;
  for (int page = 1;; ++page) {
    ENERGY_ASSIGN_OR_RETURN(auto listing, rules.List(filter, {page, sql::kMaxPageSize}));
    all.insert(all.end(), listing.items.begin(), listing.items.end());
    if (listing.items.empty() || static_cast<int64_t>(all.size()) >= listing.total) return all;
  }
}

// Which of its fields is gone.
std::string RemovedProperty(const rules::Rule& rule, const ProfileImpact& impact) {
  for (size_t i = 0; i < rule.condition_count(); ++i) {
    const std::string& property = rule.condition(i).property;
    const auto& removed = impact.removed_fields;
    if (std::find(removed.begin(), removed.end(), property) != removed.end()) return property;
  }
  return rule.property;
}

base::Json RulesToJson(const std::vector<rules::Rule>& rules) {
  base::Json json = base::Json::array();
  for (const rules::Rule& rule : rules) {
    json.push_back(
        {{"id", rule.id},
         {"name", rule.name},
         {"device_id", rule.device_id.empty() ? base::Json(nullptr) : base::Json(rule.device_id)},
         {"property", rule.property}});
  }
  return json;
}

}  // namespace

base::Result<ProfileImpact> ImpactOf(const std::string& type, const devices::Profile* before,
                                     const devices::Profile* after,
                                     const devices::Registry& registry, rules::RuleService& rules) {
  ProfileImpact impact;
  std::set<std::string> of_type;
  registry.Snapshot()->ForEach([&](const devices::RegisteredDevice& device) {
    if (device.type == type) of_type.insert(device.id);
  });
  impact.devices = of_type.size();
  if (after == nullptr) return impact;
  if (before != nullptr) {
    for (const devices::ProfileField& field : before->fields) {
      if (FindField(*after, field.name) == nullptr) impact.removed_fields.push_back(field.name);
    }
  }
  ENERGY_ASSIGN_OR_RETURN(const std::vector<rules::Rule> active, ActiveRules(rules));
  for (const rules::Rule& rule : active) {
    // Rules for a tag or all devices take types without their fields as they come.
    if (!of_type.contains(rule.device_id) && rule.target.device_type != type) continue;
    const Effect effect = EffectOn(rule, *after);
    if (effect.broken) {
      impact.broken_rules.push_back(rule);
    } else if (effect.mute) {
      impact.mute_rules.push_back(rule);
    }
  }
  return impact;
}

base::Json ToJson(const ProfileImpact& impact) {
  return {{"devices", impact.devices},
          {"removed_fields", impact.removed_fields},
          {"broken_rules", RulesToJson(impact.broken_rules)},
          {"mute_rules", RulesToJson(impact.mute_rules)}};
}

base::Status Refuse(const ProfileImpact& impact) {
  if (impact.broken_rules.empty()) return {};
  std::vector<base::FieldError> fields;
  for (const rules::Rule& rule : impact.broken_rules) {
    fields.push_back(
        {"rules." + rule.id, "'" + rule.name + "' watches " + RemovedProperty(rule, impact) +
                                 " of " + (rule.device_id.empty() ? "this type" : rule.device_id)});
  }
  return base::Conflict(
      "Active rules use fields that the profile would no longer have: change or "
      "pause them first, or repeat with force=true.",
      std::move(fields));
}

}  // namespace energy::api
