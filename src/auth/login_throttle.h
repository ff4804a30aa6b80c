#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "cache/cache.h"

namespace energy::auth {

struct ThrottleOptions {
  int free_failures = 5;                ///< of an account, before the first lock
  int free_failures_per_address = 30;   ///< the same of an address; 0: addresses are not locked
  std::chrono::seconds first_lock{30};  ///< doubles with each further failure
  std::chrono::seconds longest_lock{15 * 60};
  std::chrono::seconds forget_after{60 * 60};  ///< without a failure
};

/// Locks an account, and an address, for a growing time after repeated wrong passwords (decision
/// 5). An account counts by the email as typed, known or not, so that the answer does not tell
/// which exist. A success forgives the account, not the address: who has one account may not try
/// others.
///
/// Threads: safe anywhere; blocks as its cache does. Counts where the cache counts: shared by
/// replicas, forgotten by a restart when that is the own memory.
class LoginThrottle {
 public:
  /// `counts` outlives this and has no errors that last: a FallbackCache or the own memory.
  LoginThrottle(ThrottleOptions options, cache::Cache& counts, const base::Clock& clock);

  /// How long `account` or `remote`, an IP address or empty, is still locked; 0: it may try.
  std::chrono::seconds Locked(std::string_view account, std::string_view remote = {});
  void Failed(std::string_view account, std::string_view remote = {});
  void Succeeded(std::string_view account);

 private:
  std::chrono::seconds Left(const std::string& subject);
  void Count(const std::string& subject, int free_failures);

  const ThrottleOptions options_;
  cache::Cache& counts_;
  const base::Clock& clock_;
};

}  // namespace energy::auth
