#include <filesystem>

#include "base/time_text.h"
#include "integration/load.h"
#include "integration/platform_test.h"

namespace energy::integration {
namespace {

namespace fs = std::filesystem;

// libfaketime of Debian's package faketime; empty where it is not installed.
std::string FakeTime() {
  std::error_code none;
  for (const fs::directory_entry& folder : fs::directory_iterator("/usr/lib", none)) {
    const fs::path library = folder.path() / "faketime/libfaketimeMT.so.1";
    if (fs::exists(library, none)) return library.string();
  }
  return {};
}

// The wall clock of the running program is set; its steady clock goes on.
class WallClock : public PlatformTest {
 protected:
  void SetUp() override {
    if (kSanitized) GTEST_SKIP() << "a sanitizer must be the first library that is loaded";
    if (FakeTime().empty()) GTEST_SKIP() << "the package faketime is not installed";
    SetClock("+0");
    Start({{"ENERGY_SERIES__SEAL_AGE_S", "1"},
           {"LD_PRELOAD", FakeTime()},
           {"FAKETIME_TIMESTAMP_FILE", clock_file().string()},
           {"FAKETIME_NO_CACHE", "1"},
           {"FAKETIME_DONT_FAKE_MONOTONIC", "1"},
           {"NO_FAKE_STAT", "1"}});
  }
  fs::path clock_file() const { return folder_.path() / "clock"; }
  // Off by so much: "+0", "-1h", "+10y". In one step, so that no half of it is read.
  void SetClock(const std::string& offset) {
    const fs::path next = folder_.path() / "clock.next";
    WriteFile(next, offset + "\n");
    fs::rename(next, clock_file());
  }
  // As the program sees it.
  std::chrono::hours ClockOffset() {
    const auto answer = api().Get("/api/devices");
    const auto time = base::ParseTimestamp(answer.body.at("timestamp").get<std::string>());
    if (!time.ok()) throw std::runtime_error(answer.body.dump());
    return std::chrono::round<std::chrono::hours>(*time - NowMs());
  }
  double Metric(const std::string& name) {
    const std::string text = api().Get("/metrics").response.body;
    const size_t at = text.find("\n" + name + " ");
    if (at == std::string::npos) throw std::runtime_error("no metric " + name);
    return std::stod(text.substr(at + name.size() + 2));
  }
  bool SealsGoOn() {
    const double sealed = Metric("series_chunks_sealed_total");
    return WaitUntil([&] { return Metric("series_chunks_sealed_total") > sealed; });
  }

 private:
  TemporaryFolder folder_;
};

TEST_F(WallClock, SetBackAnHourStopsNothing) {
  Load load({api().MakeDevice("load-0", "counter"), api().MakeDevice("load-1", "counter")}, 16);
  load.Start(platform().mqtt_port());
  ASSERT_TRUE(load.WaitForAcknowledged(1'000));
  SetClock("-1h");
  ASSERT_TRUE(WaitUntil([&] { return ClockOffset() == std::chrono::hours(-1); }));
  const uint64_t before = load.acknowledged();
  EXPECT_TRUE(load.WaitForAcknowledged(before + 1'000));
  EXPECT_TRUE(SealsGoOn());
  EXPECT_EQ(load.lost(), 0u);
  EXPECT_TRUE(load.Finish());
  load.ExpectAllStored(api());
  EXPECT_EQ(api().Get("/ready").status, 200);
  EXPECT_EQ(platform().process().Interrupt().first.exit_code, 0);
}

TEST_F(WallClock, TenYearsAheadExpiresNothing) {
  Load load({api().MakeDevice("load-0", "counter")}, 16);
  load.Start(platform().mqtt_port());
  ASSERT_TRUE(load.WaitForAcknowledged(1'000));
  SetClock("+3650d");
  // The store says so when it has looked.
  EXPECT_TRUE(WaitUntil([&] {
    return platform().process().Err().find("the clock is ahead of the newest reading") !=
           std::string::npos;
  })) << platform().process().Err();
  const uint64_t before = load.acknowledged();
  EXPECT_TRUE(load.WaitForAcknowledged(before + 1'000)) << "readings are refused";
  api().LoginAsAdmin(data_dir());  // the old session has expired
  EXPECT_TRUE(SealsGoOn());
  EXPECT_TRUE(load.Finish());
  load.ExpectAllStored(api());

  SetClock("+0");
  api().LoginAsAdmin(data_dir());
  load.Start(platform().mqtt_port());
  EXPECT_TRUE(load.WaitForAcknowledged(load.acknowledged() + 1'000));
  EXPECT_TRUE(load.Finish());
  load.ExpectAllStored(api());
  EXPECT_EQ(platform().process().Interrupt().first.exit_code, 0);
}

}  // namespace
}  // namespace energy::integration
