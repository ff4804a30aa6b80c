#include "auth/login_throttle.h"

#include <gtest/gtest.h>

#include "auth/revocations.h"
#include "cache/memory_cache.h"
#include "cache/redis_cache.h"
#include "cache/test_support.h"

namespace energy::auth {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;

class LoginThrottleTest : public ::testing::Test {
 protected:
  void Fail(const std::string& account, int times, const std::string& remote = {}) {
    for (int i = 0; i < times; ++i) throttle_.Failed(account, remote);
  }
  base::ManualClock clock_{base::Timestamp(seconds(1'800'000'000))};
  cache::MemoryCache counts_{clock_, 6};  // two entries an account
  LoginThrottle throttle_{{.free_failures_per_address = 10}, counts_, clock_};
};

TEST_F(LoginThrottleTest, LocksForAGrowingTime) {
  Fail("a", 4);
  EXPECT_EQ(throttle_.Locked("a"), seconds(0));
  Fail("a", 1);
  EXPECT_EQ(throttle_.Locked("a"), seconds(30));
  EXPECT_EQ(throttle_.Locked("b"), seconds(0));
  clock_.Advance(std::chrono::milliseconds(29'500));
  EXPECT_EQ(throttle_.Locked("a"), seconds(1));
  clock_.Advance(seconds(1));
  EXPECT_EQ(throttle_.Locked("a"), seconds(0));
  Fail("a", 1);
  EXPECT_EQ(throttle_.Locked("a"), seconds(60));
  Fail("a", 40);
  EXPECT_EQ(throttle_.Locked("a"), minutes(15));
}

TEST_F(LoginThrottleTest, ForgetsAfterSuccessAndAfterAWhile) {
  Fail("a", 4);
  throttle_.Succeeded("a");
  Fail("a", 4);
  EXPECT_EQ(throttle_.Locked("a"), seconds(0));
  clock_.Advance(minutes(61));
  Fail("a", 4);
  EXPECT_EQ(throttle_.Locked("a"), seconds(0));
}

TEST_F(LoginThrottleTest, AFullMemoryForgetsWhoFailedLongestAgo) {
  Fail("a", 5);
  Fail("b", 5);
  for (int i = 0; i < 100; ++i) {
    clock_.Advance(std::chrono::milliseconds(1));
    Fail("x" + std::to_string(i), 1);
    Fail("a", 1);  // the most recent stays
  }
  EXPECT_EQ(counts_.size(), 6U);
  EXPECT_GT(throttle_.Locked("a"), seconds(0));
  EXPECT_EQ(throttle_.Locked("b"), seconds(0));
}

TEST_F(LoginThrottleTest, LocksAnAddressThatTriesManyAccounts) {
  for (int i = 0; i < 9; ++i) throttle_.Failed("x" + std::to_string(i), "2001:db8::1");
  EXPECT_EQ(throttle_.Locked("y", "2001:db8::1"), seconds(0));
  throttle_.Failed("x9", "2001:db8::2");  // of the same /64
  EXPECT_EQ(throttle_.Locked("y", "2001:db8::3"), seconds(30));
  EXPECT_EQ(throttle_.Locked("y", "2001:db8:1::1"), seconds(0));
  throttle_.Succeeded("y");  // an account of one's own does not open the address
  EXPECT_EQ(throttle_.Locked("y", "2001:db8::1"), seconds(30));
  throttle_.Failed("x10", "2001:db8::1");
  EXPECT_EQ(throttle_.Locked("y", "2001:db8::1"), seconds(60));
}

class RevocationsTest : public ::testing::Test {
 protected:
  bool Ended(const Revocations& revocations, const std::string& session) {
    const auto ended = revocations.Contains(session);
    EXPECT_TRUE(ended.ok()) << ended.status().ToString();
    return ended.ok() && *ended;
  }
  base::ManualClock clock_{base::Timestamp(seconds(1000))};
  const base::Timestamp now_ = clock_.Now();
  cache::MemoryCache memory_{clock_};
};

TEST_F(RevocationsTest, LastUntilTheTokensExpire) {
  Revocations revocations(memory_);
  EXPECT_TRUE(revocations.Add("s1", now_ + seconds(10), now_));
  EXPECT_TRUE(revocations.Add("s1", now_ + seconds(20), now_));
  EXPECT_TRUE(revocations.Add("past", now_, now_));
  EXPECT_TRUE(Ended(revocations, "s1"));
  EXPECT_FALSE(Ended(revocations, "past"));
  EXPECT_TRUE(revocations.Add("s2", now_ + seconds(40), now_ + seconds(15)));
  EXPECT_TRUE(Ended(revocations, "s1"));
  EXPECT_TRUE(revocations.Add("s3", now_ + seconds(40), now_ + seconds(20)));
  EXPECT_FALSE(Ended(revocations, "s1"));
  EXPECT_EQ(revocations.size(), 2U);
}

TEST_F(RevocationsTest, AreBounded) {
  Revocations revocations(memory_, 2);
  EXPECT_TRUE(revocations.Add("a", now_ + seconds(1), now_));
  EXPECT_TRUE(revocations.Add("b", now_ + seconds(2), now_));
  EXPECT_FALSE(revocations.Add("c", now_ + seconds(3), now_));
  EXPECT_EQ(revocations.size(), 2U);
  EXPECT_FALSE(Ended(revocations, "a"));
  EXPECT_TRUE(Ended(revocations, "c"));
}

TEST_F(RevocationsTest, HoldOnEveryReplicaAlsoAfterTheCacheWasAway) {
  cache::test::RedisServer server;
  base::Metrics metrics;
  cache::RedisCache cache({.address = server.address(), .timeout = std::chrono::seconds(2)},
                          base::NullLogger(), metrics);
  ASSERT_TRUE(cache.Start().ok());
  Revocations here(cache);
  const Revocations there(cache);
  EXPECT_TRUE(here.Add("s1", now_ + seconds(100), now_));
  EXPECT_TRUE(Ended(there, "s1"));
  EXPECT_FALSE(Ended(there, "other"));

  server.Kill();
  EXPECT_FALSE(here.Add("s2", now_ + seconds(100), now_));
  EXPECT_TRUE(Ended(here, "s2"));
  EXPECT_EQ(there.Contains("other").status().code(), base::Code::kUnavailable);
  server.Start();
  ASSERT_TRUE(cache::test::Eventually([&] { return cache.health().ok(); }));
  EXPECT_FALSE(Ended(there, "s1"));  // it came back empty
  here.Share(now_);
  EXPECT_TRUE(Ended(there, "s1"));
  EXPECT_TRUE(Ended(there, "s2"));
}

}  // namespace
}  // namespace energy::auth
