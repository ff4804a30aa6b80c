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
  int64_t pruned = 0;   ///< the last entry that retention removed; 0: none
  std::string hash;     ///< of the last one that is sound
  /// The first entry that is not what it was, or where one is missing; nothing when all is well.
  std::optional<int64_t> broken;
  std::string reason;  ///< empty when all is well
};

/// Where the log begins: the last entry that retention removed, and its hash.
struct Anchor {
  int64_t sequence = 0;
  std::string hash;
  bool operator==(const Anchor&) const = default;
};

/// The audit log for reading, and for its retention. Threads: safe anywhere; blocks on SQL.
class AuditLog {
 public:
  explicit AuditLog(sql::Database& database) : database_(database) {}

  /// Errors: kInvalidArgument for an unknown sort or a bad page.
  base::Result<sql::Listing<Entry>> List(const AuditFilter& filter, sql::Page page);
  /// At most `limit` (500) that match behind the sequence `after`, the oldest first.
  base::Result<std::vector<Entry>> Next(const AuditFilter& filter, int64_t after, int limit);
  /// Recomputes every hash, and finds the entry that tells of the last removal by retention. Cost:
  /// reads everything.
  base::Result<Verdict> Verify();

  base::Result<Anchor> Beginning();
  /// Removes the entries up to `to`, which follow `from`, and records that somebody did. False when
  /// the log begins elsewhere by now: another replica was faster.
  base::Result<bool> Prune(const base::Clock& clock, const Anchor& from, const Anchor& to);

 private:
  base::Result<Verdict> VerifyOnce();

  sql::Database& database_;
};

}  // namespace energy::audit
