#pragma once

#include <map>
#include <mutex>
#include <set>
#include <string>
#include <utility>

#include "base/clock.h"
#include "base/status.h"
#include "cache/cache.h"

namespace energy::auth {

/// Sessions whose access tokens are refused although they have not expired, in this process and,
/// through the cache, in all replicas. An entry lives until the last such token has expired by
/// itself, and the number of entries kept here is bounded.
///
/// Threads: safe anywhere. Cost: of a local cache, a lookup in memory; else one exchange with its
/// server unless the session is known to have ended.
class Revocations {
 public:
  /// `shared` outlives this.
  explicit Revocations(cache::Cache& shared, size_t limit = 100'000)
      : shared_(shared), limit_(limit) {}

  /// False when the oldest entry had to go to make room, or the replicas could not be told.
  bool Add(const std::string& session_id, base::Timestamp until, base::Timestamp now);
  /// Errors: kUnavailable when the replicas' ended sessions cannot be asked for.
  base::Result<bool> Contains(const std::string& session_id) const;
  /// Tells the replicas again what this process knows, after the cache was away: it may have been
  /// told nothing, or have come back empty.
  void Share(base::Timestamp now);
  size_t size() const;

 private:
  bool Keep(const std::string& session_id, base::Timestamp until, base::Timestamp now);
  bool Tell(const std::string& session_id, base::Timestamp until, base::Timestamp now);

  cache::Cache& shared_;
  const size_t limit_;
  mutable std::mutex mutex_;
  std::map<std::string, base::Timestamp, std::less<>> until_;    // guarded by mutex_
  std::set<std::pair<base::Timestamp, std::string>> by_expiry_;  // guarded by mutex_
};

}  // namespace energy::auth
