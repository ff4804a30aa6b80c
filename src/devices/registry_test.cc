#include "devices/registry.h"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "devices/profile_repository.h"

namespace energy::devices {
namespace {

Device MakeDevice(const std::string& id, const std::string& type = "bulb") {
  Device device;
  device.id = id;
  device.name = id;
  device.type = type;
  return device;
}

TEST(Registry, TellsSubscribersOfEachChangeInOrder) {
  Registry registry;
  std::vector<size_t> sizes;
  {
    const auto subscription =
        registry.Subscribe([&](const std::shared_ptr<const RegistrySnapshot>& state) {
          sizes.push_back(state->size());
        });
    registry.Load({MakeDevice("D1"), MakeDevice("D2")}, {BulbProfile()});
    registry.PutDevice(MakeDevice("D3"));
    registry.RemoveDevice("D1");
    registry.PutProfile(BulbProfile());
  }
  registry.RemoveDevice("D2");  // nobody listens any more
  EXPECT_EQ(sizes, (std::vector<size_t>{2, 3, 2, 2}));
  EXPECT_EQ(registry.version(), 5U);
}

TEST(Registry, SubscribersSeeThePublishedState) {
  Registry registry;
  bool called = false;
  const auto subscription =
      registry.Subscribe([&](const std::shared_ptr<const RegistrySnapshot>& state) {
        called = true;
        EXPECT_EQ(registry.Snapshot(), state);
      });
  registry.PutDevice(MakeDevice("D1"));
  EXPECT_TRUE(called);
}

TEST(Registry, SnapshotsDoNotChange) {
  Registry registry;
  registry.PutDevice(MakeDevice("D1"));
  const auto before = registry.Snapshot();
  const RegisteredDevice* device = before->Find("D1");
  registry.RemoveDevice("D1");
  EXPECT_EQ(before->Find("D1"), device);
  EXPECT_EQ(registry.Snapshot()->Find("D1"), nullptr);
  EXPECT_EQ(before->Find("D2"), nullptr);
}

TEST(Registry, AProfileReachesOnlyItsDevices) {
  Registry registry;
  registry.Load({MakeDevice("D1"), MakeDevice("P1", "pump")}, {});
  EXPECT_EQ(registry.Find("D1")->profile, nullptr);
  registry.PutProfile(BulbProfile());
  EXPECT_NE(registry.Find("D1")->profile, nullptr);
  EXPECT_EQ(registry.Find("P1")->profile, nullptr);
  registry.PutDevice(MakeDevice("D2"));
  EXPECT_EQ(registry.Find("D2")->profile, registry.Find("D1")->profile);
}

TEST(Registry, MayBeReadWhileItChanges) {
  Registry registry;
  registry.PutDevice(MakeDevice("D0"));
  std::atomic<bool> done = false;
  std::atomic<int> missing = 0;
  {
    std::jthread reader([&] {
      while (!done) {
        if (registry.Find("D0") == nullptr) ++missing;
      }
    });
    for (int i = 1; i < 500; ++i) registry.PutDevice(MakeDevice("D" + std::to_string(i)));
    done = true;
  }
  EXPECT_EQ(missing, 0);
  EXPECT_EQ(registry.Snapshot()->size(), 500U);
}

TEST(Registry, TagsAreThePlainMembersOfTheMetadata) {
  Registry registry;
  Device device;
  device.id = "D1";
  device.metadata = {{"line", "A"}, {"hall", 2}, {"spare", true}, {"list", {1}}, {"none", nullptr}};
  registry.PutDevice(device);
  EXPECT_EQ(registry.Find("D1")->tags, (Tags{{"hall", "2"}, {"line", "A"}, {"spare", "true"}}));
  EXPECT_EQ(*FindTag(registry.Find("D1")->tags, "line"), "A");
  EXPECT_EQ(FindTag(registry.Find("D1")->tags, "lin"), nullptr);
}

}  // namespace
}  // namespace energy::devices
