#pragma once

#include <algorithm>
#include <cstdint>

#include "cache/cache.h"

namespace energy::cache {

/// The state of Cache::TakePlace: how many were granted in the window `index` and in the one before
/// it. Times in ms since any fixed moment. redis_cache.cc has the same in Lua.
struct SlidingWindow {
  int64_t index = 0;
  int64_t count = 0;
  int64_t previous = 0;

  /// Moves on to the window of `now`.
  void Advance(int64_t now, int64_t window) {
    const int64_t present = now / window;
    if (present == index) return;
    previous = present == index + 1 ? count : 0;
    count = 0;
    index = present;
  }

  Taken Take(int64_t now, int64_t limit, int64_t window) {
    Advance(now, window);
    const int64_t left = window - now % window;  // of the present window, 1 to `window`
    // In units of 1/window, so that all stays whole.
    const int64_t used = previous * left + count * window;
    if (used + window <= limit * window) {
      ++count;
      return {true, (limit * window - used - window) / window, Cache::Duration(left + window)};
    }
    return {false, 0, Cache::Duration(Wait(left, limit, window))};
  }

 private:
  // Until `previous * left` has shrunk enough; when the present window alone is full, until it is
  // the previous one and has shrunk enough.
  int64_t Wait(int64_t left, int64_t limit, int64_t window) const {
    const bool full = count >= limit;
    const int64_t shrinking = full ? count : previous;
    const int64_t room = (limit - 1 - (full ? 0 : count)) * window;
    const int64_t fits = shrinking == 0 ? 0 : room / shrinking;
    return std::max<int64_t>(1, (full ? left + window : left) - fits);
  }
};

}  // namespace energy::cache
