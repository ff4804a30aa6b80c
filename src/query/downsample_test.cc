#include "query/downsample.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

namespace energy::query {
namespace {

constexpr int64_t kSecond = 1'000'000'000;

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

}  // namespace
}  // namespace energy::query
