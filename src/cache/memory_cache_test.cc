#include "cache/memory_cache.h"

#include <gtest/gtest.h>

#include <deque>

namespace energy::cache {
namespace {

using std::chrono::milliseconds;

class MemoryCacheTest : public ::testing::Test {
 protected:
  base::ManualClock clock_{base::Timestamp(std::chrono::seconds(1'800'000'000))};
};

TEST_F(MemoryCacheTest, ForgetsFirstWhatWouldGoFirst) {
  MemoryCache cache(clock_, 3);
  for (const char* key : {"a", "b", "c"}) {
    ASSERT_TRUE(cache.Set(key, key, milliseconds(1000 * (100 - key[0]))).ok());
  }
  ASSERT_TRUE(cache.Set("d", "d", milliseconds(60'000)).ok());
  EXPECT_EQ(cache.size(), 3U);
  EXPECT_EQ(*cache.Get("c"), std::nullopt);
  EXPECT_EQ(*cache.Get("a"), "a");
  clock_.Advance(std::chrono::minutes(2));
  ASSERT_TRUE(cache.Set("e", "e", milliseconds(1)).ok());
  EXPECT_EQ(cache.size(), 1U);
}

// Against an exact record of times: never more than a tenth over the limit within any window, and a
// steady rate just below the limit is never refused.
TEST_F(MemoryCacheTest, SlidesCloseToAnExactRecord) {
  MemoryCache cache(clock_);
  std::deque<base::Timestamp> exact;
  size_t most = 0;
  int refused_steady = 0;
  for (int ms = 0; ms < 600'000; ++ms) {
    clock_.Advance(milliseconds(1));
    if (ms % 610 == 0) {
      refused_steady += cache.TakePlace("steady", 100, milliseconds(60'000))->granted ? 0 : 1;
    }
    // Bursts at odd times.
    if (ms % 7919 > 400) continue;
    if (!cache.TakePlace("burst", 100, milliseconds(60'000))->granted) continue;
    exact.push_back(clock_.Now());
    while (exact.front() <= clock_.Now() - std::chrono::minutes(1)) exact.pop_front();
    most = std::max(most, exact.size());
  }
  EXPECT_EQ(refused_steady, 0);
  EXPECT_GE(most, 100U);
  EXPECT_LE(most, 200U);
}

TEST_F(MemoryCacheTest, SaysHowLongToWait) {
  MemoryCache cache(clock_);
  clock_.Advance(milliseconds(17'300));
  for (int round = 0; round < 50; ++round) {
    Taken taken;
    while ((taken = *cache.TakePlace("k", 20, milliseconds(60'000))).granted) {
    }
    clock_.Advance(taken.wait - milliseconds(1));
    EXPECT_FALSE(cache.TakePlace("k", 20, milliseconds(60'000))->granted) << round;
    clock_.Advance(milliseconds(1));
    EXPECT_TRUE(cache.TakePlace("k", 20, milliseconds(60'000))->granted) << round;
  }
}

}  // namespace
}  // namespace energy::cache
