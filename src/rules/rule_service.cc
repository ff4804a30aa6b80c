#include "rules/rule_service.h"

#include <algorithm>
#include <functional>

#include "audit/audit.h"
#include "base/text.h"
#include "base/versions.h"
#include "rules/rule_json.h"

namespace energy::rules {
namespace {

// Of what targets look at: a change of a status, which comes often, does not count.
uint64_t HashTargets(const devices::RegistrySnapshot& registry) {
  const std::hash<std::string> of;
  uint64_t sum = registry.size();
  registry.ForEach([&](const devices::RegisteredDevice& device) {
    uint64_t one = of(device.id) * 0x9e3779b97f4a7c15 + of(device.type);
    for (const auto& [name, value] : device.tags) {
      one = (one ^ of(name)) * 0x9e3779b97f4a7c15 + of(value);
    }
    sum += one * (one | 1);  // in no order
  });
  return sum;
}

base::Status ToStatus(std::vector<base::FieldError> faults) {
  if (faults.empty()) return {};
  return base::InvalidArgument("the rule is not valid", std::move(faults));
}

}  // namespace

RuleService::RuleService(sql::Database& database, const base::Clock& clock, base::Random& random,
                         const devices::Registry& registry, Engine& engine, EpisodesChanged changed)
    : database_(database),
      clock_(clock),
      random_(random),
      registry_(registry),
      engine_(engine),
      changed_(std::move(changed)) {}

base::Status RuleService::Load() {
  std::lock_guard lock(write_mutex_);
  return LoadLocked();
}

base::Status RuleService::LoadLocked() {
  ENERGY_ASSIGN_OR_RETURN(std::vector<Rule> rules, database_.Read([&](sql::Connection& connection) {
    return repository_.AllActive(connection);
  }));
  registry_version_ = registry_.version();
  const auto devices = registry_.Snapshot();
  has_targets_ = std::any_of(rules.begin(), rules.end(),
                             [](const Rule& rule) { return rule.device_id.empty(); });
  registry_targets_ = has_targets_ ? HashTargets(*devices) : 0;
  const auto order = engine_.Order();
  const std::vector<Transition> changes = engine_.SetRules(rules, devices.get());
  if (!changes.empty()) changed_(changes);
  return {};
}

base::Status RuleService::FollowRegistry() {
  std::lock_guard lock(write_mutex_);
  if (!has_targets_ || registry_.version() == registry_version_) return {};
  const uint64_t version = registry_.version();
  if (HashTargets(*registry_.Snapshot()) != registry_targets_) return LoadLocked();
  registry_version_ = version;
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

base::Result<Rule> RuleService::Make(const RuleDraft& draft) const {
  ENERGY_RETURN_IF_ERROR(ToStatus(FaultsOf(draft, /*is_new=*/true)));
  Rule rule;
  Apply(draft, rule);
  ENERGY_RETURN_IF_ERROR(Validate(rule, registry_));
  return rule;
}

base::Result<Rule> RuleService::Create(const RuleDraft& draft,
                                       std::optional<std::string> created_by) {
  ENERGY_ASSIGN_OR_RETURN(Rule rule, Make(draft));
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
  ENERGY_RETURN_IF_ERROR(ToStatus(FaultsOf(draft, /*is_new=*/false)));
  std::lock_guard lock(write_mutex_);
  auto updated = database_.Transaction([&](sql::Connection& connection) -> base::Result<Rule> {
    ENERGY_ASSIGN_OR_RETURN(Rule rule, repository_.Get(connection, id));
    if (draft.version && *draft.version != rule.version) {
      return base::StaleVersion("rule", rule.version);
    }
    const base::Json before = ToJson(rule);
    Apply(draft, rule);
    ENERGY_RETURN_IF_ERROR(Validate(rule, registry_));
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
