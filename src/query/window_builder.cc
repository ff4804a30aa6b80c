#include "query/window_builder.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <limits>

namespace energy::query {
namespace {

constexpr double kNsPerHour = 3.6e12;
constexpr int64_t kMaxGapNs = series::kMaxIntegrationGap.count();

double Hours(int64_t ns) { return static_cast<double>(ns) / kNsPerHour; }

void AddTrapezoid(series::FieldSummary& summary, int64_t ns, double from, double to) {
  summary.integral_h += (from + to) / 2 * Hours(ns);
  summary.integrated_ns += ns;
}

}  // namespace

WindowBuilder::WindowBuilder(const TimeGrid& grid, BuilderOptions options)
    : grid_(grid),
      options_(std::move(options)),
      previous_(options_.fields),
      shift_sum_(options_.fields),
      shift_squares_(options_.fields),
      values_(options_.percentiles.empty() ? 0 : options_.fields) {
  rows_.cells.resize(options_.fields);
  if (options_.keep_values) {
    rows_.values.resize(options_.fields);
  } else {
    rows_.percentiles.resize(options_.fields * options_.percentiles.size());
  }
}

void WindowBuilder::GoTo(int64_t time_ns) {
  const size_t from = rows_.window.empty() ? 0 : rows_.window.back();
  const size_t window = grid_.Find(time_ns, from);
  if (!rows_.window.empty() && window == from) return;
  CloseRow();
  rows_.window.push_back(static_cast<uint32_t>(window));
  for (auto& cells : rows_.cells) cells.emplace_back();
}

void WindowBuilder::CloseRow() {
  if (rows_.window.empty()) return;
  for (size_t f = 0; f < options_.fields; ++f) {
    if (options_.squares) {
      Cell& cell = rows_.cells[f].back();
      const auto count = static_cast<double>(cell.summary.count);
      const double square_of_sum = shift_sum_[f] * shift_sum_[f];
      cell.m2 = count > 0 ? std::max(shift_squares_[f] - square_of_sum / count, 0.0) : 0;
      shift_sum_[f] = shift_squares_[f] = 0;
    }
    if (options_.percentiles.empty()) continue;
    if (options_.keep_values) {
      kept_values_ += values_[f].distinct();
      rows_.values[f].push_back(std::exchange(values_[f], {}));
      continue;
    }
    const size_t columns = options_.percentiles.size();
    for (size_t p = 0; p < columns; ++p) {
      rows_.percentiles[f * columns + p].push_back(values_[f].Quantile(options_.percentiles[p]));
    }
    values_[f].Clear();
  }
}

void WindowBuilder::AddReadings(const std::vector<int64_t>& time_ns,
                                const std::vector<std::vector<double>>& columns) {
  size_t begin = 0;
  while (begin < time_ns.size()) {
    GoTo(time_ns[begin]);
    const int64_t edge = grid_.edges[rows_.window.back() + 1];
    const auto end = static_cast<size_t>(
        std::lower_bound(time_ns.begin() + static_cast<ptrdiff_t>(begin), time_ns.end(), edge) -
        time_ns.begin());
    for (size_t f = 0; f < columns.size(); ++f) {
      AddSegment(f, &time_ns[begin], &columns[f][begin], end - begin);
    }
    begin = end;
  }
}

void WindowBuilder::AddSegment(size_t field, const int64_t* time_ns, const double* values,
                               size_t count) {
  series::FieldSummary& all = rows_.cells[field].back().summary;
  size_t i = 0;
  while (i < count && std::isnan(values[i])) ++i;
  if (i == count) return;
  if (all.count == 0) {
    all.first = all.min = all.max = values[i];
    all.first_ns = time_ns[i];
  }
  if (options_.integrals) Join(field, time_ns[i], values[i]);
  size_t last = i;
  uint64_t n = 0;
  double sum = all.sum;
  double min = all.min;
  double max = all.max;
  for (size_t k = i; k < count; ++k) {
    const double value = values[k];
    if (std::isnan(value)) continue;
    ++n;
    sum += value;
    min = std::min(min, value);
    max = std::max(max, value);
    last = k;
  }
  all.count += n;
  all.sum = sum;
  all.min = min;
  all.max = max;
  all.last = values[last];
  all.last_ns = time_ns[last];
  if (options_.integrals) {
    size_t before = i;
    for (size_t k = i + 1; k < count; ++k) {
      if (std::isnan(values[k])) continue;
      const int64_t step = time_ns[k] - time_ns[before];
      if (step <= kMaxGapNs) {
        AddTrapezoid(all, step, values[before], values[k]);
      }
      before = k;
    }
    previous_[field] = {true, all.last_ns, all.last, rows_.window.size() - 1};
  }
  if (options_.squares) {
    for (size_t k = i; k < count; ++k) {
      if (std::isnan(values[k])) continue;
      const double distance = values[k] - all.first;
      shift_sum_[field] += distance;
      shift_squares_[field] += distance * distance;
    }
  }
  if (!values_.empty()) values_[field].Add({values + i, count - i});
}

void WindowBuilder::AddSummary(size_t field, int64_t start_ns,
                               const series::FieldSummary& summary) {
  if (summary.count == 0) return;
  GoTo(start_ns);
  series::FieldSummary& here = rows_.cells[field].back().summary;
  if (here.count > 0) {
    here.Append(summary);
  } else {
    Join(field, summary.first_ns, summary.first);
    Fold(here, summary);
  }
  previous_[field] = {true, summary.last_ns, summary.last, rows_.window.size() - 1};
}

// Adds the step from the last reading to the next, which is at `time_ns` and in the present row.
void WindowBuilder::Join(size_t field, int64_t time_ns, double value) {
  const Previous& from = previous_[field];
  if (!from.is_set) return;
  const int64_t step = time_ns - from.time_ns;
  if (step > kMaxGapNs) return;
  series::FieldSummary& here = rows_.cells[field].back().summary;
  if (from.row == rows_.window.size() - 1) {
    AddTrapezoid(here, step, from.value, value);
    return;
  }
  const auto between = [&](int64_t at) {
    return from.value + (value - from.value) * Hours(at - from.time_ns) / Hours(step);
  };
  const int64_t end_there = grid_.edges[rows_.window[from.row] + 1];
  const int64_t start_here = grid_.edges[rows_.window.back()];
  AddTrapezoid(rows_.cells[field][from.row].summary, end_there - from.time_ns, from.value,
               between(end_there));
  AddTrapezoid(here, time_ns - start_here, between(start_here), value);
}

size_t WindowBuilder::held_values() const {
  size_t held = kept_values_;
  for (const Distribution& values : values_) held += values.distinct();
  return held;
}

WindowRows WindowBuilder::Finish() {
  CloseRow();
  return std::move(rows_);
}

}  // namespace energy::query
