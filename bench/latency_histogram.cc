#include "latency_histogram.h"

#include <algorithm>
#include <bit>
#include <cmath>

namespace energy::bench {

unsigned LatencyHistogram::Index(uint64_t ns) {
  if (ns < kSteps) return static_cast<unsigned>(ns);
  const auto shift = static_cast<unsigned>(std::bit_width(ns)) - kStepBits - 1;
  const auto step = static_cast<unsigned>(ns >> shift) - static_cast<unsigned>(kSteps);
  return static_cast<unsigned>(kSteps) * (shift + 1) + step;
}

uint64_t LatencyHistogram::UpperBound(unsigned index) {
  if (index < kSteps) return index;
  const unsigned shift = index / static_cast<unsigned>(kSteps) - 1;
  const uint64_t step = index % kSteps;
  return ((kSteps + step + 1) << shift) - 1;
}

uint64_t LatencyHistogram::Percentile(double fraction) const {
  const auto wanted = static_cast<uint64_t>(std::ceil(fraction * static_cast<double>(total_)));
  uint64_t seen = 0;
  for (unsigned i = 0; i < counts_.size(); ++i) {
    seen += counts_[i];
    if (counts_[i] > 0 && seen >= wanted) return std::min(UpperBound(i), max_);
  }
  return max_;
}

}  // namespace energy::bench
