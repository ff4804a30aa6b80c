#include <gtest/gtest.h>

#include "devices/device_service.h"
#include "sql/test_database.h"

namespace energy::devices {
namespace {

/// Two replicas on one database.
class DeviceRefreshTest : public ::testing::Test {
 protected:
  void SetUp() override {
    ASSERT_TRUE(here_.Load().ok());
    ASSERT_TRUE(there_.Load().ok());
  }
  static NewDevice Bulb(const std::string& id) {
    NewDevice device;
    device.id = id;
    device.name = "Name of " + id;
    device.type = "bulb";
    return device;
  }
  // What the other replica knows once it has looked; null when that is nothing.
  std::shared_ptr<const RegisteredDevice> There(const std::string& id) {
    const base::Status status = there_.Refresh();
    EXPECT_TRUE(status.ok()) << status.ToString();
    return there_registry_.Find(id);
  }

  base::ManualClock clock_{base::Timestamp(std::chrono::seconds(1'800'000'000))};
  sql::TestDatabase database_;
  Registry here_registry_;
  Registry there_registry_;
  DeviceService here_{*database_, clock_, here_registry_, nullptr};
  DeviceService there_{*database_, clock_, there_registry_, nullptr};
};

TEST_F(DeviceRefreshTest, DevicesComeChangeAndGo) {
  ASSERT_TRUE(here_.Create(Bulb("D1")).ok());
  EXPECT_EQ(there_registry_.Find("D1"), nullptr);
  ASSERT_NE(There("D1"), nullptr);
  EXPECT_NE(There("D1")->profile, nullptr);
  DevicePatch patch;
  patch.name = "other";
  patch.type = "pump";
  ASSERT_TRUE(here_.Update("D1", patch).ok());
  EXPECT_EQ(There("D1")->name, "other");
  EXPECT_EQ(There("D1")->profile, nullptr);
  // Both at once: the new one counts.
  ASSERT_TRUE(here_.Delete("D1").ok());
  ASSERT_TRUE(here_.Create(Bulb("D1")).ok());
  EXPECT_EQ(There("D1")->name, "Name of D1");
  ASSERT_TRUE(here_.Delete("D1").ok());
  EXPECT_EQ(There("D1"), nullptr);
}

TEST_F(DeviceRefreshTest, ManyComeAtOnce) {
  ASSERT_TRUE(here_.Create(Bulb("before")).ok());
  ASSERT_NE(There("before"), nullptr);
  std::vector<NewDevice> devices;
  for (int i = 0; i < 300; ++i) devices.push_back(Bulb("D" + std::to_string(i)));
  ASSERT_TRUE(here_.Import(devices, {}).ok());
  ASSERT_TRUE(here_.Delete("D7").ok());
  const uint64_t version = there_registry_.version();
  EXPECT_NE(There("D299"), nullptr);
  EXPECT_EQ(There("D7"), nullptr);
  EXPECT_EQ(there_registry_.Snapshot()->size(), 300u);
  EXPECT_EQ(there_registry_.version(), version + 1) << "one change, however many they are";
}

TEST_F(DeviceRefreshTest, ProfilesComeChangeAndGo) {
  ASSERT_TRUE(here_.Create(Bulb("D1")).ok());
  Profile profile = BulbProfile();
  profile.fields[0].max = 300;
  ASSERT_TRUE(here_.PutProfile(profile).ok());
  EXPECT_EQ(There("D1")->profile->fields[0].max, 300);
  ASSERT_TRUE(here_.DeleteProfile("bulb").ok());
  EXPECT_EQ(There("D1")->profile, nullptr);
  profile.type = "pump";
  ASSERT_TRUE(here_.CreateProfile(profile).ok());
  ASSERT_TRUE(there_.Refresh().ok());
  EXPECT_NE(there_registry_.Snapshot()->FindProfile("pump"), nullptr);
}

TEST_F(DeviceRefreshTest, NothingIsDoneWhenNothingChanged) {
  ASSERT_TRUE(here_.Create(Bulb("D1")).ok());
  ASSERT_NE(There("D1"), nullptr);
  const uint64_t version = there_registry_.version();
  ASSERT_NE(There("D1"), nullptr);
  EXPECT_EQ(there_registry_.version(), version);
}

TEST_F(DeviceRefreshTest, TheOtherShowsWhatIsNew) {
  ASSERT_TRUE(here_.Create(Bulb("D1")).ok());
  ASSERT_TRUE(there_.View("D1").ok());
  DevicePatch patch;
  patch.name = "other";
  ASSERT_TRUE(here_.Update("D1", patch).ok());
  ASSERT_TRUE(there_.Refresh().ok());
  EXPECT_EQ((*there_.View("D1"))->device.name, "other");
}

}  // namespace
}  // namespace energy::devices
