#include "telemetry/device_table.h"

#include <gtest/gtest.h>

#include "telemetry/forwarding_store.h"
#include "telemetry/test_support.h"

namespace energy::telemetry {
namespace {

/// Counts how often the disk is waited for.
class CountingStore final : public ForwardingStore {
 public:
  using ForwardingStore::ForwardingStore;
  int created_one_by_one = 0;
  int created_together = 0;

  base::Result<series::DeviceRef> OpenDevice(std::string_view name) override {
    if (!FindDevice(name)) ++created_one_by_one;
    return ForwardingStore::OpenDevice(name);
  }
  base::Status CreateDevices(std::span<const std::string_view> names) override {
    if (!names.empty()) ++created_together;
    return ForwardingStore::CreateDevices(names);
  }
};

devices::Device DeviceOf(std::string id) {
  devices::Device device;
  device.id = std::move(id);
  device.type = "bulb";
  return device;
}

TEST(DeviceTable, WaitsOnceForTheDiskHoweverManyDevicesAreNew) {
  TestPlatform platform;
  platform.table.reset();  // it would be the first to create them
  CountingStore store(*platform.store);
  DeviceTableSource table(platform.registry, store, base::NullLogger());
  std::vector<devices::Device> devices;
  for (int i = 0; i < 1000; ++i) devices.push_back(DeviceOf("D" + std::to_string(i)));
  platform.registry.Load(devices, {devices::BulbProfile()});
  EXPECT_EQ(table.current()->size(), 1000u);
  EXPECT_EQ(store.created_one_by_one, 0);
  EXPECT_EQ(store.created_together, 1);
  ASSERT_TRUE(table.Rebuild().ok());
  EXPECT_EQ(store.created_together, 1) << "they are known";
}

TEST(DeviceTable, LeavesOutOnlyWhatTheStoreCannotTake) {
  TestPlatform platform;
  platform.registry.Load({DeviceOf("good"), DeviceOf(""), DeviceOf("also-good")}, {});
  EXPECT_EQ(platform.table->Rebuild().code(), base::Code::kInvalidArgument);
  const auto table = platform.table->current();
  EXPECT_EQ(table->size(), 2u);
  ASSERT_NE(table->Find("good"), nullptr);
  EXPECT_NE(table->Find("good")->ref, table->Find("also-good")->ref);
}

}  // namespace
}  // namespace energy::telemetry
