#include "base/random.h"

#include <gtest/gtest.h>

#include <set>

namespace energy::base {
namespace {

TEST(NewUuid, IsVersion7AndOrderedByTime) {
  SeededRandom random(1);
  ManualClock clock(Timestamp(std::chrono::seconds(1'770'463'560)));
  const std::string first = NewUuid(random, clock);
  clock.Advance(std::chrono::milliseconds(1));
  const std::string second = NewUuid(random, clock);
  EXPECT_TRUE(IsUuid(first)) << first;
  EXPECT_EQ(first[14], '7');
  EXPECT_NE(std::string("89ab").find(first[19]), std::string::npos);
  EXPECT_LT(first, second);
}

TEST(IsUuid, RefusesOtherText) {
  EXPECT_FALSE(IsUuid(""));
  EXPECT_FALSE(IsUuid("0190163d-8694-739b-aea5-966c26f8ad9"));
  EXPECT_FALSE(IsUuid("0190163d-8694-739b-aea5_966c26f8ad91"));
  EXPECT_FALSE(IsUuid("0190163g-8694-739b-aea5-966c26f8ad91"));
}

TEST(NewSecret, HasTheLengthAndNoLookAlikes) {
  SystemRandom random;
  std::set<char> seen;
  for (int i = 0; i < 200; ++i) {
    const std::string secret = NewSecret(random, 24);
    ASSERT_EQ(secret.size(), 24u);
    seen.insert(secret.begin(), secret.end());
  }
  for (char look_alike : {'0', 'O', '1', 'l', 'I'}) {
    EXPECT_FALSE(seen.contains(look_alike)) << look_alike;
  }
  EXPECT_GT(seen.size(), 50u);
}

}  // namespace
}  // namespace energy::base
