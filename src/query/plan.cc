#include "query/plan.h"

#include <algorithm>

#include "series/store.h"

namespace energy::query {
namespace {

constexpr int64_t kHourNs = series::BucketNanoseconds(series::Resolution::kHourly);
constexpr int64_t kDayNs = series::BucketNanoseconds(series::Resolution::kDaily);
// From about this width on, one summary of a window costs less than going through its readings: it
// decodes up to two hours of them at the ends.
constexpr int64_t kSummaryWidthNs = 12 * kHourNs;

// What the store aims at (docs/formats/README.md), and how many of them make a window in which one
// lies whole.
constexpr int64_t kChunkReadings = 1024;
constexpr int64_t kHeaderChunks = 2;

int64_t Floor(int64_t time_ns, int64_t step) {
  const int64_t into = time_ns % step;
  return time_ns - into - (into < 0 ? step : 0);
}

int64_t Ceil(int64_t time_ns, int64_t step) { return Floor(time_ns + step - 1, step); }

void Add(std::vector<Piece>& pieces, Piece::From from, int64_t start_ns, int64_t end_ns) {
  if (start_ns < end_ns) pieces.push_back({from, start_ns, end_ns});
}

// [start, end) whose inner edges are on the hour: the hours, and what is left at both ends.
void AddHours(std::vector<Piece>& pieces, int64_t start_ns, int64_t end_ns) {
  const int64_t first = std::min(Ceil(start_ns, kHourNs), end_ns);
  const int64_t last = std::max(Floor(end_ns, kHourNs), first);
  Add(pieces, Piece::From::kSummary, start_ns, first);
  Add(pieces, Piece::From::kHourly, first, last);
  Add(pieces, Piece::From::kSummary, last, end_ns);
}

// Headers give no times of a field that has gaps, so which of two devices came first is not there.
bool InHeaders(const std::vector<Aggregate>& aggregates, bool merges) {
  return std::all_of(aggregates.begin(), aggregates.end(), [merges](Aggregate aggregate) {
    const bool by_time = aggregate == Aggregate::kFirst || aggregate == Aggregate::kLast;
    return IsInHeaders(aggregate) && !(merges && by_time);
  });
}

Source SourceOf(const std::vector<Piece>& pieces) {
  Source source = Source::kRaw;
  for (const Piece& piece : pieces) {
    if (piece.from == Piece::From::kHeaders) return Source::kChunkHeader;
    if (piece.from == Piece::From::kDaily) return Source::kDaily;
    if (piece.from == Piece::From::kHourly) source = Source::kHourly;
    // A summary takes the whole hours it covers from the hourly rollups.
    if (piece.from == Piece::From::kSummary && piece.end_ns - piece.start_ns >= 2 * kHourNs) {
      source = Source::kHourly;
    }
  }
  return source;
}

}  // namespace

Plan MakePlan(const TimeGrid& grid, const std::vector<Aggregate>& aggregates,
              const PlanHints& hints) {
  Plan plan;
  const int64_t start_ns = grid.edges.front();
  const int64_t end_ns = grid.edges.back();
  const bool in_summaries = std::all_of(aggregates.begin(), aggregates.end(), IsInSummaries);
  const int64_t width = (end_ns - start_ns) / static_cast<int64_t>(grid.windows());
  const int64_t chunk_ns = hints.interval_ns * kChunkReadings;
  bool inner_edges_in_readings = false;
  if (in_summaries && grid.IsAligned(kDayNs)) {
    const int64_t first = std::min(Ceil(start_ns, kDayNs), end_ns);
    const int64_t last = std::max(Floor(end_ns, kDayNs), first);
    AddHours(plan.pieces, start_ns, first);
    Add(plan.pieces, Piece::From::kDaily, first, last);
    AddHours(plan.pieces, last, end_ns);
  } else if (in_summaries && grid.IsAligned(kHourNs)) {
    AddHours(plan.pieces, start_ns, end_ns);
  } else if (InHeaders(aggregates, hints.merges) && width >= kHeaderChunks * chunk_ns) {
    Add(plan.pieces, Piece::From::kHeaders, start_ns, end_ns);
  } else if (in_summaries && width >= kSummaryWidthNs) {
    inner_edges_in_readings = true;
    for (size_t i = 0; i < grid.windows(); ++i) {
      Add(plan.pieces, Piece::From::kSummary, grid.edges[i], grid.edges[i + 1]);
    }
  } else {
    Add(plan.pieces, Piece::From::kReadings, start_ns, end_ns);
  }
  plan.source = SourceOf(plan.pieces);
  plan.limited_by = inner_edges_in_readings ? Source::kRaw : plan.source;
  return plan;
}

}  // namespace energy::query
