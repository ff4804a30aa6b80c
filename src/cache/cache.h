#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/status.h"

namespace energy::cache {

/// Outcome of a request for one more place within a sliding window.
struct Taken {
  bool granted = false;
  int64_t remaining = 0;  ///< places left now
  /// Until a refused one would be granted; when granted, until all places are free again.
  std::chrono::milliseconds wait{};
};

/// Small, short-lived facts that the replicas of a platform share: counts of limits, failed logins,
/// ended sessions, one-time values. Two sides: the memory of this process, and Redis. Nothing in it
/// is the only copy of anything that must not be lost: a bounded memory forgets, a server may
/// restart empty.
///
/// Keys are ASCII, such as "login/account/a@b.c"; values and keys are bounded by their callers. An
/// entry is gone after its `ttl`, which is at least a millisecond.
///
/// Errors: kUnavailable when the server cannot be asked or does not answer in time; kInternal when
///   it answers what this program does not understand. The memory has no errors.
/// Threads: safe anywhere. Cost: with local() below a microsecond; else one exchange with the
///   server, bounded by its time limit, so not on an I/O thread.
class Cache {
 public:
  using Duration = std::chrono::milliseconds;

  virtual ~Cache() = default;

  virtual base::Result<std::optional<std::string>> Get(std::string_view key) = 0;
  virtual base::Status Set(std::string_view key, std::string_view value, Duration ttl) = 0;
  /// True for the one caller that found nothing there, whose value stays.
  virtual base::Result<bool> SetIfAbsent(std::string_view key, std::string_view value,
                                         Duration ttl) = 0;
  /// Deletes and answers what was there: of several callers one gets a value.
  virtual base::Result<std::optional<std::string>> Take(std::string_view key) = 0;
  /// Adds one to a count that begins at 0 and is forgotten `ttl` after its last increment.
  virtual base::Result<int64_t> Increment(std::string_view key, Duration ttl) = 0;
  /// Takes one of `limit` (>= 1) places within the last `window`; a refused one takes none. Counts
  /// in two halves, the present window and what of the last one still reaches into it, taken as
  /// evenly spread: constant memory, at most a few percent off an exact record of times.
  virtual base::Result<Taken> TakePlace(std::string_view key, int64_t limit, Duration window) = 0;

  /// True when nothing here waits for another process.
  virtual bool local() const = 0;
};

}  // namespace energy::cache
