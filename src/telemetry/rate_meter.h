#pragma once

#include <array>
#include <atomic>
#include <cstdint>

#include "base/clock.h"

namespace energy::telemetry {

/// Counts events per second for a rate over the last ten seconds.
///
/// Threads: safe anywhere; a count that races the turn of a second may land in its neighbour.
class RateMeter {
 public:
  explicit RateMeter(const base::Clock& clock) : clock_(clock) {}

  void Add(uint64_t count) {
    const int64_t second = Second();
    Slot& slot = slots_[static_cast<size_t>(second) % kSlots];
    if (slot.second.exchange(second, std::memory_order_relaxed) != second) {
      slot.count.store(0, std::memory_order_relaxed);
    }
    slot.count.fetch_add(count, std::memory_order_relaxed);
  }

  /// Events per second over the ten whole seconds before this one.
  double PerSecond() const {
    const int64_t now = Second();
    uint64_t count = 0;
    for (const Slot& slot : slots_) {
      const int64_t age = now - slot.second.load(std::memory_order_relaxed);
      if (age >= 1 && age <= kWindow) count += slot.count.load(std::memory_order_relaxed);
    }
    return static_cast<double>(count) / kWindow;
  }

 private:
  static constexpr int64_t kWindow = 10;
  static constexpr size_t kSlots = 16;
  struct Slot {
    std::atomic<int64_t> second = INT64_MIN / 2;
    std::atomic<uint64_t> count = 0;
  };

  int64_t Second() const {
    return std::chrono::duration_cast<std::chrono::seconds>(clock_.Steady().time_since_epoch())
        .count();
  }

  const base::Clock& clock_;
  std::array<Slot, kSlots> slots_;
};

}  // namespace energy::telemetry
