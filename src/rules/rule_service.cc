#include "rules/rule_service.h"

#include <algorithm>
#include <cmath>
#include <set>

#include "audit/audit.h"
#include "base/text.h"
#include "base/versions.h"
#include "rules/rule_json.h"

namespace energy::rules {
namespace {

const std::set<std::string> kChannels{"email", "telegram", "webhook", "whatsapp"};
constexpr int64_t kMaxCooldownMinutes = 60 * 24 * 7;

void Apply(const RuleDraft& draft, Rule& rule) {
  if (draft.name) rule.name = *draft.name;
  if (draft.description) rule.description = *draft.description;
  if (draft.device_id) rule.device_id = *draft.device_id;
  if (draft.property) rule.property = *draft.property;
  if (draft.op) rule.op = *draft.op;
  if (draft.threshold) rule.threshold = *draft.threshold;
  if (draft.clear_threshold) rule.clear_threshold = *draft.clear_threshold;
  if (draft.severity) rule.severity = *draft.severity;
  if (draft.status) rule.status = *draft.status;
  if (draft.notification_channels) rule.notification_channels = *draft.notification_channels;
  if (draft.cooldown_minutes) rule.cooldown_minutes = *draft.cooldown_minutes;
}

void CheckRequired(const RuleDraft& draft, std::vector<base::FieldError>& errors) {
  if (!draft.name) errors.push_back({"name", "is missing"});
  if (!draft.device_id) errors.push_back({"device_id", "is missing"});
  if (!draft.property) errors.push_back({"property", "is missing"});
  if (!draft.op) errors.push_back({"operator", "is missing"});
  if (!draft.threshold) errors.push_back({"threshold", "is missing"});
}

// The clear threshold lies on the calm side of the threshold, or the rule could never clear.
void CheckHysteresis(const Rule& rule, std::vector<base::FieldError>& errors) {
  if (!rule.clear_threshold) return;
  switch (rule.op) {
    case Operator::kGreater:
    case Operator::kGreaterEqual:
      if (*rule.clear_threshold <= rule.threshold) return;
      errors.push_back({"clear_threshold", "must not be above the threshold of a rule with " +
                                               std::string(OperatorName(rule.op))});
      return;
    case Operator::kLess:
    case Operator::kLessEqual:
      if (*rule.clear_threshold >= rule.threshold) return;
      errors.push_back({"clear_threshold", "must not be below the threshold of a rule with " +
                                               std::string(OperatorName(rule.op))});
      return;
    case Operator::kEqual:
    case Operator::kNotEqual:
      errors.push_back({"clear_threshold", "fits only >, >=, < and <="});
      return;
  }
}

}  // namespace

RuleService::RuleService(sql::Database& database, const base::Clock& clock, base::Random& random,
                         const devices::Registry& registry, Engine& engine, EpisodesEnded ended)
    : database_(database),
      clock_(clock),
      random_(random),
      registry_(registry),
      engine_(engine),
      ended_(std::move(ended)) {}

base::Status RuleService::Load() {
  std::lock_guard lock(write_mutex_);
  return LoadLocked();
}

base::Status RuleService::LoadLocked() {
  ENERGY_ASSIGN_OR_RETURN(std::vector<Rule> rules, database_.Read([&](sql::Connection& connection) {
    return repository_.AllActive(connection);
  }));
  const std::vector<Transition> ended = engine_.SetRules(rules);
  if (!ended.empty()) ended_(ended);
  return {};
}

base::Result<sql::Listing<Rule>> RuleService::List(const RuleFilter& filter, sql::Page page) {
  return database_.Read(
      [&](sql::Connection& connection) { return repository_.List(connection, filter, page); });
}

base::Result<Rule> RuleService::Get(std::string_view id) {
  return database_.Read(
      [&](sql::Connection& connection) { return repository_.Get(connection, id); });
}

base::Status RuleService::Validate(const Rule& rule) const {
  std::vector<base::FieldError> errors;
  if (rule.name.empty() || base::CharacterCount(rule.name) > 255) {
    errors.push_back({"name", "takes 1 to 255 characters"});
  }
  if (rule.description && base::CharacterCount(*rule.description) > 2000) {
    errors.push_back({"description", "takes at most 2000 characters"});
  }
  const auto device = registry_.Find(rule.device_id);
  if (!device) {
    errors.push_back({"device_id", "is no registered device"});
  } else if (device->profile) {
    const auto& fields = device->profile->fields;
    const bool known = std::any_of(fields.begin(), fields.end(),
                                   [&](const auto& field) { return field.name == rule.property; });
    if (!known) {
      errors.push_back({"property", "is no field of the profile '" + device->type + "'"});
    }
  } else if (rule.property.empty() || base::CharacterCount(rule.property) > 64) {
    errors.push_back({"property", "takes 1 to 64 characters"});
  }
  if (!std::isfinite(rule.threshold)) errors.push_back({"threshold", "must be a finite number"});
  CheckHysteresis(rule, errors);
  if (rule.cooldown_minutes < 0 || rule.cooldown_minutes > kMaxCooldownMinutes) {
    errors.push_back(
        {"cooldown_minutes", "must be from 0 to " + std::to_string(kMaxCooldownMinutes)});
  }
  for (const std::string& channel : rule.notification_channels) {
    if (kChannels.contains(channel)) continue;
    errors.push_back({"notification_channels", "takes email, telegram, webhook and whatsapp"});
    break;
  }
  if (errors.empty()) return {};
  return base::InvalidArgument("the rule is not valid", std::move(errors));
}

base::Result<Rule> RuleService::Create(const RuleDraft& draft,
                                       std::optional<std::string> created_by) {
  std::vector<base::FieldError> missing;
  CheckRequired(draft, missing);
  if (!missing.empty()) return base::InvalidArgument("the rule is not valid", std::move(missing));

  Rule rule;
  Apply(draft, rule);
  ENERGY_RETURN_IF_ERROR(Validate(rule));
  rule.id = base::NewUuid(random_, clock_);
  rule.created_by = std::move(created_by);
  rule.created_at = rule.updated_at = clock_.Now();
  std::lock_guard lock(write_mutex_);
  ENERGY_RETURN_IF_ERROR(database_.Transaction([&](sql::Connection& connection) -> base::Status {
    ENERGY_RETURN_IF_ERROR(repository_.Insert(connection, rule));
    return audit::Record(connection, clock_,
                         {"rule.create", "rule", rule.id, nullptr, ToJson(rule)});
  }));
  ENERGY_RETURN_IF_ERROR(LoadLocked());
  return rule;
}

base::Result<Rule> RuleService::Update(std::string_view id, const RuleDraft& draft) {
  std::lock_guard lock(write_mutex_);
  auto updated = database_.Transaction([&](sql::Connection& connection) -> base::Result<Rule> {
    ENERGY_ASSIGN_OR_RETURN(Rule rule, repository_.Get(connection, id));
    if (draft.version && *draft.version != rule.version) {
      return base::StaleVersion("rule", rule.version);
    }
    const base::Json before = ToJson(rule);
    Apply(draft, rule);
    ENERGY_RETURN_IF_ERROR(Validate(rule));
    ++rule.version;
    rule.updated_at = clock_.Now();
    ENERGY_RETURN_IF_ERROR(repository_.Update(connection, rule));
    ENERGY_RETURN_IF_ERROR(
        audit::Record(connection, clock_, {"rule.update", "rule", rule.id, before, ToJson(rule)}));
    return rule;
  });
  if (!updated.ok()) return updated;
  ENERGY_RETURN_IF_ERROR(LoadLocked());
  return updated;
}

base::Status RuleService::Delete(std::string_view id, std::optional<int64_t> version) {
  std::lock_guard lock(write_mutex_);
  ENERGY_RETURN_IF_ERROR(database_.Transaction([&](sql::Connection& connection) -> base::Status {
    ENERGY_ASSIGN_OR_RETURN(const Rule before, repository_.Get(connection, id));
    if (version.value_or(before.version) != before.version) {
      return base::StaleVersion("rule", before.version);
    }
    ENERGY_RETURN_IF_ERROR(repository_.Delete(connection, id));
    return audit::Record(connection, clock_,
                         {"rule.delete", "rule", before.id, ToJson(before), nullptr});
  }));
  return LoadLocked();
}

}  // namespace energy::rules
