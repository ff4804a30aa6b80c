#include "devices/device_cache.h"

#include <gtest/gtest.h>

namespace energy::devices {
namespace {

using std::chrono::seconds;

const DeviceCache::Time kNow{seconds(1000)};

Device Make(std::string id, std::string name = "a") {
  Device device;
  device.id = std::move(id);
  device.name = std::move(name);
  return device;
}

TEST(DeviceCache, ForgetsWhatIsWritten) {
  DeviceCache cache(std::nullopt);
  EXPECT_EQ(cache.Find("D1", kNow, std::nullopt), nullptr);
  const auto kept = cache.Fill(Make("D1"), kNow, cache.Generation());
  EXPECT_EQ(cache.Find("D1", kNow + std::chrono::hours(24), std::nullopt), kept);
  cache.Forget("D1");
  EXPECT_EQ(cache.Find("D1", kNow, std::nullopt), nullptr);
}

TEST(DeviceCache, KeepsNoRowThatWasReadBeforeAWrite) {
  DeviceCache cache(std::nullopt);
  const uint64_t before = cache.Generation();
  cache.Forget("D1");  // written after the row was read
  EXPECT_EQ(cache.Fill(Make("D1", "old"), kNow, before)->device.name, "old");
  EXPECT_EQ(cache.Find("D1", kNow, std::nullopt), nullptr);
}

TEST(DeviceCache, AsksAgainForWhatIsTooOld) {
  DeviceCache cache(std::chrono::milliseconds(2000));
  cache.Fill(Make("D1"), kNow, cache.Generation());
  EXPECT_NE(cache.Find("D1", kNow + seconds(2), std::nullopt), nullptr);
  // That it was seen makes it no younger.
  const base::Timestamp seen{seconds(5)};
  EXPECT_NE(cache.Find("D1", kNow + seconds(2), seen), nullptr);
  EXPECT_EQ(cache.Find("D1", kNow + seconds(3), std::nullopt), nullptr);
}

TEST(DeviceCache, ShowsWhenADeviceWasSeenAndNeverGoesBack) {
  DeviceCache cache(std::nullopt);
  cache.Fill(Make("D1"), kNow, cache.Generation());
  const base::Timestamp first{seconds(5)};
  const base::Timestamp second{seconds(6)};
  EXPECT_EQ(cache.Find("D1", kNow, second)->device.last_seen, second);
  EXPECT_EQ(cache.Find("D1", kNow, first)->device.last_seen, second);
  const auto view = cache.Find("D1", kNow, std::nullopt);
  EXPECT_EQ(view->device.last_seen, second);
  EXPECT_NE(view->json.find("1970-01-01T00:00:06Z"), std::string::npos) << view->json;
}

TEST(DeviceCache, IsBounded) {
  const size_t one = DeviceCache::View(Make("D0"))->json.size();
  DeviceCache cache(std::nullopt, 3 * one);
  const auto known = [&] {
    size_t count = 0;
    for (int i = 0; i < 10; ++i) {
      count += cache.Find("D" + std::to_string(i), kNow, std::nullopt) != nullptr ? 1 : 0;
    }
    return count;
  };
  for (int i = 0; i < 10; ++i) {
    cache.Fill(Make("D" + std::to_string(i)), kNow, cache.Generation());
    EXPECT_LE(known(), 3U);
    EXPECT_GE(known(), 1U);
  }
  cache.Fill(Make("D1", std::string(4 * one, 'x')), kNow, cache.Generation());
  EXPECT_EQ(cache.Find("D1", kNow, std::nullopt), nullptr);  // larger than all of it
}

}  // namespace
}  // namespace energy::devices
