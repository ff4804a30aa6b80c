#include "telemetry/live_hub.h"

#include "telemetry/rate_meter.h"
#include "telemetry/test_support.h"

namespace energy::telemetry {
namespace {

constexpr int64_t kSecond = 1'000'000'000;

TEST(LiveHub, WatchersGetCommittedReadingsOfTheirDeviceUntilTheyLeave) {
  TestPlatform platform;
  platform.AddDevice("D1");
  const series::DeviceRef device = *platform.store->OpenDevice("D1");
  const series::FieldRef power = *platform.store->OpenField("power");
  LiveHub hub(*platform.store);
  std::vector<std::string> seen;
  auto watch = hub.Add(device, [&](const auto& text) { seen.push_back(*text); });
  CommittedBatch batch;
  const double value = 5;
  batch.readings.Add(device + 1, 1, {&power, 1}, {&value, 1});
  batch.readings.Add(device, kSecond, {&power, 1}, {&value, 1});
  ASSERT_TRUE(platform.store->OpenDevice("D2").ok());
  ASSERT_TRUE(platform.store->Append(batch.readings).ok());
  hub.OnBatch(batch);
  watch.reset();
  hub.OnBatch(batch);
  ASSERT_EQ(seen.size(), 1u);
  EXPECT_EQ(seen[0], R"({"device_id":"D1","timestamp":"1970-01-01T00:00:01Z","power":5})");
  EXPECT_EQ(*hub.LatestJson(device), seen[0]);
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
