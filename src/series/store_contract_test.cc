#include "series/store_contract.h"

#include <gtest/gtest.h>

#include <cmath>
#include <map>
#include <random>
#include <vector>

#include "series/store_contract_steps.h"

namespace energy::series {
namespace {

using namespace contract;

TEST_P(StoreContract, ReadsBackWhatWasAppended) {
  const DeviceRef device = Device(store());
  const FieldRef volts = Field(store(), "voltage_v");
  const FieldRef watts = Field(store(), "power_w");
  Batch batch;
  for (int i = 0; i < 100; ++i) {
    batch.Add(device, kBase + i * kSecond, std::vector<FieldRef>{volts, watts},
              std::vector<double>{230 + i * 0.1, i * 1.5});
  }
  Append(store(), batch);
  for (int pass = 0; pass < 3; ++pass) {
    const Series series = Read(store(), All(device));
    ASSERT_EQ(series.time_ns.size(), 100u) << pass;
    ASSERT_EQ(series.fields, (std::vector<FieldRef>{volts, watts}));
    EXPECT_EQ(series.time_ns[99], kBase + 99 * kSecond);
    EXPECT_EQ(series.columns[0][99], 230 + 99 * 0.1);
    EXPECT_EQ(series.columns[1][99], 99 * 1.5);
    EXPECT_FALSE(series.truncated);
    if (pass == 0) under_test_->Settle();
    if (pass == 1) under_test_->Reopen();
  }
}

TEST_P(StoreContract, TheSameTimeOverwritesTheFieldsItCarries) {
  const DeviceRef device = Device(store());
  const FieldRef a = Field(store(), "a");
  const FieldRef b = Field(store(), "b");
  const FieldRef c = Field(store(), "c");
  AppendOne(store(), device, kBase, {a, b}, {1, 2});
  for (int pass = 0; pass < 2; ++pass) {
    const double value = 20 + pass;
    AppendOne(store(), device, kBase, {b, c}, {value, 3});
    const Readings expected = {{kBase, {{a, 1}, {b, value}, {c, 3}}}};
    EXPECT_EQ(ToReadings(Read(store(), All(device))), expected);
    under_test_->Settle();
    EXPECT_EQ(ToReadings(Read(store(), All(device))), expected);
  }
  under_test_->Reopen();
  const Readings expected = {{kBase, {{a, 1}, {b, 21}, {c, 3}}}};
  EXPECT_EQ(ToReadings(Read(store(), All(device))), expected);
}

TEST_P(StoreContract, ValuesThatAreNotThereAreNotStored) {
  const DeviceRef device = Device(store());
  const FieldRef a = Field(store(), "a");
  const FieldRef b = Field(store(), "b");
  const double missing = std::nan("");
  AppendOne(store(), device, kBase, {a, b}, {missing, missing});
  AppendOne(store(), device, kBase + 1, {a, b}, {1, missing});
  AppendOne(store(), device, kBase + 1, {a, b}, {missing, 2});
  const Readings expected = {{kBase + 1, {{a, 1}, {b, 2}}}};
  EXPECT_EQ(ToReadings(Read(store(), All(device))), expected);
  under_test_->Settle();
  EXPECT_EQ(ToReadings(Read(store(), All(device))), expected);
}

// Whatever the order of arrival, of seals and of restarts, the store is a map from identity to
// values.
TEST_P(StoreContract, IsAMapByDeviceTimeAndField) {
  for (uint64_t seed = 1; seed <= 4; ++seed) {
    SCOPED_TRACE(seed);
    std::mt19937_64 random(seed);
    under_test_ = GetParam().make();
    const std::vector<DeviceRef> devices = {Device(store(), "A"), Device(store(), "B")};
    const std::vector<FieldRef> fields = {Field(store(), "a"), Field(store(), "b"),
                                          Field(store(), "c")};
    std::map<DeviceRef, Readings> model;
    int64_t live = kBase;
    for (int step = 0; step < 150; ++step) {
      Batch batch;
      const bool is_late = random() % 3 == 0;
      int64_t late = kBase - 500 + static_cast<int64_t>(random() % 4000);
      const uint64_t rows = 1 + random() % 60;
      for (uint64_t r = 0; r < rows; ++r) {
        const DeviceRef device = devices[random() % devices.size()];
        const int64_t time = is_late ? late : live;
        (is_late ? late : live) += static_cast<int64_t>(random() % 3);
        std::vector<FieldRef> row_fields = fields;
        row_fields.resize(1 + random() % 3);
        std::vector<double> values;
        for (const FieldRef field : row_fields) {
          values.push_back(static_cast<double>(random() % 10'000) / 10);
          model[device][time][field] = values.back();
        }
        batch.Add(device, time, row_fields, values);
      }
      Append(store(), batch);
      if (random() % 12 == 0) under_test_->Settle();
      if (random() % 40 == 0) under_test_->Reopen();
      const DeviceRef device = devices[random() % devices.size()];
      const Readings& expected = model[device];
      ASSERT_EQ(ToReadings(Read(store(), All(device))), expected) << "step " << step;
      RangeQuery query = All(device);
      query.start_ns = kBase - 500 + static_cast<int64_t>(random() % 5000);
      query.end_ns = query.start_ns + static_cast<int64_t>(random() % 2000);
      query.limit = 1 + random() % 300;
      query.newest_first = random() % 2 == 0;
      Readings part(expected.lower_bound(query.start_ns), expected.lower_bound(query.end_ns));
      const bool truncated = part.size() > query.limit;
      while (part.size() > query.limit) {
        part.erase(query.newest_first ? part.begin() : std::prev(part.end()));
      }
      const Series series = Read(store(), query);
      ASSERT_EQ(ToReadings(series), part) << "step " << step;
      ASSERT_EQ(series.truncated, truncated);
      if (!expected.empty()) {
        ASSERT_EQ(store().LatestOf(device)->time_ns, expected.rbegin()->first);
        ASSERT_EQ(store().LatestOf(device)->fields.size(), expected.rbegin()->second.size());
      }
    }
  }
}

}  // namespace
}  // namespace energy::series
