#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace energy::query {

/// Exact percentiles of many values. Values that repeat, as those of a sensor with two decimals do,
/// are kept once with their count, so that a year of readings needs little memory.
///
/// Threads: none of its own.
class Distribution {
 public:
  /// NaN is left out. Cost: amortised a sort of small parts.
  void Add(std::span<const double> values);
  void Merge(const Distribution& other);
  void Clear();

  uint64_t count() const { return count_; }
  /// Values held: memory is 16 bytes each, and 8 for each of at most 65,536 more.
  size_t distinct() const { return runs_.size() + pending_.size(); }

  /// The value below which the share `p` of all lies, between two by linear interpolation (type 7
  /// of Hyndman and Fan 1996, as NumPy and R do). NaN when there is none.
  double Quantile(double p);

 private:
  struct Run {
    double value;
    uint64_t count;
  };
  void Compact();
  double At(uint64_t rank) const;

  uint64_t count_ = 0;
  std::vector<Run> runs_;        // ascending, no value twice
  std::vector<double> pending_;  // in no order
  bool sorted_ = false;          // pending_ is
};

}  // namespace energy::query
