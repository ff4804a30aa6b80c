#include <algorithm>

#include "query/window_builder.h"

// Windows of several devices taken together.

namespace energy::query {
namespace {

// Values held to compute percentiles of several devices together: 64 MiB.
constexpr size_t kMaxMergedValues = 4'000'000;

void MergeCell(Cell& into, const Cell& other) {
  const auto a = static_cast<double>(into.summary.count);
  const auto b = static_cast<double>(other.summary.count);
  if (a > 0 && b > 0) {
    // Chan, Golub, LeVeque 1979.
    const double distance = other.summary.sum / b - into.summary.sum / a;
    into.m2 += distance * distance * a * b / (a + b);
  }
  into.m2 += other.m2;
  Fold(into.summary, other.summary);
}

}  // namespace

void Fold(series::FieldSummary& a, const series::FieldSummary& b) {
  if (b.count == 0) return;
  if (a.count == 0) {
    const double integral = a.integral_h;
    const int64_t integrated = a.integrated_ns;
    a = b;
    a.integral_h += integral;
    a.integrated_ns += integrated;
    return;
  }
  a.count += b.count;
  a.sum += b.sum;
  a.min = std::min(a.min, b.min);
  a.max = std::max(a.max, b.max);
  if (b.first_ns < a.first_ns) {
    a.first_ns = b.first_ns;
    a.first = b.first;
  }
  if (b.last_ns >= a.last_ns) {
    a.last_ns = b.last_ns;
    a.last = b.last;
  }
  a.integral_h += b.integral_h;
  a.integrated_ns += b.integrated_ns;
}

base::Status Merge(WindowRows& into, const WindowRows& other) {
  WindowRows merged;
  merged.cells.resize(other.cells.size());
  merged.values.resize(other.values.size());
  size_t held = 0;
  size_t a = 0;
  size_t b = 0;
  while (a < into.window.size() || b < other.window.size()) {
    const uint32_t window = std::min(a < into.window.size() ? into.window[a] : UINT32_MAX,
                                     b < other.window.size() ? other.window[b] : UINT32_MAX);
    const bool in_a = a < into.window.size() && into.window[a] == window;
    const bool in_b = b < other.window.size() && other.window[b] == window;
    merged.window.push_back(window);
    for (size_t f = 0; f < merged.cells.size(); ++f) {
      merged.cells[f].push_back(in_a ? into.cells[f][a] : Cell());
      if (in_b) MergeCell(merged.cells[f].back(), other.cells[f][b]);
    }
    for (size_t f = 0; f < merged.values.size(); ++f) {
      merged.values[f].push_back(in_a ? std::move(into.values[f][a]) : Distribution());
      if (in_b) merged.values[f].back().Merge(other.values[f][b]);
      held += merged.values[f].back().distinct();
    }
    if (held > kMaxMergedValues) {
      return base::TooLarge(
          "percentiles of all devices together need too many values: take fewer devices, a shorter "
          "range or \"group_by\": \"device\"");
    }
    a += in_a ? 1 : 0;
    b += in_b ? 1 : 0;
  }
  into = std::move(merged);
  return {};
}

void ComputePercentiles(WindowRows& rows, const std::vector<double>& percentiles) {
  rows.percentiles.resize(rows.values.size() * percentiles.size());
  for (size_t f = 0; f < rows.values.size(); ++f) {
    for (Distribution& values : rows.values[f]) {
      for (size_t p = 0; p < percentiles.size(); ++p) {
        rows.percentiles[f * percentiles.size() + p].push_back(values.Quantile(percentiles[p]));
      }
    }
  }
  rows.values.clear();
}

}  // namespace energy::query
