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
#include "rules/rule_draft.h"
#include "rules/rule_repository.h"
#include "sql/database.h"

namespace energy::rules {

/// Rules (LLD §4.4): the only writer of their table and of the engine's rules. When a call returns,
/// the engine works by what it stored.
///
/// Threads: safe anywhere. Blocks on SQL.
class RuleService {
 public:
  /// Is given what a change of the rules did to episodes.
  using EpisodesChanged = std::function<void(const std::vector<Transition>&)>;

  RuleService(sql::Database& database, const base::Clock& clock, base::Random& random,
              const devices::Registry& registry, Engine& engine, EpisodesChanged changed);

  /// Gives the stored rules to the engine. At start, and after a device was deleted.
  base::Status Load();
  /// The same, if a rule watches devices by their type, tag or all, and other devices than before
  /// may be such. Cheap otherwise: to be called often. Errors: those of the database.
  base::Status FollowRegistry();

  base::Result<sql::Listing<Rule>> List(const RuleFilter& filter, sql::Page page);
  /// Errors: kNotFound.
  base::Result<Rule> Get(std::string_view id);
  /// The rule that `draft` would become; nothing is stored. Errors: kInvalidArgument with fields.
  base::Result<Rule> Make(const RuleDraft& draft) const;
  /// Errors: kInvalidArgument with fields.
  base::Result<Rule> Create(const RuleDraft& draft, std::optional<std::string> created_by);
  /// Errors: kInvalidArgument with fields, kNotFound, kConflict for a stale version.
  base::Result<Rule> Update(std::string_view id, const RuleDraft& draft);
  /// Its alerts go too. Errors: kNotFound, kConflict when `version` is not the present one.
  base::Status Delete(std::string_view id, std::optional<int64_t> version = std::nullopt);

 private:
  base::Status LoadLocked();

  sql::Database& database_;
  const base::Clock& clock_;
  base::Random& random_;
  const devices::Registry& registry_;
  Engine& engine_;
  const EpisodesChanged changed_;
  RuleRepository repository_;
  std::mutex write_mutex_;         // the engine gets rules in the order of their commits
  bool has_targets_ = false;       // guarded by write_mutex_; a rule watches more than one device
  uint64_t registry_version_ = 0;  // guarded by write_mutex_; that the engine's rules follow
  uint64_t registry_targets_ = 0;  // guarded by write_mutex_; a hash of who is what there
};

}  // namespace energy::rules
