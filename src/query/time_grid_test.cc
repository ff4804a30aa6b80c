#include "query/time_grid.h"

#include <gtest/gtest.h>

#include "base/time_text.h"

namespace energy::query {
namespace {

base::Timestamp At(std::string_view text) { return *base::ParseTimestamp(text); }

std::vector<std::string> Edges(std::string_view start, std::string_view end,
                               std::string_view window, std::string_view zone) {
  const auto grid = MakeTimeGrid(At(start), At(end), ParseWindow(window), zone);
  EXPECT_TRUE(grid.ok()) << grid.status().ToString();
  std::vector<std::string> text;
  for (const int64_t edge : grid->edges) {
    text.push_back(base::FormatTimestamp(base::Timestamp(std::chrono::nanoseconds(edge))));
  }
  return text;
}

using Texts = std::vector<std::string>;

TEST(Window, ReadsAndWritesItsText) {
  for (const std::string_view text : {"30s", "5m", "1h", "day", "week", "month"}) {
    const auto window = ParseWindow(text);
    ASSERT_TRUE(window) << text;
    EXPECT_EQ(WindowText(*window), text);
  }
  EXPECT_EQ(WindowText(*ParseWindow("1d")), "day");
  EXPECT_EQ(WindowText(*ParseWindow("1mo")), "month");
  for (const std::string_view text :
       {"", "0m", "-5m", "5", "m", "5 m", "5x", "2d", "1.5h", "99999999999999999999h", "100001s"}) {
    EXPECT_FALSE(ParseWindow(text)) << text;
  }
}

TEST(TimeGrid, FixedWindowsAreCutToTheRange) {
  EXPECT_EQ(Edges("2026-02-07T11:02:00Z", "2026-02-07T11:16:00Z", "5m", "UTC"),
            (Texts{"2026-02-07T11:02:00Z", "2026-02-07T11:05:00Z", "2026-02-07T11:10:00Z",
                   "2026-02-07T11:15:00Z", "2026-02-07T11:16:00Z"}));
  EXPECT_EQ(Edges("2026-02-07T11:00:00Z", "2026-02-07T13:00:00Z", "1h", "UTC"),
            (Texts{"2026-02-07T11:00:00Z", "2026-02-07T12:00:00Z", "2026-02-07T13:00:00Z"}));
  EXPECT_EQ(Edges("1969-12-31T23:50:00Z", "1970-01-01T00:10:00Z", "15m", "UTC"),
            (Texts{"1969-12-31T23:50:00Z", "1970-01-01T00:00:00Z", "1970-01-01T00:10:00Z"}));
}

TEST(TimeGrid, FixedWindowsFollowTheClockOfTheZone) {
  // +05:30.
  EXPECT_EQ(Edges("2026-02-07T11:15:00Z", "2026-02-07T13:00:00Z", "1h", "Asia/Kolkata"),
            (Texts{"2026-02-07T11:15:00Z", "2026-02-07T11:30:00Z", "2026-02-07T12:30:00Z",
                   "2026-02-07T13:00:00Z"}));
}

TEST(TimeGrid, DaysHave23And25HoursWhenTheClocksChange) {
  EXPECT_EQ(Edges("2026-03-27T23:00:00Z", "2026-03-30T22:00:00Z", "day", "Europe/Berlin"),
            (Texts{"2026-03-27T23:00:00Z", "2026-03-28T23:00:00Z", "2026-03-29T22:00:00Z",
                   "2026-03-30T22:00:00Z"}));
  EXPECT_EQ(Edges("2026-10-24T00:00:00+02:00", "2026-10-27T00:00:00+01:00", "day", "Europe/Berlin"),
            (Texts{"2026-10-23T22:00:00Z", "2026-10-24T22:00:00Z", "2026-10-25T23:00:00Z",
                   "2026-10-26T23:00:00Z"}));
}

TEST(TimeGrid, ADayThatHasNoMidnightBeginsAfterIt) {
  // At 00:00 of 2018-11-04 the clocks of Brazil went on to 01:00.
  EXPECT_EQ(Edges("2018-11-03T12:00:00Z", "2018-11-05T12:00:00Z", "day", "America/Sao_Paulo"),
            (Texts{"2018-11-03T12:00:00Z", "2018-11-04T03:00:00Z", "2018-11-05T02:00:00Z",
                   "2018-11-05T12:00:00Z"}));
}

TEST(TimeGrid, WeeksBeginOnMondayAndMonthsOnTheFirst) {
  EXPECT_EQ(Edges("2026-02-05T00:00:00Z", "2026-02-17T00:00:00Z", "week", "UTC"),
            (Texts{"2026-02-05T00:00:00Z", "2026-02-09T00:00:00Z", "2026-02-16T00:00:00Z",
                   "2026-02-17T00:00:00Z"}));
  EXPECT_EQ(Edges("2026-01-31T12:00:00Z", "2026-04-01T04:00:00Z", "month", "America/New_York"),
            (Texts{"2026-01-31T12:00:00Z", "2026-02-01T05:00:00Z", "2026-03-01T05:00:00Z",
                   "2026-04-01T04:00:00Z"}));
}

TEST(TimeGrid, WithoutAWindowThereIsOne) {
  const auto grid =
      MakeTimeGrid(At("2026-02-07T11:02:00Z"), At("2026-02-09T11:02:00Z"), std::nullopt, "UTC");
  EXPECT_EQ(grid->windows(), 1u);
  EXPECT_TRUE(grid->IsAligned(86'400'000'000'000));
}

TEST(TimeGrid, FindsTheWindowOfEachTime) {
  const auto grid = MakeTimeGrid(At("2026-01-01T00:00:30Z"), At("2026-01-02T00:00:10Z"),
                                 ParseWindow("1m"), "UTC");
  ASSERT_EQ(grid->windows(), 1441u);
  for (size_t i = 0; i < grid->windows(); i += 7) {
    for (const size_t from : {size_t{0}, i / 2, i}) {
      EXPECT_EQ(grid->Find(grid->edges[i], from), i);
      EXPECT_EQ(grid->Find(grid->edges[i + 1] - 1, from), i);
    }
  }
}

TEST(TimeGrid, RefusesWhatItCannotDivide) {
  const auto start = At("2026-01-01T00:00:00Z");
  const auto end = At("2027-01-01T00:00:00Z");
  const auto zone = MakeTimeGrid(start, end, ParseWindow("1h"), "Europe/Atlantis");
  EXPECT_EQ(zone.status().fields().front().field, "time_zone");
  const auto many = MakeTimeGrid(start, end, ParseWindow("1s"), "UTC");
  EXPECT_EQ(many.status().fields().front().field, "window");
}

}  // namespace
}  // namespace energy::query
