#include "health/health.h"

#include <gtest/gtest.h>

#include "health/device_monitor.h"
#include "telemetry/test_support.h"

namespace energy::health {
namespace {

using devices::DeviceStatus;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

TEST(Score, WeighsTheFourPartsByDecision20) {
  const Inputs perfect{.uptime = 1, .missing_rate = 0, .error_rate = 0, .response_ms = 10};
  EXPECT_DOUBLE_EQ(*Score(perfect), 100);
  const Inputs mixed{.uptime = 0.5, .missing_rate = 0.4, .error_rate = 0.1, .response_ms = 1500};
  EXPECT_NEAR(*Score(mixed), 100 * (0.4 * 0.5 + 0.3 * 0.6 + 0.2 * 0.9 + 0.1 * 0.8), 1e-9);
}

TEST(Score, LeavesTheWeightOfUnknownPartsToTheOthers) {
  EXPECT_FALSE(Score({}));
  EXPECT_NEAR(*Score({.uptime = 0.5, .missing_rate = 0.5, .error_rate = {}, .response_ms = {}}), 50,
              1e-9);
  EXPECT_NEAR(*Score({.uptime = 0, .missing_rate = 1, .error_rate = {}, .response_ms = {}}), 0,
              1e-9);
}

TEST(ResponseScore, HasTheStepsOfTheDesign) {
  EXPECT_EQ(ResponseScore(1000), 1.0);
  EXPECT_EQ(ResponseScore(1001), 0.8);
  EXPECT_EQ(ResponseScore(5000), 0.5);
  EXPECT_EQ(ResponseScore(5001), 0.2);
}

class DeviceHealth : public testing::Test {
 protected:
  void Register(const std::string& id, base::Json metadata = base::Json::object(),
                DeviceStatus status = DeviceStatus::kActive) {
    devices::NewDevice device;
    device.id = device.name = id;
    device.type = "meter";
    device.status = status;
    device.metadata = std::move(metadata);
    ASSERT_TRUE(p.devices.Create(device).ok());
  }
  // A reading of now, `delay` old.
  void Send(const std::string& id, milliseconds delay = milliseconds(0)) {
    telemetry::CommittedBatch batch;
    const series::FieldRef field = *p.store->OpenField("power");
    const double value = 1;
    batch.readings.Add(*p.store->OpenDevice(id), (p.clock.Now() - delay).time_since_epoch().count(),
                       {&field, 1}, {&value, 1});
    batch.committed_at = p.clock.Now();
    ASSERT_TRUE(p.store->Append(batch.readings).ok());
    activity.OnBatch(batch);
  }
  DeviceStatus StatusOf(const std::string& id) {
    EXPECT_TRUE(monitor.CheckStatuses().ok());
    const DeviceStatus status = p.devices.Get(id)->status;
    EXPECT_EQ(p.registry.Find(id)->status, status);
    return status;
  }

  telemetry::TestPlatform p;
  telemetry::Activity activity{*p.store, p.registry, p.last_seen, p.clock, p.metrics};
  telemetry::DeadLetterRepository letters{*p.database, p.random, p.clock};
  HealthService health{*p.store, p.registry, activity, letters, p.clock};
  DeviceMonitor monitor{p.devices, p.registry, activity, health, p.clock, base::NullLogger()};
};

TEST_F(DeviceHealth, IsInactiveAfterThreeMissedIntervalsAndBackWithTheNextReading) {
  Register("D1", {{"reporting_interval_s", 10}});
  Send("D1");
  p.clock.Advance(seconds(30));
  EXPECT_EQ(StatusOf("D1"), DeviceStatus::kActive);
  const int64_t version = p.devices.Get("D1")->version;
  p.clock.Advance(milliseconds(1));
  EXPECT_EQ(StatusOf("D1"), DeviceStatus::kInactive);
  EXPECT_EQ(p.devices.Get("D1")->version, version);
  Send("D1");
  EXPECT_EQ(StatusOf("D1"), DeviceStatus::kActive);
}

TEST_F(DeviceHealth, LeavesMaintenanceAndErrorAlone) {
  Register("D1", base::Json::object(), DeviceStatus::kMaintenance);
  Register("D2", base::Json::object(), DeviceStatus::kError);
  p.clock.Advance(minutes(10));
  EXPECT_EQ(StatusOf("D1"), DeviceStatus::kMaintenance);
  Send("D1");
  EXPECT_EQ(StatusOf("D1"), DeviceStatus::kMaintenance);
  EXPECT_EQ(StatusOf("D2"), DeviceStatus::kError);
}

TEST_F(DeviceHealth, LearnsTheIntervalFromArrivals) {
  Register("D1");
  for (int i = 0; i < 5; ++i) {
    Send("D1");
    p.clock.Advance(minutes(1));
  }
  EXPECT_EQ(StatusOf("D1"), DeviceStatus::kActive);  // 60 s of silence
  p.clock.Advance(seconds(120));
  EXPECT_EQ(StatusOf("D1"), DeviceStatus::kActive);
  p.clock.Advance(seconds(1));
  EXPECT_EQ(StatusOf("D1"), DeviceStatus::kInactive);
}

TEST_F(DeviceHealth, ADeviceThatNeverReportedIsInactiveAfterThreeIntervals) {
  p.clock.Advance(minutes(5));
  Register("D1", base::Json::object(), DeviceStatus::kActive);
  EXPECT_EQ(StatusOf("D1"), DeviceStatus::kActive);
  p.clock.Advance(seconds(15));
  EXPECT_EQ(StatusOf("D1"), DeviceStatus::kActive);
  p.clock.Advance(seconds(1));
  EXPECT_EQ(StatusOf("D1"), DeviceStatus::kInactive);
}

TEST_F(DeviceHealth, CountsReadingsOutagesErrorsAndDelays) {
  Register("D1", {{"reporting_interval_s", 10}});
  for (int i = 0; i < 60; ++i) {  // ten minutes, then ten of silence
    p.clock.Advance(seconds(10));
    Send("D1", milliseconds(1500));
  }
  p.clock.Advance(minutes(10));
  std::vector<telemetry::DeadLetter> refused(20);
  for (telemetry::DeadLetter& letter : refused) {
    letter.device_id = "D1";
    letter.received_at = p.clock.Now();
  }
  ASSERT_TRUE(letters.Add(letters.ToRows(refused)).ok());
  const auto found = health.Of("D1");
  ASSERT_TRUE(found.ok()) << found.status().ToString();
  EXPECT_EQ(found->inputs.readings, 60u);
  EXPECT_EQ(found->inputs.expected, 120u);
  EXPECT_NEAR(*found->inputs.missing_rate, 0.5, 1e-9);
  // From the first reading, 8.5 s after the registration, until 30 s after the last one.
  EXPECT_NEAR(*found->inputs.uptime, (600 - 10 + 30) / 1200.0, 1e-9);
  EXPECT_NEAR(*found->inputs.error_rate, 0.25, 1e-9);
  EXPECT_NEAR(*found->inputs.response_ms, 1500, 1e-6);
  const double score = 100 * (0.4 * 620 / 1200 + 0.3 * 0.5 + 0.2 * 0.75 + 0.1 * 0.8);
  EXPECT_NEAR(*found->score, score, 1e-9);

  ASSERT_TRUE(monitor.RefreshHealth(10).ok());
  EXPECT_NEAR(*p.devices.Get("D1")->health_score, score, 0.005);
  EXPECT_EQ(health.Of("D9").status().code(), base::Code::kNotFound);
}

TEST_F(DeviceHealth, HasNoScoreBeforeAnythingWasExpected) {
  Register("D1");
  EXPECT_FALSE(health.Of("D1")->score);
  ASSERT_TRUE(monitor.RefreshHealth(10).ok());
  EXPECT_FALSE(p.devices.Get("D1")->health_score);
}

TEST_F(DeviceHealth, DeletedTelemetryIsGoneAlsoWhenTheStoreFailsAtFirst) {
  bool away = true;
  p.devices.DeleteTelemetryBy([&](std::string_view id) {
    return away ? base::Unavailable("no space left") : p.store->DeleteDevice(id);
  });
  Register("D1");
  Send("D1");
  EXPECT_EQ(p.devices.Delete("D1", devices::Telemetry::kDelete).code(), base::Code::kUnavailable);
  EXPECT_EQ(p.devices.Get("D1").status().code(), base::Code::kNotFound);
  devices::NewDevice again;
  again.id = again.name = again.type = "D1";
  EXPECT_EQ(p.devices.Create(again).status().code(), base::Code::kUnavailable);
  away = false;
  ASSERT_TRUE(p.devices.Create(again).ok());
  EXPECT_FALSE(p.store->LatestOf(*p.store->FindDevice("D1")));
  Send("D1");
  ASSERT_TRUE(p.devices.Delete("D1").ok());  // keeps it
  ASSERT_TRUE(p.devices.Create(again).ok());
  EXPECT_TRUE(p.store->LatestOf(*p.store->FindDevice("D1")));
}

}  // namespace
}  // namespace energy::health
