#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace energy::telemetry {

/// The times of a device's last readings, to tell a reading that comes again. What arrives in order
/// and what arrives late are kept apart, so that a long backlog does not push out the present.
///
/// Threads: none of its own. Cost: O(1) in order and for a backlog in order; else a binary search,
/// and a move of the kept times when the time is new.
class RecentTimes {
 public:
  enum class Arrival { kInOrder, kOutOfOrder, kDuplicate };

  /// Remembers `time_ns`. Of each kind at least the last `limit` / 2 times are known, at most
  /// `limit`.
  Arrival Add(int64_t time_ns, size_t limit);

 private:
  // Ascending. Full, the older half goes.
  class Run {
   public:
    bool IsAfterAll(int64_t time_ns) const { return times_.empty() || time_ns > times_.back(); }
    bool Contains(int64_t time_ns) const;
    void Insert(int64_t time_ns, size_t limit);

   private:
    std::vector<int64_t> times_;
  };

  Run in_order_;
  Run late_;
};

}  // namespace energy::telemetry
