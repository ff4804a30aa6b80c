#pragma once

#include <map>
#include <mutex>
#include <set>
#include <string>
#include <utility>

#include "base/clock.h"

namespace energy::auth {

/// Sessions whose access tokens are refused although they have not expired. An entry lives until
/// the last such token has expired by itself, and the number of entries is bounded.
///
/// Threads: safe anywhere.
class Revocations {
 public:
  explicit Revocations(size_t limit = 100'000) : limit_(limit) {}

  /// False when the oldest entry had to go to make room.
  bool Add(const std::string& session_id, base::Timestamp until, base::Timestamp now);
  bool Contains(const std::string& session_id) const;
  size_t size() const;

 private:
  const size_t limit_;
  mutable std::mutex mutex_;
  std::map<std::string, base::Timestamp, std::less<>> until_;    // guarded by mutex_
  std::set<std::pair<base::Timestamp, std::string>> by_expiry_;  // guarded by mutex_
};

}  // namespace energy::auth
