#include <cstdlib>
#include <iostream>
#include <thread>

#include "integration/load.h"
#include "integration/platform_test.h"
#include "integration/postgresql_server.h"

namespace energy::integration {
namespace {

using std::chrono::seconds;

enum class Outage { kStopped, kFrozen };

/// The platform on a PostgreSQL that goes and comes back.
class PostgresqlOutage : public PlatformTest, public testing::WithParamInterface<Outage> {
 protected:
  void Leave() { GetParam() == Outage::kStopped ? server_.Stop() : server_.Freeze(); }
  void ComeBack() { GetParam() == Outage::kStopped ? server_.Start() : server_.Thaw(); }
  bool WaitForReady(int status) {
    return WaitUntil([&] { return api().Get("/ready").status == status; });
  }
  base::Json List(const std::string& target, const char* name) {
    return api().GetData(target).at(name);
  }
  void MakeRule(const std::string& device_id) {
    api().PostData("/api/rules", {{"name", "hot"},
                                  {"device_id", device_id},
                                  {"property", "temperature"},
                                  {"operator", ">"},
                                  {"threshold", 50}});
  }
  /// How long the server stays away at least: ENERGY_TEST_OUTAGE_S, for runs by hand.
  static seconds AtLeast() {
    const char* text = std::getenv("ENERGY_TEST_OUTAGE_S");
    return seconds(text == nullptr ? 0 : std::atoi(text));
  }
  static int64_t MsSince(std::chrono::steady_clock::time_point since) {
    return std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() -
                                                                 since)
        .count();
  }

  PostgresqlServer server_;
};
INSTANTIATE_TEST_SUITE_P(Ways, PostgresqlOutage, testing::Values(Outage::kStopped, Outage::kFrozen),
                         [](const auto& way) {
                           return way.param == Outage::kStopped ? "Stopped" : "Frozen";
                         });

TEST_P(PostgresqlOutage, LosesNothingAndIsToldByReady) {
  Start({{"ENERGY_STORAGE__SQL__URL", server_.url()}});
  const Credential bulb = api().MakeDevice("D1");
  MakeRule("D1");
  const Credential flapping = api().MakeDevice("D2");
  MakeRule("D2");
  const auto flaps = Connect(flapping);
  std::vector<Credential> devices;
  for (int i = 0; i < 4; ++i) {
    devices.push_back(api().MakeDevice("load-" + std::to_string(i), "counter"));
  }
  const auto client = Connect(bulb);
  ASSERT_TRUE(Publish(*client, bulb, {NowMs() - seconds(10)}).ok());
  Load load(devices, 64);
  load.Start(platform().mqtt_port());
  ASSERT_TRUE(load.WaitForAcknowledged(1000));
  ASSERT_EQ(api().Get("/ready").status, 200);

  const uint64_t before = load.acknowledged();
  const auto left = std::chrono::steady_clock::now();
  Leave();
  ASSERT_TRUE(WaitForReady(503));
  const int64_t red_ms = MsSince(left);
  const base::Json ready = base::Json::parse(api().Get("/ready").response.Body());
  EXPECT_NE(ready.dump().find("PostgreSQL"), std::string::npos) << ready.dump(2);
  // Readings go on to be stored and acknowledged, also those of a device that connects only now.
  ASSERT_TRUE(load.WaitForAcknowledged(load.acknowledged() + 5000));
  Reading hot{NowMs()};
  hot.temperature = 80;
  EXPECT_TRUE(Publish(*Connect(bulb), bulb, hot).ok());
  // What has to be written there waits: no acknowledgement before the dead letter is durable.
  std::atomic<bool> acknowledged = false;
  ASSERT_TRUE(client
                  ->Publish(bulb.topic, "no reading", 1,
                            [&](const base::Status& status) { acknowledged = status.ok(); })
                  .ok());
  // People are told at once.
  const auto asked = std::chrono::steady_clock::now();
  EXPECT_EQ(api().Get("/api/alerts").status, 503);
  if (!kSanitized) {
    EXPECT_LT(std::chrono::steady_clock::now() - asked, seconds(2));
  }
  // A rule that begins and ends to hold again and again.
  constexpr int kFlaps = 100;
  for (int i = 0; i < 2 * kFlaps; ++i) {
    Reading reading{hot.time + std::chrono::milliseconds(i)};
    reading.temperature = i % 2 == 0 ? 80 : 40;
    ASSERT_TRUE(Publish(*flaps, flapping, reading).ok());
  }
  ASSERT_TRUE(load.WaitForAcknowledged(load.acknowledged() + 5000));
  std::this_thread::sleep_until(left + AtLeast());
  EXPECT_FALSE(acknowledged);
  EXPECT_EQ(api().Get("/ready").status, 503);
  const uint64_t during = load.acknowledged() - before;
  const int64_t away_ms = MsSince(left);

  const auto returned = std::chrono::steady_clock::now();
  ComeBack();
  ASSERT_TRUE(WaitForReady(200));
  const int64_t green_ms = MsSince(returned);
  EXPECT_TRUE(WaitUntil([&] { return acknowledged.load(); }));
  const std::string of_d1 = "/api/alerts?device_id=D1";
  EXPECT_TRUE(WaitUntil([&] { return List(of_d1, "alerts").size() == 1; }));
  EXPECT_EQ(List(of_d1, "alerts").at(0).at("created_at"), base::FormatTimestamp(hot.time));
  EXPECT_TRUE(WaitUntil([&] {
    return api().GetData("/api/alerts?device_id=D2&status=resolved,suppressed").at("total") ==
           kFlaps;
  }));
  const base::Json letters = List("/api/data/dead-letters", "dead_letters");
  ASSERT_EQ(letters.size(), 1U) << letters.dump(2);
  EXPECT_EQ(letters[0].at("payload"), "no reading");
  ASSERT_TRUE(load.Finish());
  EXPECT_EQ(load.lost(), 0U);
  load.ExpectAllStored(api());
  EXPECT_EQ(Stored("D1", hot.time, hot.time + seconds(1)), std::vector{hot});
  std::cout << "away for " << away_ms << " ms: /ready red after " << red_ms << " ms, " << during
            << " readings acknowledged meanwhile, green " << green_ms << " ms after the return\n";
}

TEST_P(PostgresqlOutage, StopsWhileItIsAway) {
  Start({{"ENERGY_STORAGE__SQL__URL", server_.url()}});
  Leave();
  ASSERT_TRUE(WaitForReady(503));
  const auto [ended, took] = platform().process().Interrupt();
  EXPECT_EQ(ended.exit_code, 0) << platform().process().Err();
  if (!kSanitized) {
    EXPECT_LT(took, seconds(10));
  }
  ComeBack();
}

TEST(Postgresql, AStartWithoutItSaysWhereAndWhyWithoutThePassword) {
  const TemporaryFolder folder;
  const Outcome outcome =
      RunProgram({"serve", "--data-dir", (folder.path() / "data").string(), "--http", "127.0.0.1:0",
                  "--mqtt", "127.0.0.1:0"},
                 {{"ENERGY_STORAGE__SQL__URL", "postgresql://someone:sesame-open@127.0.0.1:1/x"}});
  EXPECT_EQ(outcome.exit_code, 1);
  EXPECT_NE(outcome.err.find("storage.sql.url"), std::string::npos) << outcome.err;
  EXPECT_NE(outcome.err.find("Connection refused"), std::string::npos) << outcome.err;
  EXPECT_EQ((outcome.out + outcome.err).find("sesame"), std::string::npos) << outcome.err;
}

}  // namespace
}  // namespace energy::integration
