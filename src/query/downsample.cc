#include "query/downsample.h"

#include <algorithm>
#include <cmath>

namespace energy::query {
namespace {

// Marks the rows of [begin, end) in which some field has its lowest or highest value.
void MarkExtremes(const series::Series& series, size_t begin, size_t end, std::vector<bool>& keep) {
  for (const std::vector<double>& column : series.columns) {
    size_t low = end;
    size_t high = end;
    for (size_t i = begin; i < end; ++i) {
      if (std::isnan(column[i])) continue;
      if (low == end || column[i] < column[low]) low = i;
      if (high == end || column[i] > column[high]) high = i;
    }
    if (low == end) continue;
    keep[low] = true;
    keep[high] = true;
  }
}

series::Series Select(const series::Series& series, const std::vector<bool>& keep) {
  series::Series thin;
  thin.fields = series.fields;
  thin.truncated = series.truncated;
  thin.columns.resize(series.columns.size());
  for (size_t i = 0; i < keep.size(); ++i) {
    if (!keep[i]) continue;
    thin.time_ns.push_back(series.time_ns[i]);
    for (size_t c = 0; c < series.columns.size(); ++c) {
      thin.columns[c].push_back(series.columns[c][i]);
    }
  }
  return thin;
}

}  // namespace

series::Series Downsample(const series::Series& series, size_t max_points) {
  const size_t rows = series.time_ns.size();
  if (rows <= max_points || rows < 3) return series;
  const size_t per_bucket = 2 * std::max<size_t>(series.columns.size(), 1);
  const size_t buckets = std::max<size_t>((max_points - 2) / per_bucket, 1);
  std::vector<bool> keep(rows, false);
  keep.front() = true;
  keep.back() = true;
  const double span = static_cast<double>(series.time_ns.back() - series.time_ns.front()) + 1;
  size_t begin = 0;
  for (size_t bucket = 0; bucket < buckets; ++bucket) {
    const auto limit =
        series.time_ns.front() +
        static_cast<int64_t>(span * static_cast<double>(bucket + 1) / static_cast<double>(buckets));
    const size_t end = bucket + 1 == buckets
                           ? rows
                           : static_cast<size_t>(std::lower_bound(series.time_ns.begin(),
                                                                  series.time_ns.end(), limit) -
                                                 series.time_ns.begin());
    MarkExtremes(series, begin, end, keep);
    begin = end;
  }
  return Select(series, keep);
}

}  // namespace energy::query
