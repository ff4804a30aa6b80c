#pragma once

#include <cstdint>
#include <vector>

#include "query/model.h"
#include "query/time_grid.h"

namespace energy::query {

/// A stretch of the range and where its numbers come from.
struct Piece {
  enum class From {
    kReadings,  ///< go through them
    kHeaders,   ///< headers of the chunks that lie in one window, readings of the others
    kSummary,   ///< one summary, which lies in one window: whole hours and the readings at its ends
    kHourly,    ///< hourly rollups; begins and ends on the hour of UTC
    kDaily,     ///< daily rollups; begins and ends with the day of UTC
  };
  From from = From::kReadings;
  int64_t start_ns = 0;
  int64_t end_ns = 0;

  bool operator==(const Piece&) const = default;
};

struct Plan {
  Source source = Source::kRaw;      ///< of the greatest part
  Source limited_by = Source::kRaw;  ///< whose retention says from when on the answer is complete
  std::vector<Piece> pieces;         ///< in order, without gaps
};

/// What is known of the devices.
struct PlanHints {
  int64_t interval_ns = 0;  ///< between readings, the longest
  bool merges = false;      ///< readings of several devices make one row
};

/// Chooses the cheapest source that can answer. Rollups hold what a summary holds and have edges on
/// the hour or the day of UTC, so they serve windows whose edges are there in the zone of the
/// query. Other windows: where they span chunks the headers of these, which lack integrals, or one
/// summary each where they are long; else readings, which also serve what lies between the ends of
/// the range and the first and last edge of a rollup.
Plan MakePlan(const TimeGrid& grid, const std::vector<Aggregate>& aggregates,
              const PlanHints& hints);

}  // namespace energy::query
