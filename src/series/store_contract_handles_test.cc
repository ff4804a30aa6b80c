#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "series/store_contract.h"
#include "series/store_contract_steps.h"

namespace energy::series {
namespace {

using namespace contract;

TEST_P(StoreContract, HandlesSurviveReopening) {
  const DeviceRef a = Device(store(), "A");
  const DeviceRef b = Device(store(), "B");
  const FieldRef f = Field(store(), "power_w");
  EXPECT_EQ(Device(store(), "A"), a);
  EXPECT_NE(a, b);
  under_test_->Reopen();
  EXPECT_EQ(Device(store(), "B"), b);
  EXPECT_EQ(store().FindDevice("A"), a);
  EXPECT_EQ(store().FindField("power_w"), f);
  EXPECT_EQ(store().FindDevice("C"), std::nullopt);
  EXPECT_EQ(store().DeviceName(a), "A");
  EXPECT_EQ(store().FieldName(f), "power_w");
  EXPECT_EQ(store().DeviceName(1'000'000), "");
  EXPECT_FALSE(store().OpenDevice("").ok());
  EXPECT_FALSE(store().OpenDevice(std::string(256, 'x')).ok());
  EXPECT_TRUE(store().OpenDevice(std::string(255, 'x')).ok());
}

TEST_P(StoreContract, ManyDevicesAreCreatedTogether) {
  const DeviceRef known = Device(store(), "known");
  std::vector<std::string> names{"known", "", "twice", "twice", std::string(256, 'x')};
  for (int i = 0; i < 25'000; ++i) names.push_back("device-" + std::to_string(i));
  const std::vector<std::string_view> views(names.begin(), names.end());
  const base::Status created = store().CreateDevices(views);
  ASSERT_TRUE(created.ok()) << created.ToString();
  EXPECT_FALSE(store().FindDevice(""));
  EXPECT_FALSE(store().FindDevice(names[4]));
  for (int pass = 0; pass < 2; ++pass) {
    EXPECT_EQ(store().FindDevice("known"), known);
    for (DeviceRef i = 0; i < 25'000; ++i) {
      const std::string name = "device-" + std::to_string(i);
      ASSERT_EQ(store().FindDevice(name), known + 2 + i) << pass;
      ASSERT_EQ(store().DeviceName(known + 2 + i), name);
    }
    EXPECT_EQ(Device(store(), "next"), known + 25'002);
    under_test_->Reopen();
  }
}

TEST_P(StoreContract, KeepsDevicesApart) {
  const FieldRef a = Field(store(), "a");
  std::vector<DeviceRef> devices;
  for (int d = 0; d < 300; ++d) devices.push_back(Device(store(), "device-" + std::to_string(d)));
  Batch batch;
  for (int i = 0; i < 20; ++i) {
    for (const DeviceRef device : devices) {
      batch.Add(device, kBase + i * kSecond, std::vector<FieldRef>{a},
                std::vector<double>{device * 1000.0 + i});
    }
  }
  Append(store(), batch);
  for (int pass = 0; pass < 2; ++pass) {
    for (const DeviceRef device : devices) {
      const Series series = Read(store(), All(device));
      ASSERT_EQ(series.time_ns.size(), 20u);
      ASSERT_EQ(series.columns[0][19], device * 1000.0 + 19);
    }
    under_test_->Settle();
  }
}

TEST_P(StoreContract, RefusesMalformedBatches) {
  const DeviceRef device = Device(store());
  const FieldRef a = Field(store(), "a");
  Batch batch;
  batch.Add(device, kBase, std::vector<FieldRef>{a}, std::vector<double>{1});
  batch.Add(device + 1, kBase, std::vector<FieldRef>{a}, std::vector<double>{1});
  EXPECT_EQ(store().Append(batch).code(), base::Code::kInvalidArgument);
  EXPECT_TRUE(Read(store(), All(device)).time_ns.empty());
  EXPECT_EQ(store().Read(All(device + 1)).status().code(), base::Code::kNotFound);
  EXPECT_TRUE(store().Append(Batch()).ok());
}

}  // namespace
}  // namespace energy::series
