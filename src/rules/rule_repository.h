#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/random.h"
#include "rules/model.h"
#include "sql/database.h"
#include "sql/list_query.h"

namespace energy::rules {

struct RuleFilter {
  std::optional<std::string> device_id;
  std::optional<std::string> device_type;  ///< of rules that watch the devices of a type
  std::optional<std::string> property;
  std::optional<RuleStatus> status;
  std::optional<Severity> severity;
  std::string search;  ///< in name and description
  /// name, severity, status, device_id, property, created_at, updated_at, last_triggered
  std::string sort;
};

/// The table `rules`. Statements run on the connection of the caller. Threads: safe anywhere.
class RuleRepository {
 public:
  base::Result<sql::Listing<Rule>> List(sql::Connection& connection, const RuleFilter& filter,
                                        sql::Page page) const;
  base::Result<std::vector<Rule>> AllActive(sql::Connection& connection) const;
  /// Errors: kNotFound.
  base::Result<Rule> Get(sql::Connection& connection, std::string_view id) const;
  base::Status Insert(sql::Connection& connection, const Rule& rule) const;
  /// Writes all but id, created_* and last_triggered where the stored version is `rule.version -
  /// 1`. Errors: kConflict when it is not.
  base::Status Update(sql::Connection& connection, const Rule& rule) const;
  /// Its alerts go too (LLD §3.1.4). Errors: kNotFound.
  base::Status Delete(sql::Connection& connection, std::string_view id) const;
  base::Status SetLastTriggered(sql::Connection& connection, std::string_view id,
                                base::Timestamp at) const;
};

}  // namespace energy::rules
