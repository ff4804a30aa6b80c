#include <algorithm>
#include <csignal>
#include <future>
#include <iostream>
#include <random>

#include "integration/load.h"
#include "integration/platform_test.h"

namespace energy::integration {
namespace {

namespace fs = std::filesystem;

using std::chrono::milliseconds;

constexpr int kKills = kSanitized ? 20 : 200;
constexpr int kPowerLosses = 15;
// Rounds between two complete checks: what every round wrote is read back after it.
constexpr int kRoundsPerFullCheck = 20;

// Small limits, so that the kills also hit sealing.
const Environment kSealsOften{{"ENERGY_SERIES__SEAL_AGE_S", "1"},
                              {"ENERGY_SERIES__HEAD_BYTES", "1048576"}};

class Crash : public PlatformTest {
 protected:
  // The moment of a kill is meant to hit anything, so here, and only here, time itself is waited
  // for.
  void LetPass(milliseconds least, milliseconds most) {
    std::this_thread::sleep_for(
        milliseconds(std::uniform_int_distribution<int64_t>(least.count(), most.count())(random_)));
  }

  std::vector<Credential> MakeDevices(int count) {
    std::vector<Credential> devices;
    for (int i = 0; i < count; ++i) {
      devices.push_back(api().MakeDevice("load-" + std::to_string(i), "counter"));
    }
    return devices;
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
    Platform starting({.data_dir = data_dir(), .environment = kSealsOften}, Platform::DoNotWait{});
    LetPass(milliseconds(0), milliseconds(60));
    starting.process().Kill();
  }

  std::unique_ptr<PlatformProcess> StartBackup(const fs::path& destination) {
    return std::make_unique<PlatformProcess>(
        Arguments{"backup", destination.string(), "--data-dir", data_dir().string()});
  }

  // A backup that was under way when the program was killed is complete, or says that it is not.
  void CheckBackup(PlatformProcess& backup, const fs::path& destination, const Load& load,
                   const Load::Acknowledged& acknowledged) {
    const auto ended = backup.Wait();
    ASSERT_TRUE(ended) << "the backup does not end: " << backup.Err();
    EXPECT_EQ(ended->signal, 0) << backup.Err();
    const fs::path restored = destination.string() + "-restored";
    const Outcome restore =
        RunProgram({"restore", destination.string(), "--data-dir", restored.string()});
    EXPECT_EQ(restore.exit_code, ended->exit_code) << backup.Err() << restore.err;
    if (ended->exit_code == 0) {
      ++complete_backups_;
      Platform platform({.data_dir = restored});
      ApiClient client(platform.http_port());
      client.set_token(api().token());
      load.ExpectStored(client, acknowledged);
    }
    fs::remove_all(destination);
    fs::remove_all(restored);
  }

  // Only between a kill and the next start.
  void ExpectDoctorFindsNothing() {
    const Outcome doctor = RunProgram({"doctor", "--data-dir", data_dir().string()});
    EXPECT_EQ(doctor.exit_code, 0) << doctor.out << doctor.err;
  }

  std::mt19937_64 random_{TestSeed()};
  TemporaryFolder elsewhere_;
  int complete_backups_ = 0;
};

TEST_F(Crash, WhatWasAcknowledgedSurvivesKillsAtRandomMoments) {
  Start(kSealsOften);
  const Credential broken = api().MakeDevice("broken");
  Load load(MakeDevices(2), 16);
  uint64_t dead_letters = 0;
  std::atomic<uint64_t> bad_sent = 0;
  bool something_was_replayed = false;

  for (int round = 0; round < kKills; ++round) {
    SCOPED_TRACE(round);
    const uint64_t before = load.acknowledged();
    const uint64_t first = load.sent();
    load.Start(platform().mqtt_port());
    const auto bad_client = Connect(broken);
    auto bad = std::async(std::launch::async,
                          [&] { return PublishBadPayloads(*bad_client, broken, bad_sent); });
    ASSERT_TRUE(load.WaitForAcknowledged(before + 1));
    const std::string made = "made-" + std::to_string(round);
    ASSERT_EQ(
        api().Post("/api/devices", {{"id", made}, {"name", made}, {"type", "counter"}}).status,
        201);
    const Load::Acknowledged acknowledged = load.AcknowledgedSoFar();
    const fs::path destination = elsewhere_.path() / "backup";
    const auto backup = round % 4 == 1 ? StartBackup(destination) : nullptr;
    LetPass(milliseconds(0), milliseconds(120));
    platform().process().Kill();
    dead_letters += bad.get();
    load.Abandon();
    if (backup) CheckBackup(*backup, destination, load, acknowledged);

    const bool full_check = round % kRoundsPerFullCheck == kRoundsPerFullCheck - 1;
    if (round % 4 == 3) KillDuringRecovery();
    if (full_check) ExpectDoctorFindsNothing();
    Start(kSealsOften);
    const std::string log = platform().process().Err();
    EXPECT_NE(log.find("telemetry log replayed: "), std::string::npos) << log;
    something_was_replayed = something_was_replayed ||
                             log.find("telemetry log replayed: 0 readings") == std::string::npos;
    EXPECT_EQ(api().Get("/api/devices/" + made).status, 200);
    EXPECT_EQ(api().Get("/ready").status, 200);
    const uint64_t kept = api().GetData("/api/data/dead-letters?page_size=1").at("total");
    EXPECT_GE(kept, dead_letters);
    EXPECT_LE(kept, bad_sent);
    load.ExpectStored(api(), load.AcknowledgedSoFar(), full_check ? 0 : first);
    if (HasFailure()) return;
  }
  EXPECT_TRUE(something_was_replayed) << "no kill left anything to replay: the load is too small";
  EXPECT_GT(complete_backups_, 0) << "every backup was cut short: the kills come too early";
  std::cout << load.acknowledged() << " acknowledged readings and " << dead_letters
            << " dead letters survived " << kKills << " kills; " << complete_backups_
            << " backups were complete\n";
}

// The readings run through years, so that a day of them expires with each look of the store, which
// comes every two seconds; kills fall before, into and after it.
TEST_F(Crash, WhatIsKeptSurvivesKillsWhileReadingsExpire) {
  constexpr int kExpiryKills = kSanitized ? 3 : 10;
  constexpr std::chrono::hours kDay{24};
  const Environment environment{{"ENERGY_SERIES__SEAL_AGE_S", "1"},
                                {"ENERGY_SERIES__HEAD_BYTES", "1048576"},
                                {"ENERGY_SERIES__RETENTION_DAYS", "1"},
                                {"ENERGY_SERIES__HOURLY_RETENTION_DAYS", "2"},
                                {"ENERGY_SERIES__DAILY_RETENTION_DAYS", "100"}};
  Start(environment);
  const Load::Times times{
      .first = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now()) -
               20 * 365 * kDay,
      .step = std::chrono::minutes(1)};
  Load load(MakeDevices(2), 16, times);
  const auto midnight_of = [&](uint64_t index) {
    return std::chrono::floor<std::chrono::days>(load.TimeOf(index));
  };
  for (int round = 0; round < kExpiryKills; ++round) {
    SCOPED_TRACE(round);
    load.Start(platform().mqtt_port());
    ASSERT_TRUE(load.WaitForAcknowledged(load.acknowledged() + 1));
    LetPass(milliseconds(1500), milliseconds(4500));
    platform().process().Kill();
    load.Abandon();

    ExpectDoctorFindsNothing();  // compares rollups with readings
    Start(environment);
    EXPECT_EQ(api().Get("/ready").status, 200);
    // What is not a whole day older than the newest that can be stored.
    const Load::Acknowledged acknowledged = load.AcknowledgedSoFar();
    const uint64_t sent = std::max(acknowledged[0].size(), acknowledged[1].size());
    const auto kept_from = midnight_of(sent) - kDay;
    const auto from = std::max<int64_t>(0, (kept_from - times.first) / times.step + 1);
    load.ExpectStored(api(), acknowledged, static_cast<uint64_t>(from));
    // What expired is gone or goes now: two days before the newest, whoever sent it.
    const uint64_t least = load.sent();
    const std::string before = base::FormatTimestamp(midnight_of(least) - 2 * kDay);
    EXPECT_TRUE(WaitUntil([&] {
      return api()
          .GetData("/api/data/telemetry/load-0?limit=1&start=2000-01-01T00:00:00Z&end=" + before)
          .at("data")
          .empty();
    })) << "readings before "
        << before << " are still there";
    if (HasFailure()) return;
  }
  std::cout << load.acknowledged() << " acknowledged readings, " << load.sent() / 1440
            << " days of which all but the last expired, and " << kExpiryKills << " kills\n";
}

// A file system that loses what was not synced: see power_loss.cc.
TEST_F(Crash, WhatWasAcknowledgedSurvivesLossesOfPower) {
  if (kSanitized) GTEST_SKIP() << "a sanitizer must be the first library that is loaded";
  Start(kSealsOften);
  Load load(MakeDevices(2), 4);
  EXPECT_EQ(platform().process().Interrupt().first.exit_code, 0);
  for (int round = 0; round < kPowerLosses; ++round) {
    SCOPED_TRACE(round);
    Environment environment = kSealsOften;
    const auto writes = std::uniform_int_distribution<int>(100, 1500)(random_);
    environment.emplace_back("LD_PRELOAD", ENERGY_POWER_LOSS);
    environment.emplace_back("POWER_LOSS_FOLDER", data_dir().string());
    environment.emplace_back("POWER_LOSS_AFTER", std::to_string(writes));
    Start(environment);
    load.Start(platform().mqtt_port());
    const std::string made = "made-" + std::to_string(round);
    bool kept = false;
    try {
      kept =
          api().Post("/api/devices", {{"id", made}, {"name", made}, {"type", "counter"}}).status ==
          201;
    } catch (const std::exception&) {
      // The power went before the answer.
    }
    const auto ended = platform().process().Wait();
    ASSERT_TRUE(ended) << "the power does not go";
    ASSERT_EQ(ended->signal, SIGKILL) << platform().process().Err();
    load.Abandon();

    ExpectDoctorFindsNothing();
    Start(kSealsOften);
    if (kept) {
      EXPECT_EQ(api().Get("/api/devices/" + made).status, 200);
    }
    load.ExpectAllStored(api());
    EXPECT_EQ(platform().process().Interrupt().first.exit_code, 0);
    if (HasFailure()) return;
  }
  std::cout << load.acknowledged() << " acknowledged readings survived " << kPowerLosses
            << " losses of power\n";
}

}  // namespace
}  // namespace energy::integration
