#pragma once

#include <chrono>
#include <optional>

#include "base/random.h"

namespace energy::notifications {

/// How long to wait after failed attempts.
struct Backoff {
  std::chrono::milliseconds first{10'000};
  std::chrono::milliseconds longest{std::chrono::minutes(15)};
};

/// Twice as long after each attempt, up to `longest`, of which a random part is taken, between half
/// and the whole, so that what failed together does not come back together. What the provider asks
/// for is waited for at least, up to an hour. `attempts`: so far, 1 or more.
std::chrono::milliseconds WaitAfter(int64_t attempts, const Backoff& backoff, base::Random& random,
                                    std::optional<std::chrono::seconds> asked_for);

}  // namespace energy::notifications
