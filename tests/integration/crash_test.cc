#include <csignal>
#include <future>
#include <iostream>
#include <random>

#include "integration/load.h"
#include "integration/platform_test.h"

namespace energy::integration {
namespace {

using std::chrono::milliseconds;

constexpr int kKills = 20;

class Crash : public PlatformTest {
 protected:
  // The moment of a kill is meant to hit anything, so here, and only here, time itself is waited
  // for.
  void LetPass(milliseconds least, milliseconds most) {
    std::this_thread::sleep_for(
        milliseconds(std::uniform_int_distribution<int64_t>(least.count(), most.count())(random_)));
  }

  // Publishes refused payloads without pause until the connection is gone; the acknowledged ones.
  static uint64_t PublishBadPayloads(mqtt::Client& client, const Credential& device,
                                     std::atomic<uint64_t>& sent) {
    uint64_t acknowledged = 0;
    while (true) {
      auto done = std::make_shared<std::promise<bool>>();
      auto answer = done->get_future();
      ++sent;
      const base::Status status =
          client.Publish(device.topic, "not JSON", 1,
                         [done](const base::Status& result) { done->set_value(result.ok()); });
      if (!status.ok() || !answer.get()) return acknowledged;
      ++acknowledged;
    }
  }

  // Kills the program also while it recovers.
  void KillDuringRecovery() {
    Platform starting({.data_dir = data_dir(), .environment = environment_}, Platform::DoNotWait{});
    LetPass(milliseconds(0), milliseconds(60));
    starting.process().Kill();
  }

  // Small limits, so that the kills also hit sealing.
  const Environment environment_{{"ENERGY_SERIES__SEAL_AGE_S", "1"},
                                 {"ENERGY_SERIES__HEAD_BYTES", "1048576"}};
  std::mt19937_64 random_{TestSeed()};
};

TEST_F(Crash, WhatWasAcknowledgedSurvivesKillAt20RandomMoments) {
  Start(environment_);
  std::vector<Credential> devices;
  for (int i = 0; i < 4; ++i) {
    devices.push_back(api().MakeDevice("load-" + std::to_string(i), "counter"));
  }
  const Credential broken = api().MakeDevice("broken");
  Load load(devices, 64);
  uint64_t dead_letters = 0;
  std::atomic<uint64_t> bad_sent = 0;
  bool something_was_replayed = false;

  for (int round = 0; round < kKills; ++round) {
    SCOPED_TRACE(round);
    const uint64_t before = load.acknowledged();
    load.Start(platform().mqtt_port());
    const auto bad_client = Connect(broken);
    auto bad = std::async(std::launch::async,
                          [&] { return PublishBadPayloads(*bad_client, broken, bad_sent); });
    ASSERT_TRUE(load.WaitForAcknowledged(before + 1));
    const std::string made = "made-" + std::to_string(round);
    ASSERT_EQ(
        api().Post("/api/devices", {{"id", made}, {"name", made}, {"type", "counter"}}).status,
        201);
    LetPass(milliseconds(0), milliseconds(250));
    platform().process().Kill();
    dead_letters += bad.get();
    load.Abandon();

    if (round % 4 == 3) KillDuringRecovery();
    Start(environment_);
    const std::string log = platform().process().Err();
    EXPECT_NE(log.find("telemetry log replayed: "), std::string::npos) << log;
    something_was_replayed = something_was_replayed ||
                             log.find("telemetry log replayed: 0 readings") == std::string::npos;
    EXPECT_EQ(api().Get("/api/devices/" + made).status, 200);
    EXPECT_EQ(api().Get("/ready").status, 200);
    const uint64_t kept = api().GetData("/api/data/dead-letters?page_size=1").at("total");
    EXPECT_GE(kept, dead_letters);
    EXPECT_LE(kept, bad_sent);
    load.ExpectAllStored(api());
    if (HasFailure()) return;
  }
  EXPECT_TRUE(something_was_replayed) << "no kill left anything to replay: the load is too small";
  std::cout << load.acknowledged() << " acknowledged readings and " << dead_letters
            << " dead letters survived " << kKills << " kills\n";
}

}  // namespace
}  // namespace energy::integration
