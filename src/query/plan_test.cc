#include "query/plan.h"

#include "query/test_support.h"
#include "query/time_grid.h"

namespace energy::query {
namespace {

class PlanTest : public ::testing::Test {
 protected:
  static Plan Of(std::string_view start, std::string_view end, std::string_view window,
                 std::string_view zone, std::vector<Aggregate> aggregates = {Aggregate::kMean},
                 PlanHints hints = {.interval_ns = 5 * kSecondNs}) {
    return MakePlan(*MakeTimeGrid(At(start), At(end), ParseWindow(window), zone), aggregates,
                    hints);
  }
};

TEST_F(PlanTest, ChoosesRollupsWhereTheEdgesAreTheirs) {
  EXPECT_EQ(Of("2026-01-01T00:00:00Z", "2026-02-01T00:00:00Z", "1h", "UTC").source,
            Source::kHourly);
  EXPECT_EQ(Of("2026-01-01T00:00:00Z", "2026-02-01T00:00:00Z", "day", "UTC").source,
            Source::kDaily);
  EXPECT_EQ(Of("2025-01-01T00:00:00Z", "2026-02-01T00:00:00Z", "month", "Europe/Berlin").source,
            Source::kHourly);
  EXPECT_EQ(Of("2026-01-01T00:00:00Z", "2026-02-01T00:00:00Z", "", "UTC").source, Source::kDaily);
  EXPECT_EQ(Of("2026-01-01T00:00:00Z", "2026-01-02T00:00:00Z", "5m", "UTC").source, Source::kRaw);
  EXPECT_EQ(Of("2026-01-01T00:00:00Z", "2026-02-01T00:00:00Z", "1h", "Asia/Kolkata").source,
            Source::kRaw);
  EXPECT_EQ(
      Of("2026-01-01T00:00:00Z", "2026-02-01T00:00:00Z", "1h", "UTC", {Aggregate::kP95}).source,
      Source::kRaw);
}

// Days that begin half an hour off the hours of UTC.
TEST_F(PlanTest, ChoosesChunkHeadersWhereWindowsAreLongAndOffTheHour) {
  const auto kolkata = [](std::string_view window, std::vector<Aggregate> aggregates,
                          PlanHints hints) {
    return Of("2026-01-01T00:00:00Z", "2026-02-01T00:00:00Z", window, "Asia/Kolkata",
              std::move(aggregates), hints);
  };
  const PlanHints often{.interval_ns = 5 * kSecondNs};
  EXPECT_EQ(kolkata("day", {Aggregate::kMean}, often).source, Source::kChunkHeader);
  EXPECT_EQ(kolkata("6h", {Aggregate::kLast}, often).source, Source::kChunkHeader);
  EXPECT_EQ(kolkata("2h", {Aggregate::kMean}, often).source, Source::kRaw);
  // What headers lack: integrals, and times to put several devices in order.
  const Plan integral = kolkata("day", {Aggregate::kIntegral}, often);
  EXPECT_EQ(integral.source, Source::kHourly);
  EXPECT_EQ(integral.limited_by, Source::kRaw);  // each edge lies in the middle of an hour
  const PlanHints merged{.interval_ns = 5 * kSecondNs, .merges = true};
  EXPECT_EQ(kolkata("day", {Aggregate::kMean}, merged).source, Source::kChunkHeader);
  EXPECT_EQ(kolkata("day", {Aggregate::kLast}, merged).source, Source::kHourly);
  // A chunk of a slow device spans more than a window.
  EXPECT_EQ(kolkata("day", {Aggregate::kMean}, {.interval_ns = 60 * kSecondNs}).source,
            Source::kHourly);
}

TEST_F(PlanTest, FillsTheEndsFromFinerSources) {
  const Plan plan = Of("2026-01-01T10:20:00Z", "2026-01-03T01:30:00Z", "day", "UTC");
  const auto at = [](const char* text) { return NsAt(text); };
  EXPECT_EQ(plan.pieces,
            (std::vector<Piece>{
                {Piece::From::kSummary, at("2026-01-01T10:20:00Z"), at("2026-01-01T11:00:00Z")},
                {Piece::From::kHourly, at("2026-01-01T11:00:00Z"), at("2026-01-02T00:00:00Z")},
                {Piece::From::kDaily, at("2026-01-02T00:00:00Z"), at("2026-01-03T00:00:00Z")},
                {Piece::From::kHourly, at("2026-01-03T00:00:00Z"), at("2026-01-03T01:00:00Z")},
                {Piece::From::kSummary, at("2026-01-03T01:00:00Z"), at("2026-01-03T01:30:00Z")}}));
  const Plan shorter = Of("2026-01-01T10:20:00Z", "2026-01-01T10:40:00Z", "day", "UTC");
  EXPECT_EQ(shorter.pieces.size(), 1u);
  EXPECT_EQ(shorter.source, Source::kRaw);
}

}  // namespace
}  // namespace energy::query
