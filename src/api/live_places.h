#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

#include "base/status.h"

namespace energy::api {

/// WebSockets that may be open at the same time; 0: no limit of its own.
struct LiveLimits {
  int64_t per_user = 500;
  /// Of one address, its /64 for IPv6, whoever it is.
  int64_t per_address = 1000;
};

/// Who holds how many live connections. Bounded by the connections of the server.
///
/// Threads: safe anywhere.
class LivePlaces : public std::enable_shared_from_this<LivePlaces> {
 public:
  explicit LivePlaces(LiveLimits limits) : limits_(limits) {}

  /// Given back when the last reference goes.
  using Place = std::shared_ptr<const void>;

  /// A place for one more connection of `user` (a user or an API key) from `remote`.
  /// Errors: kRateLimited, with the fields "limit" and "retry_after_s".
  base::Result<Place> Take(std::string_view user, std::string_view remote);

 private:
  using Counts = std::map<std::string, int64_t, std::less<>>;
  static void Give(Counts& counts, const std::string& key);

  const LiveLimits limits_;
  std::mutex mutex_;
  Counts users_;      // guarded by mutex_
  Counts addresses_;  // guarded by mutex_
};

}  // namespace energy::api
