#include "telemetry/recent_times.h"

#include <gtest/gtest.h>

namespace energy::telemetry {
namespace {

using Arrival = RecentTimes::Arrival;

TEST(RecentTimes, TellsOrderAndRepetition) {
  RecentTimes times;
  EXPECT_EQ(times.Add(10, 8), Arrival::kInOrder);
  EXPECT_EQ(times.Add(10, 8), Arrival::kDuplicate);
  EXPECT_EQ(times.Add(30, 8), Arrival::kInOrder);
  EXPECT_EQ(times.Add(20, 8), Arrival::kOutOfOrder);
  EXPECT_EQ(times.Add(20, 8), Arrival::kDuplicate);
  EXPECT_EQ(times.Add(-5, 8), Arrival::kOutOfOrder);
  EXPECT_EQ(times.Add(-5, 8), Arrival::kDuplicate);
}

TEST(RecentTimes, KnowsHalfOfTheLimitAtTheLeast) {
  RecentTimes times;
  for (int64_t time = 0; time < 1000; ++time) {
    ASSERT_EQ(times.Add(time, 64), Arrival::kInOrder);
    for (int64_t back = 0; back < 32 && back <= time; ++back) {
      ASSERT_EQ(times.Add(time - back, 64), Arrival::kDuplicate) << time << " - " << back;
    }
  }
  EXPECT_EQ(times.Add(0, 64), Arrival::kOutOfOrder) << "long forgotten";
}

TEST(RecentTimes, ABacklogLeavesThePresentKnown) {
  RecentTimes times;
  for (int64_t time = 10'000; time < 10'032; ++time) times.Add(time, 64);
  for (int64_t time = 0; time < 5000; ++time) {
    ASSERT_EQ(times.Add(time, 64), Arrival::kOutOfOrder);
    ASSERT_EQ(times.Add(time, 64), Arrival::kDuplicate);
  }
  for (int64_t time = 10'000; time < 10'032; ++time) {
    ASSERT_EQ(times.Add(time, 64), Arrival::kDuplicate);
  }
}

TEST(RecentTimes, ABacklogWithoutOrderIsKnownToo) {
  RecentTimes times;
  times.Add(1'000'000, 64);
  for (int64_t i = 0; i < 60; ++i) ASSERT_EQ(times.Add(i * 37 % 61, 64), Arrival::kOutOfOrder);
  for (int64_t i = 0; i < 60; ++i) ASSERT_EQ(times.Add(i * 37 % 61, 64), Arrival::kDuplicate);
}

}  // namespace
}  // namespace energy::telemetry
