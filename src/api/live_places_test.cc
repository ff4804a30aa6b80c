#include "api/live_places.h"

#include <gtest/gtest.h>

#include <vector>

namespace energy::api {
namespace {

std::shared_ptr<LivePlaces> With(int64_t per_user, int64_t per_address) {
  return std::make_shared<LivePlaces>(LiveLimits{per_user, per_address});
}

TEST(LivePlaces, AreCountedByUser) {
  const auto places = With(2, 0);
  const auto first = places->Take("ada", "10.0.0.1");
  auto second = places->Take("ada", "10.0.0.2");
  ASSERT_TRUE(first.ok() && second.ok());
  const base::Status full = places->Take("ada", "10.0.0.3").status();
  EXPECT_EQ(full.code(), base::Code::kRateLimited);
  EXPECT_EQ(full.fields(), (std::vector<base::FieldError>{{"retry_after_s", "5"}, {"limit", "2"}}));
  EXPECT_NE(full.message().find("of this user"), std::string::npos) << full.message();
  EXPECT_TRUE(places->Take("eve", "10.0.0.3").ok());
  second = base::Unavailable("closed");  // gives it back
  EXPECT_TRUE(places->Take("ada", "10.0.0.3").ok());
}

TEST(LivePlaces, AreCountedByAddressWhoeverItIs) {
  const auto places = With(0, 2);
  const auto first = places->Take("ada", "2001:db8::1");
  const auto second = places->Take("eve", "2001:db8::2");
  ASSERT_TRUE(first.ok() && second.ok());
  const base::Status full = places->Take("kim", "2001:db8::3").status();
  EXPECT_EQ(full.code(), base::Code::kRateLimited);
  EXPECT_NE(full.message().find("of this address"), std::string::npos) << full.message();
  EXPECT_TRUE(places->Take("kim", "2001:db9::1").ok());
}

TEST(LivePlaces, WithoutLimitsThereIsAlwaysOne) {
  const auto places = With(0, 0);
  std::vector<LivePlaces::Place> held;
  for (int i = 0; i < 1000; ++i) {
    const auto place = places->Take("ada", "10.0.0.1");
    ASSERT_TRUE(place.ok());
    held.push_back(*place);
  }
}

TEST(LivePlaces, OutliveTheirKeeper) {
  auto places = With(1, 1);
  const auto place = places->Take("ada", "10.0.0.1");
  places.reset();
  EXPECT_TRUE(place.ok());
}

}  // namespace
}  // namespace energy::api
