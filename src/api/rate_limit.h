#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/status.h"
#include "cache/cache.h"
#include "http/message.h"

namespace energy::api {

/// What is counted together (LLD §5.1).
enum class RateClass {
  kAuth,     ///< where passwords can be guessed: login, registration
  kDevices,  ///< /api/devices
  kData,     ///< /api/data, but for writes
  kOthers,   ///< the rest of /api, the upkeep of a session included
  kIngest,   ///< writes of telemetry
  kNone,     ///< health, metrics and the page's own files
};
inline constexpr size_t kRateClasses = 5;

RateClass RateClassOf(http::Method method, std::string_view pattern);

/// Requests a minute by class; 0: no limit.
struct RateLimits {
  std::array<int64_t, kRateClasses> per_minute{20, 100, 200, 100, 0};
};

/// Limits requests of a user, or of an address where nobody is known, within the last minute.
/// Counts where its cache counts: with a shared one for all replicas together.
///
/// Threads: safe anywhere; blocks as its cache does.
class RateLimiter {
 public:
  /// `counts` outlives this and has no errors that last.
  RateLimiter(RateLimits limits, cache::Cache& counts) : limits_(limits), counts_(counts) {}

  /// What one more request came to: headers for its answer, and whether there will be one.
  struct Verdict {
    base::Status status;  ///< kRateLimited when it is refused
    int64_t limit = 0;    ///< 0: none, and no headers
    int64_t remaining = 0;
    int64_t reset_s = 0;
  };
  /// `user`: its id, or empty; then `remote` counts, its /64 for IPv6.
  Verdict Take(RateClass rate_class, std::string_view user, std::string_view remote);

  /// RateLimit-Limit, -Remaining and -Reset (draft-ietf-httpapi-ratelimit-headers-06).
  static void SetHeaders(const Verdict& verdict, http::Response& response);

 private:
  const RateLimits limits_;
  cache::Cache& counts_;
};

}  // namespace energy::api
