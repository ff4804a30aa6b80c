#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <string_view>
#include <vector>

#include "series/store.h"

/// Steps of the tests that every Store must pass.
namespace energy::series::contract {

inline constexpr int64_t kSecond = 1'000'000'000;
inline constexpr int64_t kBase = 1'700'000'000 * kSecond;

using Readings = std::map<int64_t, std::map<FieldRef, double>>;

inline DeviceRef Device(Store& store, std::string_view name = "D1") {
  const auto ref = store.OpenDevice(name);
  EXPECT_TRUE(ref.ok()) << ref.status().ToString();
  return *ref;
}

inline FieldRef Field(Store& store, std::string_view name) {
  const auto ref = store.OpenField(name);
  EXPECT_TRUE(ref.ok()) << ref.status().ToString();
  return *ref;
}

inline void Append(Store& store, const Batch& batch) {
  const base::Status status = store.Append(batch);
  ASSERT_TRUE(status.ok()) << status.ToString();
}

inline void AppendOne(Store& store, DeviceRef device, int64_t time, std::vector<FieldRef> fields,
                      std::vector<double> values) {
  Batch batch;
  batch.Add(device, time, fields, values);
  Append(store, batch);
}

inline Series Read(Store& store, const RangeQuery& query) {
  auto series = store.Read(query);
  EXPECT_TRUE(series.ok()) << series.status().ToString();
  return series.ok() ? *series : Series();
}

inline RangeQuery All(DeviceRef device) {
  return {.device = device,
          .start_ns = 0,
          .end_ns = 2 * kBase,
          .fields = {},
          .limit = 1'000'000,
          .newest_first = false};
}

inline Readings ToReadings(const Series& series) {
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

}  // namespace energy::series::contract
