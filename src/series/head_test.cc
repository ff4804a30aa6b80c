#include "series/head.h"

#include <gtest/gtest.h>
#include <malloc.h>

#include <cmath>
#include <map>
#include <random>

namespace energy::series {
namespace {

using Model = std::map<int64_t, std::map<FieldRef, double>>;

constexpr RowRange kEverything{.start_ns = std::numeric_limits<int64_t>::min(),
                               .end_ns = std::numeric_limits<int64_t>::max(),
                               .limit = std::numeric_limits<size_t>::max(),
                               .newest_first = false};

Model ToModel(const Columns& rows) {
  Model model;
  for (size_t r = 0; r < rows.rows(); ++r) {
    for (size_t c = 0; c < rows.fields.size(); ++c) {
      const double value = rows.columns[c][r];
      if (!std::isnan(value)) model[rows.time_ns[r]][rows.fields[c]] = value;
    }
  }
  return model;
}

// Any order of arrival gives the same rows.
TEST(DeviceHead, IsAMapByTimeAndField) {
  for (uint64_t seed = 0; seed < 6; ++seed) {
    std::mt19937_64 random(seed);
    DeviceHead head;
    Model model;
    for (int i = 0; i < 6000; ++i) {
      int64_t time = 0;
      switch (seed) {
        case 0:
          time = i;
          break;  // in order
        case 1:
          time = -i;
          break;  // reversed
        case 2:
          time = i % 2 == 0 ? 100'000 + i : i;
          break;  // a backlog beside live
        case 3:
          time = static_cast<int64_t>(random() % 1000);
          break;  // many overwrites
        default:
          time = static_cast<int64_t>(random() % 1'000'000);
          break;  // no order at all
      }
      std::vector<FieldRef> fields = {1, 2};
      if (random() % 10 == 0) fields = {static_cast<FieldRef>(random() % 5)};
      std::vector<double> values;
      for (size_t f = 0; f < fields.size(); ++f)
        values.push_back(static_cast<double>(random() % 99));
      if (random() % 20 == 0 && values.size() > 1) values[0] = kMissing;
      head.Upsert(time, fields, values);
      for (size_t f = 0; f < fields.size(); ++f) {
        if (!std::isnan(values[f])) model[time][fields[f]] = values[f];
      }
    }
    const Columns all = head.CopyAll();
    EXPECT_EQ(ToModel(all), model) << seed;
    EXPECT_EQ(all.rows(), head.rows());
    EXPECT_EQ(ToModel(head.Copy(kEverything, {})), model) << seed;
    EXPECT_TRUE(std::is_sorted(all.time_ns.begin(), all.time_ns.end()));
  }
}

TEST(DeviceHead, CopiesOneEndOfARange) {
  DeviceHead head;
  const FieldRef field = 1;
  for (int64_t time : {10, 20, 30, 40, 15, 25, 5}) {
    const double value = static_cast<double>(time);
    head.Upsert(time, {&field, 1}, {&value, 1});
  }
  const auto times = [&](bool newest_first, size_t limit) {
    return head
        .Copy({.start_ns = 10, .end_ns = 40, .limit = limit, .newest_first = newest_first}, {})
        .time_ns;
  };
  EXPECT_EQ(times(false, 10), (std::vector<int64_t>{10, 15, 20, 25, 30}));
  EXPECT_EQ(times(false, 2), (std::vector<int64_t>{10, 15}));
  EXPECT_EQ(times(true, 2), (std::vector<int64_t>{25, 30}));
}

TEST(Head, CountsItsMemoryAndReadings) {
  Head head;
  Batch batch;
  const std::vector<FieldRef> fields = {0, 1, 2, 3};
  for (int i = 0; i < 1000; ++i)
    batch.Add(static_cast<DeviceRef>(i % 10), i, fields, std::vector<double>{1, 2, 3, 4});
  batch.Add(3, 5000, fields, std::vector<double>(4, kMissing));
  EXPECT_EQ(head.Insert(batch, kOldestTime), 1000u);
  EXPECT_EQ(head.readings(), 1000u);
  EXPECT_EQ(head.Insert(batch, kOldestTime), 1000u);
  EXPECT_EQ(head.readings(), 1000u);  // the same identities
  EXPECT_GE(head.bytes(), 1000u * 40);
  EXPECT_LE(head.bytes(), 1000u * 40 * 2 + 10 * 400);
  EXPECT_EQ(head.Devices().size(), 10u);
}

TEST(Later, LaysTheNewerOverTheOlder) {
  const Latest base{.time_ns = 5, .fields = {1, 2}, .values = {10, 20}};
  const Latest top{.time_ns = 5, .fields = {2, 3}, .values = {21, 31}};
  const auto both = Later(base, top);
  ASSERT_TRUE(both);
  EXPECT_EQ(both->fields, (std::vector<FieldRef>{2, 3, 1}));
  EXPECT_EQ(both->values, (std::vector<double>{21, 31, 10}));
  EXPECT_EQ(Later(base, Latest{.time_ns = 4, .fields = {}, .values = {}})->time_ns, 5);
  EXPECT_EQ(Later(std::nullopt, top)->time_ns, 5);
  EXPECT_FALSE(Later(std::nullopt, std::nullopt));
}

// The bound on memory is only as good as the count.
TEST(Head, CountsWhatTheHeapHolds) {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
  GTEST_SKIP() << "the sanitizer's allocator does not tell";
#endif
  constexpr DeviceRef kDevices = 100'000;
  const std::vector<FieldRef> fields = {0, 1, 2, 3};
  const std::vector<double> values = {230.1, 0.26, 60, 35};
  Batch batch;
  for (int round = 0; round < 3; ++round) {
    // Now and then something late.
    const int64_t time = round == 2 ? 0 : 10 + round;
    for (DeviceRef device = 0; device < kDevices; ++device) {
      if (round == 2 && device % 4 != 0) continue;
      batch.Add(device, time, fields, values);
    }
  }
  const auto in_use = [] {
    const auto info = mallinfo2();
    return info.uordblks + info.hblkhd;
  };
  const size_t before = in_use();
  Head head;
  head.Insert(batch, kOldestTime);
  const size_t grown = in_use() - before;
  EXPECT_GT(head.bytes(), grown * 95 / 100);
  EXPECT_LT(head.bytes(), grown * 105 / 100);
}

}  // namespace
}  // namespace energy::series
