#include "query/engine.h"

#include <algorithm>

#include "query/test_support.h"

namespace energy::query {
namespace {

using QueryTest = TwoBulbsTest;

TEST_F(QueryTest, ReadingsOfSeveralDevicesComeOneDeviceAfterTheOther) {
  Query query = Base();
  query.devices = {"D2", "empty", "D1"};
  query.fields = {"power"};
  const All all = Run(query);
  ASSERT_EQ(all.blocks.size(), 2u);
  EXPECT_EQ(all.blocks[0].key, "D2");
  EXPECT_EQ(all.blocks[1].key, "D1");
  EXPECT_EQ(all.blocks[1].time_ns.size(), 60u);
  EXPECT_EQ(all.blocks[1].columns[0][59], 59);
  EXPECT_EQ(all.header.columns[0].name, "power");
  EXPECT_EQ(all.header.columns[0].unit, "W");
  EXPECT_EQ(all.tail.rows, 120u);
}

TEST_F(QueryTest, WindowsHaveAColumnForEachFieldAndAggregate) {
  Query query = Base();
  query.fields = {"power", "voltage"};
  query.window = ParseWindow("5m");
  query.aggregates = {Aggregate::kMean, Aggregate::kIntegral, Aggregate::kCount};
  const All all = Run(query);
  ASSERT_EQ(all.header.columns.size(), 6u);
  EXPECT_EQ(all.header.columns[0].name, "power_mean");
  EXPECT_EQ(all.header.columns[1].unit, "Wh");
  EXPECT_EQ(all.header.columns[2].unit, "");
  ASSERT_EQ(all.blocks.size(), 1u);
  EXPECT_EQ(all.blocks[0].columns[0], (std::vector<double>{14.5, 44.5}));
  EXPECT_EQ(all.blocks[0].columns[2], (std::vector<double>{30, 30}));
  // The step across 11:05 is cut there: 300 s in which power grows from 0 to 30.
  EXPECT_DOUBLE_EQ(all.blocks[0].columns[1][0], 15 * 300.0 / 3600);
  query.name_aggregates = false;
  query.aggregates = {Aggregate::kMax};
  EXPECT_EQ(Run(query).header.columns[0].name, "power");
}

TEST_F(QueryTest, TogetherTheDevicesAreOne) {
  Query query = Base();
  query.device_type = "bulb";
  query.devices.clear();
  query.grouping = Grouping::kTogether;
  query.fields = {"power"};
  query.aggregates = {Aggregate::kMean, Aggregate::kP50, Aggregate::kStddev};
  const All all = Run(query);
  ASSERT_EQ(all.blocks.size(), 1u);
  EXPECT_EQ(all.blocks[0].key, "");
  EXPECT_EQ(all.blocks[0].time_ns.size(), 1u);
  EXPECT_DOUBLE_EQ(all.blocks[0].columns[0][0], 529.5);
  EXPECT_DOUBLE_EQ(all.blocks[0].columns[1][0], 529.5);
  EXPECT_NEAR(all.blocks[0].columns[2][0], 502.3975, 0.001);
}

TEST_F(QueryTest, FillsWindowsWithoutReadings) {
  Store("empty", {"power"},
        {{NsAt("2026-02-07T11:01:00Z"), {10}}, {NsAt("2026-02-07T11:04:30Z"), {40}}});
  Query query = Base();
  query.devices = {"empty"};
  query.end = At("2026-02-07T11:06:00Z");
  query.window = ParseWindow("1m");
  query.aggregates = {Aggregate::kLast, Aggregate::kCount};
  const auto column = [&](Fill fill, size_t index) {
    query.fill = fill;
    std::string text;
    const All all = Run(query);
    for (const double value : all.blocks.at(0).columns[index]) {
      text += (std::isnan(value) ? "null" : std::to_string(static_cast<int>(value))) + " ";
    }
    return text;
  };
  EXPECT_EQ(column(Fill::kNone, 0), "10 40 ");
  EXPECT_EQ(column(Fill::kNull, 0), "null 10 null null 40 null ");
  EXPECT_EQ(column(Fill::kPrevious, 0), "null 10 10 10 40 40 ");
  EXPECT_EQ(column(Fill::kLinear, 0), "null 10 20 30 40 null ");
  EXPECT_EQ(column(Fill::kPrevious, 1), "0 1 0 0 1 0 ");
}

TEST_F(QueryTest, PagesJoinToTheWhole) {
  for (const bool windows : {false, true}) {
    Query query = Base();
    query.devices = {"D1", "D2"};
    query.fields = {"power"};
    if (windows) {
      query.window = ParseWindow("30s");
      query.aggregates = {Aggregate::kMean};
    }
    const All whole = Run(query);
    query.limit = 7;
    std::vector<double> joined;
    size_t pages = 0;
    do {
      const All page = Run(query);
      for (const Block& block : page.blocks) {
        joined.insert(joined.end(), block.columns[0].begin(), block.columns[0].end());
      }
      EXPECT_LE(page.tail.rows, 7u);
      EXPECT_EQ(page.tail.truncated, !page.tail.cursor.empty());
      query.cursor = page.tail.cursor;
      ASSERT_LT(++pages, 50u);
    } while (!query.cursor.empty());
    std::vector<double> expected = whole.blocks[0].columns[0];
    expected.insert(expected.end(), whole.blocks[1].columns[0].begin(),
                    whole.blocks[1].columns[0].end());
    EXPECT_EQ(joined, expected);
    EXPECT_EQ(pages, (expected.size() + 6) / 7);
  }
}

TEST_F(QueryTest, ALongRangeComesInManyBlocks) {
  Readings readings;
  for (int64_t i = 0; i < 50'000; ++i) {
    readings[NsAt("2026-02-01T00:00:00Z") + i * kSecondNs] = {static_cast<double>(i)};
  }
  Store("empty", {"power"}, readings);
  ASSERT_TRUE(platform_.store->Seal().ok());
  Query query = Base();
  query.devices = {"empty"};
  query.start = At("2026-02-01T00:00:00Z");
  const All all = Run(query);
  EXPECT_GT(all.blocks.size(), 2u);
  EXPECT_EQ(all.tail.rows, 50'000u);
  int64_t expected = 0;
  for (const Block& block : all.blocks) {
    for (const double value : block.columns[0]) ASSERT_EQ(value, static_cast<double>(expected++));
  }
}

TEST_F(QueryTest, RefusesWhatItCannotAnswerAndNamesIt) {
  Query query = Base();
  query.end = query.start;
  EXPECT_EQ(FieldOfError(query), "end_time");
  query = Base();
  query.end = At("2261-01-01T00:00:00Z");
  EXPECT_EQ(FieldOfError(query), "end_time");
  query = Base();
  query.devices = {"D1", "D9"};
  EXPECT_EQ(FieldOfError(query), "devices");
  query.devices = {"D1", "D1"};
  EXPECT_EQ(FieldOfError(query), "devices");
  query.devices = {};
  EXPECT_EQ(FieldOfError(query), "devices");
  query.device_type = "pump";
  EXPECT_EQ(FieldOfError(query), "device_type");
  query = Base();
  query.fields = {"humidity"};
  EXPECT_EQ(FieldOfError(query), "fields");
  query = Base();
  query.window = ParseWindow("1h");
  EXPECT_EQ(FieldOfError(query), "aggregates");
  query.aggregates = {Aggregate::kMean};
  query.time_zone = "Mars/Olympus";
  EXPECT_EQ(FieldOfError(query), "time_zone");
  query.time_zone = "UTC";
  query.cursor = "x";
  EXPECT_EQ(FieldOfError(query), "cursor");
  query = Base();
  query.grouping = Grouping::kTogether;
  EXPECT_EQ(FieldOfError(query), "group_by");
  query = Base();
  query.devices = {"D1", "D2"};
  query.start = At("2026-01-30T00:00:00Z");
  query.window = ParseWindow("1s");
  query.aggregates = {Aggregate::kMean};
  EXPECT_EQ(FieldOfError(query), "window");
}

TEST_F(QueryTest, ARangeKeepsTheNewestOrIsWhole) {
  RangeRequest request{.device_id = "D1",
                       .start = At("2026-02-07T11:00:00Z"),
                       .end = At("2026-02-07T11:05:00Z"),
                       .fields = {"power"},
                       .limit = 3,
                       .max_points = {}};
  All all = Collect(engine_.Range(request));
  ASSERT_EQ(all.blocks.size(), 1u);
  EXPECT_EQ(all.blocks[0].columns[0], (std::vector<double>{27, 28, 29}));
  EXPECT_TRUE(all.tail.truncated);
  request.limit.reset();
  all = Collect(engine_.Range(request));
  EXPECT_EQ(all.tail.rows, 30u);
  EXPECT_FALSE(all.tail.truncated);
  request.limit = 100;
  request.max_points = 10;
  EXPECT_TRUE(Collect(engine_.Range(request)).tail.downsampled);
  request.device_id = "D9";
  EXPECT_EQ(engine_.Range(request).status().code(), base::Code::kNotFound);
  request = {.device_id = "empty",
             .start = request.start,
             .end = request.end,
             .fields = {},
             .limit = {},
             .max_points = {}};
  EXPECT_TRUE(Collect(engine_.Range(request)).blocks.empty());
}

TEST_F(QueryTest, AChartOfALongRangeKeepsTheExtremesOfRollups) {
  Readings readings;
  const int64_t start = NsAt("2025-12-01T00:00:00Z");
  for (int64_t i = 0; i < 60 * 24 * 60; ++i) {
    readings[start + i * 60 * kSecondNs] = {i == 40'000 ? 99'999.0 : static_cast<double>(i % 977)};
  }
  Store("empty", {"power"}, readings);
  const All all = Collect(engine_.Range({.device_id = "empty",
                                         .start = At("2025-12-01T00:00:00Z"),
                                         .end = At("2026-01-30T00:00:00Z"),
                                         .fields = {},
                                         .limit = 1'000'000,
                                         .max_points = 500}));
  EXPECT_EQ(all.header.source, Source::kHourly);
  EXPECT_TRUE(all.tail.downsampled);
  ASSERT_EQ(all.blocks.size(), 1u);
  const Block& block = all.blocks[0];
  EXPECT_LE(block.time_ns.size(), 500u);
  EXPECT_GT(block.time_ns.size(), 400u);
  EXPECT_TRUE(std::is_sorted(block.time_ns.begin(), block.time_ns.end()));
  EXPECT_EQ(*std::max_element(block.columns[0].begin(), block.columns[0].end()), 99'999);
  EXPECT_EQ(*std::min_element(block.columns[0].begin(), block.columns[0].end()), 0);
}

TEST_F(QueryTest, LatestIsTheNewestReading) {
  const auto latest = engine_.Latest("D1");
  ASSERT_TRUE(latest);
  EXPECT_EQ(latest->time_ns, NsAt("2026-02-07T11:09:50Z"));
  EXPECT_EQ(latest->fields, (std::vector<std::string>{"power", "voltage"}));
  EXPECT_EQ(latest->values, (std::vector<double>{59, 230.5}));
  EXPECT_FALSE(engine_.Latest("empty"));
}

TEST_F(QueryTest, StatisticsDescribeADevice) {
  // 60 readings of the 119 that 11:00:00 to 11:09:55 at one every 5 s would bring.
  const auto statistics = engine_.Describe({.device_id = "D1",
                                            .start = At("2026-02-07T11:00:00Z"),
                                            .end = At("2026-02-07T11:09:55Z"),
                                            .fields = {"power"}});
  ASSERT_TRUE(statistics.ok()) << statistics.status().ToString();
  EXPECT_EQ(statistics->readings, 60u);
  EXPECT_EQ(statistics->expected, 119u);
  EXPECT_DOUBLE_EQ(*statistics->missing_rate, 1 - 60.0 / 119);
  EXPECT_DOUBLE_EQ(*statistics->uptime, 1);
  ASSERT_EQ(statistics->fields.size(), 1u);
  const FieldStatistics& power = statistics->fields[0];
  EXPECT_EQ(power.unit, "W");
  EXPECT_EQ(power.count, 60u);
  EXPECT_EQ(power.min, 0);
  EXPECT_EQ(power.max, 59);
  EXPECT_DOUBLE_EQ(power.mean, 29.5);
  EXPECT_NEAR(power.stddev, 17.464, 0.001);
  EXPECT_DOUBLE_EQ(power.p50, 29.5);
  EXPECT_NEAR(power.p99, 58.41, 1e-9);
}

TEST_F(QueryTest, UptimeCountsOutagesAndNotTheFuture) {
  // Readings until 11:10; it is 11:26 and the range goes on until 12:00.
  const auto statistics = engine_.Describe({.device_id = "D1",
                                            .start = At("2026-02-07T11:00:00Z"),
                                            .end = At("2026-02-07T12:00:00Z"),
                                            .fields = {}});
  ASSERT_TRUE(statistics.ok());
  EXPECT_EQ(statistics->expected, 312u);
  // Up from 11:00:00 until three intervals after 11:09:50, of 26 minutes.
  EXPECT_DOUBLE_EQ(*statistics->uptime, 605.0 / 1560);
  EXPECT_EQ(statistics->fields.size(), 2u);
  const auto nothing = engine_.Describe({.device_id = "empty",
                                         .start = At("2026-02-07T11:00:00Z"),
                                         .end = At("2026-02-07T12:00:00Z"),
                                         .fields = {}});
  EXPECT_DOUBLE_EQ(*nothing->missing_rate, 1);
  EXPECT_DOUBLE_EQ(*nothing->uptime, 0);
  const auto future = engine_.Describe({.device_id = "D1",
                                        .start = At("2026-02-08T11:00:00Z"),
                                        .end = At("2026-02-08T12:00:00Z"),
                                        .fields = {}});
  EXPECT_FALSE(future->missing_rate);
}

TEST_F(QueryTest, AnswersSayFromWhenOnTheyAreComplete) {
  series::EmbeddedOptions options;
  options.path = platform_.folder.path() / "kept for a day";
  options.raw_days = 1;
  const auto store =
      *series::EmbeddedStore::Open(options, platform_.clock, base::NullLogger(), platform_.metrics);
  series::Batch batch;
  batch.Add(*store->OpenDevice("D1"), NsAt("2026-02-07T11:00:00Z"),
            std::vector{*store->OpenField("power")}, std::vector{1.0});
  ASSERT_TRUE(store->Append(batch).ok());
  ASSERT_TRUE(store->EnforceRetention().ok());
  const int64_t kept_from_ns = store->retention().raw_from_ns;
  ASSERT_GT(kept_from_ns, NsAt("2026-02-05T00:00:00Z"));

  const Engine engine(*store, platform_.registry, platform_.clock);
  const auto complete_from = [&](const char* start) {
    const auto statistics = engine.Describe(
        {.device_id = "D1", .start = At(start), .end = At("2026-02-07T11:10:00Z"), .fields = {}});
    EXPECT_TRUE(statistics.ok());
    return statistics->complete_from;
  };
  EXPECT_FALSE(complete_from("2026-02-07T10:00:00Z"));
  EXPECT_EQ(complete_from("2026-01-01T00:00:00Z"),
            base::Timestamp(std::chrono::nanoseconds(kept_from_ns)));
}

}  // namespace
}  // namespace energy::query
