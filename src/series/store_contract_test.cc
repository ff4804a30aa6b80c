#include "series/store_contract.h"

#include <gtest/gtest.h>

#include <cmath>
#include <map>
#include <random>
#include <vector>

namespace energy::series {
namespace {

constexpr int64_t kSecond = 1'000'000'000;
constexpr int64_t kBase = 1'700'000'000 * kSecond;

using Readings = std::map<int64_t, std::map<FieldRef, double>>;

DeviceRef Device(Store& store, std::string_view name = "D1") {
  const auto ref = store.OpenDevice(name);
  EXPECT_TRUE(ref.ok()) << ref.status().ToString();
  return *ref;
}

FieldRef Field(Store& store, std::string_view name) {
  const auto ref = store.OpenField(name);
  EXPECT_TRUE(ref.ok()) << ref.status().ToString();
  return *ref;
}

void Append(Store& store, const Batch& batch) {
  const base::Status status = store.Append(batch);
  ASSERT_TRUE(status.ok()) << status.ToString();
}

void AppendOne(Store& store, DeviceRef device, int64_t time, std::vector<FieldRef> fields,
               std::vector<double> values) {
  Batch batch;
  batch.Add(device, time, fields, values);
  Append(store, batch);
}

Series Read(Store& store, const RangeQuery& query) {
  auto series = store.Read(query);
  EXPECT_TRUE(series.ok()) << series.status().ToString();
  return series.ok() ? *series : Series();
}

RangeQuery All(DeviceRef device) {
  return {.device = device,
          .start_ns = 0,
          .end_ns = 2 * kBase,
          .fields = {},
          .limit = 1'000'000,
          .newest_first = false};
}

Readings ToReadings(const Series& series) {
  Readings readings;
  for (size_t r = 0; r < series.time_ns.size(); ++r) {
    for (size_t c = 0; c < series.fields.size(); ++c) {
      const double value = series.columns[c].at(r);
      if (!std::isnan(value)) readings[series.time_ns[r]][series.fields[c]] = value;
    }
  }
  EXPECT_EQ(readings.size(), series.time_ns.size()) << "a time twice, or a reading without values";
  EXPECT_TRUE(std::is_sorted(series.time_ns.begin(), series.time_ns.end()));
  return readings;
}

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

TEST_P(StoreContract, EndIsExclusive) {
  const DeviceRef device = Device(store());
  const FieldRef a = Field(store(), "a");
  for (int i = 0; i < 10; ++i) AppendOne(store(), device, kBase + i, {a}, {i * 1.0});
  for (int pass = 0; pass < 2; ++pass) {
    RangeQuery query = All(device);
    query.start_ns = kBase + 2;
    query.end_ns = kBase + 5;
    EXPECT_EQ(Read(store(), query).time_ns,
              (std::vector<int64_t>{kBase + 2, kBase + 3, kBase + 4}));
    query.end_ns = query.start_ns;
    EXPECT_TRUE(Read(store(), query).time_ns.empty());
    query.end_ns = 0;
    EXPECT_TRUE(Read(store(), query).time_ns.empty());
    under_test_->Settle();
  }
}

TEST_P(StoreContract, TruncatesAtEitherEnd) {
  const DeviceRef device = Device(store());
  const FieldRef a = Field(store(), "a");
  Batch batch;
  for (int i = 0; i < 5000; ++i) {
    batch.Add(device, kBase + i, std::vector<FieldRef>{a}, std::vector<double>{i * 1.0});
  }
  Append(store(), batch);
  for (int pass = 0; pass < 2; ++pass) {
    RangeQuery query = All(device);
    query.start_ns = kBase + 100;
    query.end_ns = kBase + 4900;
    query.limit = 3000;
    Series series = Read(store(), query);
    EXPECT_TRUE(series.truncated);
    ASSERT_EQ(series.time_ns.size(), 3000u);
    EXPECT_EQ(series.time_ns.front(), kBase + 100);
    EXPECT_EQ(series.columns[0].back(), 3099);
    query.newest_first = true;
    series = Read(store(), query);
    EXPECT_TRUE(series.truncated);
    ASSERT_EQ(series.time_ns.size(), 3000u);
    EXPECT_EQ(series.time_ns.front(), kBase + 1900);
    EXPECT_EQ(series.columns[0].back(), 4899);
    query.limit = 4800;
    EXPECT_FALSE(Read(store(), query).truncated);
    query.limit = 0;
    EXPECT_EQ(store().Read(query).status().code(), base::Code::kInvalidArgument);
    under_test_->Settle();
  }
}

TEST_P(StoreContract, AnswersTheFieldsAskedFor) {
  const DeviceRef device = Device(store());
  const FieldRef a = Field(store(), "a");
  const FieldRef b = Field(store(), "b");
  const FieldRef c = Field(store(), "c");
  const FieldRef never = Field(store(), "never");
  AppendOne(store(), device, kBase, {a, b}, {1, 2});
  AppendOne(store(), device, kBase + 1, {b}, {3});
  AppendOne(store(), device, kBase + 2, {c}, {4});
  for (int pass = 0; pass < 2; ++pass) {
    RangeQuery query = All(device);
    query.fields = {c, a};
    Series series = Read(store(), query);
    EXPECT_EQ(series.fields, (std::vector<FieldRef>{c, a}));
    EXPECT_EQ(series.time_ns, (std::vector<int64_t>{kBase, kBase + 2}));
    EXPECT_EQ(series.columns[0][1], 4);
    EXPECT_EQ(series.columns[1][0], 1);
    EXPECT_TRUE(std::isnan(series.columns[0][0]));
    query.limit = 1;  // a reading without the field does not count
    query.fields = {c};
    EXPECT_FALSE(Read(store(), query).truncated);
    query.fields = {never};
    series = Read(store(), query);
    EXPECT_TRUE(series.time_ns.empty());
    EXPECT_EQ(series.columns.size(), 1u);
    EXPECT_EQ(Read(store(), All(device)).fields, (std::vector<FieldRef>{a, b, c}));
    under_test_->Settle();
  }
}

TEST_P(StoreContract, KnowsTheLatestReading) {
  const DeviceRef device = Device(store());
  const DeviceRef other = Device(store(), "D2");
  const FieldRef a = Field(store(), "a");
  const FieldRef b = Field(store(), "b");
  EXPECT_FALSE(store().LatestOf(device));
  AppendOne(store(), device, kBase + 10, {a, b}, {1, 2});
  EXPECT_EQ(store().LatestOf(device)->time_ns, kBase + 10);
  AppendOne(store(), device, kBase + 5, {a}, {9});  // late: not the latest
  EXPECT_EQ(store().LatestOf(device)->values, (std::vector<double>{1, 2}));
  under_test_->Settle();
  EXPECT_EQ(store().LatestOf(device)->values, (std::vector<double>{1, 2}));
  AppendOne(store(), device, kBase + 7, {a}, {8});
  EXPECT_EQ(store().LatestOf(device)->time_ns, kBase + 10);
  AppendOne(store(), device, kBase + 10, {b}, {3});  // a field of the latest changes
  auto latest = store().LatestOf(device);
  std::map<FieldRef, double> values;
  for (size_t i = 0; i < latest->fields.size(); ++i) values[latest->fields[i]] = latest->values[i];
  EXPECT_EQ(values, (std::map<FieldRef, double>{{a, 1}, {b, 3}}));
  AppendOne(store(), device, kBase + 20, {a}, {5});
  under_test_->Settle();
  EXPECT_EQ(store().LatestOf(device)->time_ns, kBase + 20);
  under_test_->Reopen();
  EXPECT_EQ(store().LatestOf(device)->time_ns, kBase + 20);
  EXPECT_EQ(store().LatestOf(device)->fields, (std::vector<FieldRef>{a}));
  EXPECT_FALSE(store().LatestOf(other));
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

TEST_P(StoreContract, HeadersStandForTheReadingsOfTheirChunks) {
  const DeviceRef device = Device(store());
  const std::vector<FieldRef> fields{Field(store(), "a"), Field(store(), "b")};
  Batch batch;
  for (int64_t i = 0; i < 6000; ++i) {
    const double values[] = {static_cast<double>(i), i % 3 == 0 ? NAN : -static_cast<double>(i)};
    batch.Add(device, kBase + i * kSecond, fields, values);
  }
  Append(store(), batch);
  under_test_->Settle();
  AppendOne(store(), device, kBase + 2500 * kSecond + 1, {fields[0]}, {1e6});  // not sealed

  std::vector<FieldSummary> total(2);
  size_t headers = 0;
  int64_t at = 0;
  bool unsealed_seen = false;
  const auto add = [&](const ChunkSummary& chunk) {
    ++headers;
    EXPECT_GT(chunk.first_ns, at);
    at = chunk.last_ns;
    EXPECT_GE(chunk.first_ns, kBase + 100 * kSecond);
    EXPECT_LT(chunk.last_ns, kBase + 5900 * kSecond);
    for (size_t f = 0; f < 2; ++f) total[f].Append(chunk.fields[f]);
    return true;
  };
  const base::Status status =
      store().ScanChunks({.device = device,
                          .start_ns = kBase + 100 * kSecond,
                          .end_ns = kBase + 5900 * kSecond,
                          .fields = fields},
                         {.takes = [](int64_t, int64_t) { return true; },
                          .header = add,
                          .rows =
                              [&](const Series& rows) {
                                EXPECT_GT(rows.time_ns.front(), at);
                                at = rows.time_ns.back();
                                for (size_t r = 0; r < rows.time_ns.size(); ++r) {
                                  unsealed_seen |= rows.columns[0][r] == 1e6;
                                  for (size_t f = 0; f < 2; ++f) {
                                    if (!std::isnan(rows.columns[f][r])) {
                                      total[f].Add(rows.time_ns[r], rows.columns[f][r]);
                                    }
                                  }
                                }
                                return true;
                              }});
  ASSERT_TRUE(status.ok()) << status.ToString();
  EXPECT_GE(headers, 2u);
  EXPECT_TRUE(unsealed_seen);
  EXPECT_EQ(total[0].count, 5801u);
  EXPECT_EQ(total[0].min, 100);
  EXPECT_EQ(total[0].max, 1e6);
  EXPECT_EQ(total[0].sum, 1e6 + 5999.0 * 5800 / 2);
  EXPECT_EQ(total[0].first, 100);
  EXPECT_EQ(total[0].last, 5899);
  EXPECT_EQ(total[1].count, 3867u);
  EXPECT_EQ(total[1].min, -5899);
  EXPECT_EQ(total[1].last, -5899);
}

}  // namespace
}  // namespace energy::series
