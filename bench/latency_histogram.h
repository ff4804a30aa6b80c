#pragma once

#include <array>
#include <cstdint>

namespace energy::bench {

/// Counts durations with a relative error of at most 1/64, in constant memory.
///
/// Units: nanoseconds. Threads: one. Cost of Add: a few nanoseconds.
class LatencyHistogram {
 public:
  void Add(uint64_t ns) {
    ++counts_[Index(ns)];
    ++total_;
    if (ns > max_) max_ = ns;
  }

  /// The duration that `fraction` (0 to 1) of all do not exceed; 0 when there are none.
  uint64_t Percentile(double fraction) const;
  uint64_t max() const { return max_; }
  uint64_t total() const { return total_; }

 private:
  // Durations below kSteps have a bucket each; above, each power of two is cut into kSteps.
  static constexpr unsigned kStepBits = 6;
  static constexpr uint64_t kSteps = uint64_t{1} << kStepBits;

  static unsigned Index(uint64_t ns);
  static uint64_t UpperBound(unsigned index);

  std::array<uint64_t, (64 - kStepBits + 1) * kSteps> counts_{};
  uint64_t total_ = 0;
  uint64_t max_ = 0;
};

}  // namespace energy::bench
