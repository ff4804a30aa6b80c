#include "mqtt/admission.h"

#include <gtest/gtest.h>

namespace energy::mqtt {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using Verdict = Admission::Verdict;

const Admission::TimePoint kNow{seconds(1000)};

TEST(Admission, LimitsConnectionsInAllAndOfAnAddress) {
  Admission admission({.max_connections = 3, .max_connections_per_address = 2});
  EXPECT_EQ(admission.Admit("a", kNow), Verdict::kAdmitted);
  EXPECT_EQ(admission.Admit("a", kNow), Verdict::kAdmitted);
  EXPECT_EQ(admission.Admit("a", kNow), Verdict::kAddressFull);
  EXPECT_EQ(admission.Admit("b", kNow), Verdict::kAdmitted);
  EXPECT_EQ(admission.Admit("c", kNow), Verdict::kFull);
  admission.Release("a", Verdict::kAdmitted);
  EXPECT_EQ(admission.Admit("a", kNow), Verdict::kAdmitted);
  EXPECT_EQ(admission.connections(), 3U);
}

TEST(Admission, TellsABoundedNumberAtATimeThatTheyAreTooMany) {
  Admission admission({.max_connections = 1, .max_turned_away = 2});
  EXPECT_EQ(admission.Admit("a", kNow), Verdict::kAdmitted);
  EXPECT_EQ(admission.Admit("a", kNow), Verdict::kFull);
  EXPECT_EQ(admission.Admit("a", kNow), Verdict::kFull);
  EXPECT_EQ(admission.Admit("a", kNow), Verdict::kCrowded);
  admission.Release("a", Verdict::kCrowded);
  EXPECT_EQ(admission.Admit("a", kNow), Verdict::kCrowded);
  admission.Release("a", Verdict::kFull);
  EXPECT_EQ(admission.Admit("a", kNow), Verdict::kFull);
  EXPECT_EQ(admission.connections(), 1U);
}

TEST(Admission, HoldsTheConnectRate) {
  Admission admission({.max_connects_per_second = 10});
  for (int i = 0; i < 10; ++i) EXPECT_EQ(admission.TakeConnect(kNow).count(), 0);
  const milliseconds wait = admission.TakeConnect(kNow);
  EXPECT_GE(wait, milliseconds(100));
  EXPECT_LE(wait, milliseconds(101));
  EXPECT_EQ(admission.TakeConnect(kNow + wait).count(), 0);
  EXPECT_GT(admission.TakeConnect(kNow + wait).count(), 0);
  Admission unlimited({});
  for (int i = 0; i < 1000; ++i) EXPECT_EQ(unlimited.TakeConnect(kNow).count(), 0);
}

TEST(Admission, HoldsTheConnectRateOfAClientAndOfAnAddress) {
  Admission admission(
      {.max_connects_per_minute_per_client = 6, .max_connects_per_minute_per_address = 2});
  for (int i = 0; i < 6; ++i) EXPECT_EQ(admission.TakeClientConnect("u", "c", kNow).count(), 0);
  const milliseconds wait = admission.TakeClientConnect("u", "c", kNow);
  EXPECT_EQ(wait, seconds(10));
  EXPECT_EQ(admission.TakeClientConnect("u", "other", kNow).count(), 0);
  EXPECT_EQ(admission.TakeClientConnect("other", "c", kNow).count(), 0) << "a client of another";
  EXPECT_EQ(admission.TakeClientConnect("u", "c", kNow + wait / 2), wait / 2) << "no new wait";
  EXPECT_EQ(admission.TakeClientConnect("u", "c", kNow + wait).count(), 0);
  EXPECT_GT(admission.TakeClientConnect("u", "c", kNow + wait).count(), 0);
  for (const auto wanted : {Verdict::kAdmitted, Verdict::kAdmitted, Verdict::kTooOften}) {
    EXPECT_EQ(admission.Admit("a", kNow), wanted);
  }
  EXPECT_EQ(admission.Admit("b", kNow), Verdict::kAdmitted);
  EXPECT_EQ(admission.Admit("a", kNow + seconds(30)), Verdict::kAdmitted);
}

TEST(ConnectRates, RememberABoundedNumberOfNames) {
  ConnectRates rates(1, 2);
  for (const char* name : {"a", "b", "c"}) EXPECT_EQ(rates.Take(name, kNow).count(), 0);
  EXPECT_GT(rates.Take("b", kNow).count(), 0);
  EXPECT_EQ(rates.Take("a", kNow).count(), 0) << "forgotten when c came";
  EXPECT_GT(rates.Take("b", kNow).count(), 0);
  EXPECT_EQ(rates.Take("c", kNow).count(), 0) << "forgotten when a came";
}

TEST(Admission, FailedLoginsWaitLongerEachTime) {
  Admission admission(
      {.free_login_failures = 2, .longest_delay = seconds(5), .forget_after = seconds(60)});
  for (const int wanted : {0, 0, 1, 2, 4, 5, 5}) {
    EXPECT_EQ(admission.LoginFailed("a", kNow), seconds(wanted));
  }
  EXPECT_EQ(admission.LoginFailed("b", kNow), seconds(0));
  EXPECT_EQ(admission.LoginFailed("a", kNow + seconds(60)), seconds(0));  // forgotten
  EXPECT_EQ(admission.LoginFailed("b", kNow + seconds(60)), seconds(0));
  EXPECT_EQ(admission.LoginFailed("b", kNow + seconds(60)), seconds(0));
  EXPECT_EQ(admission.LoginFailed("b", kNow + seconds(60)), seconds(1));
  admission.LoginSucceeded("b");
  EXPECT_EQ(admission.LoginFailed("b", kNow + seconds(60)), seconds(0));
}

TEST(Admission, RemembersABoundedNumberOfAddresses) {
  Admission admission({.free_login_failures = 0, .max_addresses = 2});
  EXPECT_EQ(admission.LoginFailed("a", kNow), seconds(1));
  EXPECT_EQ(admission.LoginFailed("b", kNow), seconds(1));
  EXPECT_EQ(admission.LoginFailed("a", kNow), seconds(2));
  EXPECT_EQ(admission.LoginFailed("c", kNow), seconds(1));  // b failed longest ago
  EXPECT_EQ(admission.LoginFailed("a", kNow), seconds(4));
  EXPECT_EQ(admission.LoginFailed("b", kNow), seconds(1));
}

TEST(PublishRate, BlocksUntilTheDebtIsPaid) {
  PublishRate messages(10, 0, kNow);
  for (int i = 0; i < 10; ++i) {
    EXPECT_FALSE(messages.Blocked(kNow));
    messages.Take(1, 1 << 20);
  }
  EXPECT_TRUE(messages.Blocked(kNow));
  EXPECT_FALSE(messages.Blocked(kNow + milliseconds(101)));

  PublishRate bytes(0, 1000, kNow);
  bytes.Take(1, 3000);
  EXPECT_TRUE(bytes.Blocked(kNow + seconds(2)));
  EXPECT_FALSE(bytes.Blocked(kNow + milliseconds(2001)));
  EXPECT_FALSE(bytes.Blocked(kNow + seconds(100)));
  bytes.Take(1, 1001);  // a pause earns a second's worth, not more
  EXPECT_TRUE(bytes.Blocked(kNow + seconds(100)));
}

}  // namespace
}  // namespace energy::mqtt
