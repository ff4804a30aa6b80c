#include <fcntl.h>
#include <sys/stat.h>

#include <iostream>

#include "integration/load.h"
#include "integration/platform_test.h"

namespace energy::integration {
namespace {

namespace fs = std::filesystem;

// Small limits, so that a backup meets sealing and flushing.
const Environment kSealsOften{{"ENERGY_SERIES__SEAL_AGE_S", "1"},
                              {"ENERGY_SERIES__HEAD_BYTES", "1048576"}};

class Backup : public PlatformTest {
 protected:
  std::vector<Credential> MakeDevices(int count) {
    std::vector<Credential> devices;
    for (int i = 0; i < count; ++i) {
      devices.push_back(api().MakeDevice("load-" + std::to_string(i), "counter"));
    }
    return devices;
  }

  Outcome RunBackup(const fs::path& destination) {
    return RunProgram({"backup", destination.string(), "--data-dir", data_dir().string()});
  }
  static Outcome RunRestore(const fs::path& source, const fs::path& data_dir,
                            const Arguments& more = {}) {
    Arguments arguments{"restore", source.string(), "--data-dir", data_dir.string()};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return RunProgram(arguments);
  }

  // Starts a platform on a restored folder and asks it for everything the load had acknowledged.
  void ExpectRestoredHolds(const fs::path& restored, const Load::Acknowledged& acknowledged,
                           const Load& load) {
    Platform platform({.data_dir = restored, .environment = kSealsOften});
    ApiClient client(platform.http_port());
    client.set_token(api().token());
    load.ExpectStored(client, acknowledged);
    EXPECT_EQ(client.Get("/ready").status, 200);
    EXPECT_EQ(platform.process().Interrupt().first.exit_code, 0);
  }

  TemporaryFolder elsewhere_;
};

void FlipBit(const fs::path& path, size_t at) {
  std::string text = ReadFile(path);
  ASSERT_LT(at, text.size()) << path;
  text[at] = static_cast<char>(text[at] ^ 4);
  WriteFile(path, text);
}

TEST_F(Backup, HoldsEverythingAcknowledgedBeforeItBegan) {
  Start(kSealsOften);
  Load load(MakeDevices(4));
  load.Start(platform().mqtt_port());
  for (int round = 0; round < 3; ++round) {
    SCOPED_TRACE(round);
    const std::string made = "made-" + std::to_string(round);
    ASSERT_TRUE(load.WaitForAcknowledged(load.acknowledged() + 5000));
    ASSERT_EQ(
        api().Post("/api/devices", {{"id", made}, {"name", made}, {"type", "counter"}}).status,
        201);
    const Load::Acknowledged before = load.AcknowledgedSoFar();
    const fs::path destination = elsewhere_.path() / ("backup-" + std::to_string(round));
    const Outcome backup = RunBackup(destination);
    ASSERT_EQ(backup.exit_code, 0) << backup.out << backup.err;
    EXPECT_FALSE(fs::exists(data_dir() / "snapshot.tmp") &&
                 !WaitUntil([&] { return !fs::exists(data_dir() / "snapshot.tmp"); }));

    const fs::path restored = elsewhere_.path() / ("restored-" + std::to_string(round));
    const Outcome restore = RunRestore(destination, restored);
    ASSERT_EQ(restore.exit_code, 0) << restore.err;
    const Outcome doctor = RunProgram({"doctor", "--data-dir", restored.string()});
    EXPECT_EQ(doctor.exit_code, 0) << doctor.out << doctor.err;
    ExpectRestoredHolds(restored, before, load);
    if (HasFailure()) return;
  }
  EXPECT_TRUE(load.Finish());
  EXPECT_EQ(load.lost(), 0U) << "a backup must not cost a connection";
  std::cout << load.acknowledged() << " readings acknowledged meanwhile\n";
}

TEST_F(Backup, RestoresKeysUsersAndCredentialsOfAStoppedPlatform) {
  Start();
  const Credential device = api().MakeDevice("D1");
  const auto client = Connect(device);
  const base::Timestamp time = NowMs();
  ASSERT_TRUE(Publish(*client, device, {.time = time}).ok());
  EXPECT_EQ(platform().process().Interrupt().first.exit_code, 0);

  const fs::path destination = elsewhere_.path() / "backup";
  const Outcome backup = RunBackup(destination);
  ASSERT_EQ(backup.exit_code, 0) << backup.out << backup.err;
  for (const char* secret : {"keys/jwt.key", "keys/mqtt.key", "metadata.db", "settings.yaml",
                             "admin-credentials.json", "manifest.json"}) {
    struct stat info {};
    ASSERT_EQ(stat((destination / secret).c_str(), &info), 0) << secret;
    EXPECT_EQ(info.st_mode & 0777U, 0600U) << secret;
  }
  EXPECT_FALSE(fs::exists(data_dir() / "snapshot.tmp"));

  // The same folder again: only with --force, and then the old one is kept.
  const Outcome refused = RunRestore(destination, data_dir());
  EXPECT_EQ(refused.exit_code, 1);
  EXPECT_NE(refused.err.find("--force"), std::string::npos) << refused.err;
  WriteFile(data_dir() / "mine.txt", "mine");
  const Outcome forced = RunRestore(destination, data_dir(), {"--force"});
  ASSERT_EQ(forced.exit_code, 0) << forced.err;
  EXPECT_NE(forced.out.find("readings in log"), std::string::npos) << forced.out;
  size_t aside = 0;
  for (const auto& entry : fs::directory_iterator(data_dir().parent_path())) {
    if (entry.path().string().find(".before-restore-") == std::string::npos) continue;
    ++aside;
    EXPECT_EQ(ReadFile(entry.path() / "mine.txt"), "mine");
  }
  EXPECT_EQ(aside, 1U);

  Start();  // with the token and the device's credential of before
  EXPECT_EQ(Stored("D1", time, time + std::chrono::seconds(1)).size(), 1U);
  EXPECT_TRUE(Publish(*Connect(device), device, {.time = time + std::chrono::seconds(1)}).ok());
}

TEST_F(Backup, RefusesWhatWouldOverwriteAndWhatIsNotWhole) {
  Start();
  const fs::path taken = elsewhere_.path() / "taken";
  fs::create_directories(taken);
  WriteFile(taken / "mine.txt", "mine");
  const Outcome overwrite = RunBackup(taken);
  EXPECT_EQ(overwrite.exit_code, 1);
  EXPECT_NE(overwrite.err.find("not empty"), std::string::npos) << overwrite.err;

  const fs::path good = elsewhere_.path() / "good";
  ASSERT_EQ(RunBackup(good).exit_code, 0);
  // While it runs nothing may be put in its place, and nothing examined.
  const Outcome running = RunRestore(good, data_dir(), {"--force"});
  EXPECT_EQ(running.exit_code, 1);
  EXPECT_NE(running.err.find("another energy-platform runs"), std::string::npos) << running.err;
  const Outcome doctor = RunProgram({"doctor", "--data-dir", data_dir().string()});
  EXPECT_EQ(doctor.exit_code, 1);
  EXPECT_NE(doctor.err.find("another energy-platform runs"), std::string::npos) << doctor.err;

  const fs::path target = elsewhere_.path() / "target";
  const auto expect_refused = [&](const fs::path& source, const std::string& named) {
    const Outcome restore = RunRestore(source, target);
    EXPECT_EQ(restore.exit_code, 1);
    EXPECT_NE(restore.err.find(named), std::string::npos) << restore.err;
    EXPECT_FALSE(fs::exists(target));
    EXPECT_FALSE(fs::exists(target.string() + ".restoring"));
  };
  const auto copy_of = [&](const std::string& name) {
    const fs::path copy = elsewhere_.path() / name;
    fs::copy(good, copy, fs::copy_options::recursive);
    return copy;
  };
  const fs::path unfinished = copy_of("unfinished");
  fs::remove(unfinished / "manifest.json");
  expect_refused(unfinished, "no complete backup");
  const fs::path flipped = copy_of("flipped");
  FlipBit(flipped / "metadata.db", 5000);
  expect_refused(flipped, "metadata.db has another checksum");
  const fs::path cut = copy_of("cut");
  fs::resize_file(cut / "keys/jwt.key", 10);
  expect_refused(cut, "jwt.key has 10 bytes");
  const fs::path lost = copy_of("lost");
  fs::remove(lost / "series/CURRENT");
  expect_refused(lost, "CURRENT cannot be read");
  const fs::path edited = copy_of("edited");
  FlipBit(edited / "manifest.json", 60);
  expect_refused(edited, "manifest.json is damaged");
}

TEST_F(Backup, IsIncompleteWhenKilledAndTheNextOneWorks) {
  Start(kSealsOften);
  Load load(MakeDevices(2));
  load.Start(platform().mqtt_port());
  ASSERT_TRUE(load.WaitForAcknowledged(5000));
  const fs::path killed = elsewhere_.path() / "killed";
  PlatformProcess backup(
      {"backup", killed.string(), "--data-dir", data_dir().string(), "--rate", "0.01"});
  ASSERT_TRUE(WaitUntil([&] { return fs::exists(killed / "series"); })) << backup.Err();
  // Another one at the same time is told so.
  const Outcome second = RunBackup(elsewhere_.path() / "second");
  EXPECT_EQ(second.exit_code, 1);
  EXPECT_NE(second.err.find("another backup is running"), std::string::npos) << second.err;
  backup.Kill();
  EXPECT_TRUE(WaitUntil([&] { return !fs::exists(data_dir() / "snapshot.tmp"); }));
  const Outcome restore = RunRestore(killed, elsewhere_.path() / "target");
  EXPECT_EQ(restore.exit_code, 1);
  EXPECT_NE(restore.err.find("no complete backup"), std::string::npos) << restore.err;
  EXPECT_EQ(RunBackup(elsewhere_.path() / "next").exit_code, 0);
  EXPECT_TRUE(load.Finish());
  EXPECT_EQ(load.lost(), 0U);
}

}  // namespace
}  // namespace energy::integration
