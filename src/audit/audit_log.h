#pragma once

#include <optional>
#include <string>
#include <vector>

#include "audit/entry.h"
#include "base/status.h"
#include "sql/database.h"
#include "sql/list_query.h"

namespace energy::audit {

struct AuditFilter {
  std::optional<std::string> actor{};
  std::optional<std::string> action{};
  std::optional<std::string> resource_type{};
  std::optional<std::string> resource_id{};
  std::optional<base::Timestamp> start{};
  std::optional<base::Timestamp> end{};  ///< exclusive
  std::string search{};                  ///< in actor, action, resource and states
  std::string sort{};                    ///< sequence, with '-' to descend; the newest first
};

/// What a look at the whole chain found.
struct Verdict {
  int64_t entries = 0;  ///< looked at
  std::string hash;     ///< of the last one that is sound
  /// The first entry that is not what it was, or where one is missing; nothing when all is well.
  std::optional<int64_t> broken;
  std::string reason;  ///< empty when all is well
};

/// The audit log for reading. Threads: safe anywhere; blocks on SQL.
class AuditLog {
 public:
  explicit AuditLog(sql::Database& database) : database_(database) {}

  /// Errors: kInvalidArgument for an unknown sort or a bad page.
  base::Result<sql::Listing<Entry>> List(const AuditFilter& filter, sql::Page page);
  /// At most `limit` (500) that match behind the sequence `after`, the oldest first.
  base::Result<std::vector<Entry>> Next(const AuditFilter& filter, int64_t after, int limit);
  /// Recomputes every hash. Cost: reads everything.
  base::Result<Verdict> Verify();

 private:
  sql::Database& database_;
};

}  // namespace energy::audit
