#include "telemetry/queries.h"

#include <cmath>

#include "base/json.h"
#include "telemetry/downsample.h"
#include "telemetry/live_hub.h"
#include "telemetry/rate_meter.h"
#include "telemetry/test_support.h"

namespace energy::telemetry {
namespace {

constexpr int64_t kSecond = 1'000'000'000;

class QueriesTest : public ::testing::Test {
 protected:
  void SetUp() override {
    platform_.AddDevice("D1");
    device_ = *platform_.store->OpenDevice("D1");
    voltage_ = *platform_.store->OpenField("voltage");
    power_ = *platform_.store->OpenField("power");
    series::Batch batch;
    for (int64_t i = 0; i < 100; ++i) {
      const series::FieldRef fields[] = {voltage_, power_};
      const double values[] = {230.0 + static_cast<double>(i), 0.1 * static_cast<double>(i)};
      batch.Add(device_, i * kSecond, fields, values);
    }
    ASSERT_TRUE(platform_.store->Append(batch).ok());
  }
  TelemetryQuery Query(int64_t start_s, int64_t end_s) {
    TelemetryQuery query;
    query.device_id = "D1";
    query.start = base::Timestamp(std::chrono::seconds(start_s));
    query.end = base::Timestamp(std::chrono::seconds(end_s));
    return query;
  }

  TestPlatform platform_;
  Queries queries_{*platform_.store, platform_.registry};
  series::DeviceRef device_ = 0;
  series::FieldRef voltage_ = 0;
  series::FieldRef power_ = 0;
};

TEST_F(QueriesTest, AnswersAsTheDesignShows) {
  const auto answer = queries_.Range(Query(2, 4));
  ASSERT_TRUE(answer.ok()) << answer.status().ToString();
  const auto json = base::Json::parse(ToJson(*answer));
  EXPECT_EQ(json["count"], 2);
  EXPECT_EQ(json["data"][0].dump(),
            R"({"device_id":"D1","timestamp":"1970-01-01T00:00:02Z","voltage":232,"power":0.2})");
  EXPECT_EQ(json["units"]["power"], "W");
  EXPECT_EQ(json["truncated"], false);
}

TEST_F(QueriesTest, TheEndIsExclusiveAndTheLimitKeepsTheNewest) {
  auto query = Query(0, 50);
  query.limit = 3;
  query.fields = {"power"};
  const auto answer = queries_.Range(query);
  ASSERT_TRUE(answer.ok());
  EXPECT_EQ(answer->series.time_ns,
            (std::vector<int64_t>{47 * kSecond, 48 * kSecond, 49 * kSecond}));
  EXPECT_EQ(answer->fields, (std::vector<std::string>{"power"}));
  EXPECT_TRUE(answer->series.truncated);
}

TEST_F(QueriesTest, RefusesWhatCannotBeAnswered) {
  EXPECT_EQ(queries_.Range(Query(4, 4)).status().code(), base::Code::kInvalidArgument);
  auto query = Query(0, 1);
  query.fields = {"humidity"};
  EXPECT_EQ(queries_.Range(query).status().fields().front().field, "fields");
  query = Query(0, 1);
  query.device_id = "D9";
  EXPECT_EQ(queries_.Range(query).status().code(), base::Code::kNotFound);
}

TEST_F(QueriesTest, WatchersGetCommittedReadingsOfTheirDeviceUntilTheyLeave) {
  LiveHub hub(*platform_.store);
  std::vector<std::string> seen;
  auto watch = hub.Add(device_, [&](const auto& text) { seen.push_back(*text); });
  CommittedBatch batch;
  const double value = 5;
  batch.readings.Add(device_ + 1, 1, {&power_, 1}, {&value, 1});
  batch.readings.Add(device_, kSecond, {&power_, 1}, {&value, 1});
  hub.OnBatch(batch);
  watch.reset();
  hub.OnBatch(batch);
  ASSERT_EQ(seen.size(), 1u);
  EXPECT_EQ(seen[0], R"({"device_id":"D1","timestamp":"1970-01-01T00:00:01Z","power":5})");
  EXPECT_NE(hub.LatestJson(device_)->find("1970-01-01T00:01:39Z"), std::string::npos);
}

TEST(Downsample, KeepsTheExtremesOfEveryFieldAndTheEnds) {
  series::Series series;
  series.fields = {1, 2};
  series.columns.resize(2);
  for (int64_t i = 0; i < 10'000; ++i) {
    series.time_ns.push_back(i * kSecond);
    series.columns[0].push_back(i == 4321 ? 99.0 : std::sin(static_cast<double>(i)));
    series.columns[1].push_back(i == 777 ? -99.0 : i % 3 == 0 ? NAN : 1.0);
  }
  const series::Series thin = Downsample(series, 200);
  EXPECT_LE(thin.time_ns.size(), 200u);
  EXPECT_GT(thin.time_ns.size(), 100u);
  EXPECT_TRUE(std::is_sorted(thin.time_ns.begin(), thin.time_ns.end()));
  EXPECT_EQ(thin.time_ns.front(), 0);
  EXPECT_EQ(thin.time_ns.back(), 9999 * kSecond);
  EXPECT_NE(std::find(thin.columns[0].begin(), thin.columns[0].end(), 99.0), thin.columns[0].end());
  EXPECT_NE(std::find(thin.columns[1].begin(), thin.columns[1].end(), -99.0),
            thin.columns[1].end());
}

TEST(Downsample, LeavesAShortSeriesAlone) {
  series::Series series;
  series.fields = {1};
  series.time_ns = {1, 2, 3, 4};
  series.columns = {{4, 3, 2, 1}};
  EXPECT_EQ(Downsample(series, 4).time_ns, series.time_ns);
}

TEST(RateMeter, AveragesOverTheLastTenWholeSeconds) {
  base::ManualClock clock{base::Timestamp(std::chrono::seconds(1000))};
  RateMeter meter(clock);
  for (int i = 0; i < 20; ++i) {
    meter.Add(100);
    clock.Advance(std::chrono::seconds(1));
  }
  EXPECT_DOUBLE_EQ(meter.PerSecond(), 100);
  clock.Advance(std::chrono::seconds(5));
  EXPECT_DOUBLE_EQ(meter.PerSecond(), 50);
  clock.Advance(std::chrono::seconds(60));
  EXPECT_DOUBLE_EQ(meter.PerSecond(), 0);
}

}  // namespace
}  // namespace energy::telemetry
