#pragma once

#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/random.h"
#include "devices/registry.h"
#include "rules/engine.h"
#include "rules/rule_repository.h"
#include "sql/database.h"

namespace energy::rules {

/// What a rule is made from, or changed to; an absent member takes the default or stays as it is.
struct RuleDraft {
  std::optional<std::string> name;
  std::optional<std::optional<std::string>> description;
  std::optional<std::string> device_id;
  std::optional<std::string> property;
  std::optional<Operator> op;
  std::optional<double> threshold;
  std::optional<std::optional<double>> clear_threshold;
  std::optional<Severity> severity;
  std::optional<RuleStatus> status;
  std::optional<std::vector<std::string>> notification_channels;
  std::optional<int64_t> cooldown_minutes;
  std::optional<int64_t> version;  ///< the version the change was made from
};

/// Rules (LLD §4.4): the only writer of their table and of the engine's rules. When a call returns,
/// the engine works by what it stored.
///
/// Threads: safe anywhere. Blocks on SQL.
class RuleService {
 public:
  /// `ended` is given the episodes that a change of the rules brought to their end.
  using EpisodesEnded = std::function<void(const std::vector<Transition>&)>;

  RuleService(sql::Database& database, const base::Clock& clock, base::Random& random,
              const devices::Registry& registry, Engine& engine, EpisodesEnded ended);

  /// Gives the stored rules to the engine. At start, and after a device was deleted.
  base::Status Load();

  base::Result<sql::Listing<Rule>> List(const RuleFilter& filter, sql::Page page);
  /// Errors: kNotFound.
  base::Result<Rule> Get(std::string_view id);
  /// Errors: kInvalidArgument with fields.
  base::Result<Rule> Create(const RuleDraft& draft, std::optional<std::string> created_by);
  /// Errors: kInvalidArgument with fields, kNotFound, kConflict for a stale version.
  base::Result<Rule> Update(std::string_view id, const RuleDraft& draft);
  /// Its alerts go too. Errors: kNotFound, kConflict when `version` is not the present one.
  base::Status Delete(std::string_view id, std::optional<int64_t> version = std::nullopt);

 private:
  base::Status Validate(const Rule& rule) const;
  base::Status LoadLocked();

  sql::Database& database_;
  const base::Clock& clock_;
  base::Random& random_;
  const devices::Registry& registry_;
  Engine& engine_;
  const EpisodesEnded ended_;
  RuleRepository repository_;
  std::mutex write_mutex_;  // the engine gets rules in the order of their commits
};

}  // namespace energy::rules
