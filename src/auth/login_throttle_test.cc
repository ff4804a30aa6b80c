#include "auth/login_throttle.h"

#include <gtest/gtest.h>

#include "auth/revocations.h"

namespace energy::auth {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;

class LoginThrottleTest : public ::testing::Test {
 protected:
  void Fail(const std::string& account, int times) {
    for (int i = 0; i < times; ++i) throttle_.Failed(account);
  }
  base::ManualClock clock_{base::Timestamp(seconds(1'800'000'000))};
  LoginThrottle throttle_{{.max_accounts = 3}, clock_};
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
  EXPECT_EQ(throttle_.size(), 1U);
}

TEST_F(LoginThrottleTest, RemembersABoundedNumber) {
  Fail("a", 5);
  for (int i = 0; i < 100; ++i) {
    throttle_.Failed("x" + std::to_string(i));
    Fail("a", 1);  // the most recent stays
  }
  EXPECT_EQ(throttle_.size(), 3U);
  EXPECT_GT(throttle_.Locked("a"), seconds(0));
}

TEST(Revocations, LastUntilTheTokensExpire) {
  Revocations revocations;
  const base::Timestamp now{seconds(1000)};
  EXPECT_TRUE(revocations.Add("s1", now + seconds(10), now));
  EXPECT_TRUE(revocations.Add("s1", now + seconds(20), now));
  EXPECT_TRUE(revocations.Add("past", now, now));
  EXPECT_TRUE(revocations.Contains("s1"));
  EXPECT_FALSE(revocations.Contains("past"));
  EXPECT_TRUE(revocations.Add("s2", now + seconds(40), now + seconds(15)));
  EXPECT_TRUE(revocations.Contains("s1"));
  EXPECT_TRUE(revocations.Add("s3", now + seconds(40), now + seconds(20)));
  EXPECT_FALSE(revocations.Contains("s1"));
  EXPECT_EQ(revocations.size(), 2U);
}

TEST(Revocations, AreBounded) {
  Revocations revocations(2);
  const base::Timestamp now{seconds(1000)};
  EXPECT_TRUE(revocations.Add("a", now + seconds(1), now));
  EXPECT_TRUE(revocations.Add("b", now + seconds(2), now));
  EXPECT_FALSE(revocations.Add("c", now + seconds(3), now));
  EXPECT_EQ(revocations.size(), 2U);
  EXPECT_FALSE(revocations.Contains("a"));
  EXPECT_TRUE(revocations.Contains("c"));
}

}  // namespace
}  // namespace energy::auth
