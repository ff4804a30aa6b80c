#include "simulator/bulb_model.h"

#include <gtest/gtest.h>

#include "base/time_text.h"

namespace energy::simulator {
namespace {

using std::chrono::hours;

const base::Timestamp kMonday = *base::ParseTimestamp("2026-02-02T00:00:00Z");

TEST(BulbModel, StaysInTheRangesOfTheProfile) {
  BulbModel model({.fault_probability = 0.5, .seed = 7});
  for (int i = 0; i < 20'000; ++i) {
    const BulbReading reading = model.Next(kMonday);
    ASSERT_TRUE(reading.voltage >= 200 && reading.voltage <= 250);
    ASSERT_TRUE(reading.current >= 0 && reading.current <= 2);
    ASSERT_TRUE(reading.power >= 0 && reading.power <= 500);
    ASSERT_TRUE(reading.temperature >= 20 && reading.temperature <= 80);
  }
}

TEST(BulbModel, HasTheMeansOfTheDesignWithoutFaults) {
  BulbModel model({.seed = 7});
  double voltage = 0, current = 0, temperature = 0;
  int hot = 0;
  constexpr int kReadings = 20'000;
  for (int i = 0; i < kReadings; ++i) {
    const BulbReading reading = model.Next(kMonday);
    voltage += reading.voltage;
    current += reading.current;
    temperature += reading.temperature;
    hot += reading.temperature > 50 ? 1 : 0;
  }
  EXPECT_NEAR(voltage / kReadings, 230, 0.2);
  EXPECT_NEAR(current / kReadings, 0.85, 0.005);
  EXPECT_NEAR(temperature / kReadings, 40, 0.5);
  EXPECT_LE(hot, 2);
}

TEST(BulbModel, InjectsFaultsAsOftenAsAsked) {
  BulbModel model({.fault_probability = 0.05, .seed = 7});
  int faults = 0;
  constexpr int kReadings = 20'000;
  for (int i = 0; i < kReadings; ++i) {
    const BulbReading reading = model.Next(kMonday);
    faults += reading.temperature >= 60 || reading.voltage > 246 || reading.current >= 1.5 ? 1 : 0;
  }
  EXPECT_NEAR(static_cast<double>(faults) / kReadings, 0.05, 0.008);
}

TEST(BulbModel, RepeatsItselfForTheSameSeed) {
  BulbModel a({.fault_probability = 0.1, .seed = 3});
  BulbModel b({.fault_probability = 0.1, .seed = 3});
  for (int i = 0; i < 100; ++i)
    EXPECT_EQ(ToPayload("D1", kMonday, a.Next(kMonday)), ToPayload("D1", kMonday, b.Next(kMonday)));
}

TEST(RhythmFactor, FollowsTheDayAndTheWeek) {
  EXPECT_LT(RhythmFactor(kMonday + hours(3)), 0.45);
  EXPECT_GT(RhythmFactor(kMonday + hours(18)), 0.85);
  const base::Timestamp sunday = kMonday + hours(24 * 6);
  EXPECT_LT(RhythmFactor(sunday + hours(18)), RhythmFactor(kMonday + hours(18)) - 0.2);
}

TEST(ToPayload, IsThePayloadOfTheDesign) {
  EXPECT_EQ(
      ToPayload("D1", kMonday, {230.5, 0.85, 195.92, 45.2}),
      R"({"device_id":"D1","timestamp":"2026-02-02T00:00:00Z","voltage":230.5,"current":0.85,)"
      R"("power":195.92,"temperature":45.2})");
}

}  // namespace
}  // namespace energy::simulator
