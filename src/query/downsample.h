#pragma once

#include "series/store.h"

namespace energy::query {

/// Thins `series` to at most `max_points` rows for a chart, keeping for every field the lowest and
/// highest value of each stretch of time, and the first and last row: no spike disappears.
///
/// Shape: rows keep their order and values; nothing is averaged. max_points >= 4 per field is
/// needed for more than the extremes of the whole. Threads: pure. Cost O(rows x fields).
series::Series Downsample(const series::Series& series, size_t max_points);

}  // namespace energy::query
