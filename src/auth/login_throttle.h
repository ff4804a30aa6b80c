#pragma once

#include <chrono>
#include <map>
#include <mutex>
#include <string>
#include <unordered_map>

#include "base/clock.h"

namespace energy::auth {

struct ThrottleOptions {
  int free_failures = 5;                ///< failures before the first lock
  std::chrono::seconds first_lock{30};  ///< doubles with each further failure
  std::chrono::seconds longest_lock{15 * 60};
  std::chrono::seconds forget_after{60 * 60};  ///< without a failure
  size_t max_accounts = 10'000;                ///< the least recently failed are forgotten
};

/// Locks an account for a growing time after repeated wrong passwords (decision 5). Counts by the
/// email as typed, known or not, so that the answer does not tell which exist.
///
/// Threads: safe anywhere. In memory: a restart forgets.
class LoginThrottle {
 public:
  LoginThrottle(ThrottleOptions options, const base::Clock& clock);

  /// How long `account` is still locked; 0 when it may try.
  std::chrono::seconds Locked(const std::string& account);
  void Failed(const std::string& account);
  void Succeeded(const std::string& account);
  size_t size() const;

 private:
  using Steady = std::chrono::steady_clock::time_point;
  struct Entry {
    int failures = 0;
    Steady locked_until;
    Steady last_failure;
    uint64_t order = 0;  // key in by_age_
  };

  void Forget(Steady now);

  const ThrottleOptions options_;
  const base::Clock& clock_;
  mutable std::mutex mutex_;
  std::unordered_map<std::string, Entry> entries_;  // guarded by mutex_
  std::map<uint64_t, std::string> by_age_;          // guarded by mutex_
  uint64_t next_order_ = 0;                         // guarded by mutex_
};

}  // namespace energy::auth
