#include "series/summary.h"

#include <algorithm>

namespace energy::series {
namespace {

constexpr double kNanosecondsPerHour = 3.6e12;

}  // namespace

double FieldSummary::integrated_h() const {
  return static_cast<double>(integrated_ns) / kNanosecondsPerHour;
}

void FieldSummary::AddStep(int64_t time_ns, double value) {
  const uint64_t step = static_cast<uint64_t>(time_ns) - static_cast<uint64_t>(last_ns);
  if (step > static_cast<uint64_t>(kMaxIntegrationGap.count())) return;
  integral_h += (last + value) / 2 * (static_cast<double>(step) / kNanosecondsPerHour);
  integrated_ns += static_cast<int64_t>(step);
}

void FieldSummary::Add(int64_t time_ns, double value) {
  if (count == 0) {
    min = max = first = value;
    first_ns = time_ns;
  } else {
    min = std::min(min, value);
    max = std::max(max, value);
    AddStep(time_ns, value);
  }
  sum += value;
  last = value;
  last_ns = time_ns;
  ++count;
}

void FieldSummary::Append(const FieldSummary& next) {
  if (next.count == 0) return;
  if (count == 0) {
    *this = next;
    return;
  }
  AddStep(next.first_ns, next.first);
  integral_h += next.integral_h;
  integrated_ns += next.integrated_ns;
  min = std::min(min, next.min);
  max = std::max(max, next.max);
  sum += next.sum;
  last = next.last;
  last_ns = next.last_ns;
  count += next.count;
}

}  // namespace energy::series
