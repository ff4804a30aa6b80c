#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <limits>
#include <map>
#include <random>
#include <vector>

#include "series/rollup_oracle.h"
#include "series/store_contract.h"

namespace energy::series {
namespace {

constexpr int64_t kSecond = 1'000'000'000;
constexpr int64_t kHour = 3600 * kSecond;
constexpr int64_t kDay = 24 * kHour;
constexpr int64_t kBase = 19'676 * kDay;

using oracle::Buckets;
using oracle::ExpectRollups;
using oracle::Readings;
using oracle::Recompute;
using oracle::Same;
using oracle::SameBits;

// One device with what it must hold, filled at random.
class Filling {
 public:
  Filling(StoreUnderTest& under_test, uint64_t seed) : under_test_(under_test), random_(seed) {
    device_ = *store().OpenDevice("D1");
    other_ = *store().OpenDevice("D2");
    for (const char* name : {"a", "b", "c"}) fields_.push_back(*store().OpenField(name));
  }
  Store& store() { return under_test_.store(); }

  void Add(Batch& batch, int64_t time) {
    std::vector<FieldRef> fields = fields_;
    fields.resize(1 + random_() % 3);
    std::vector<double> values;
    for (const FieldRef field : fields) {
      values.push_back(static_cast<double>(random_() % 100'000) / 10 - 500);
      readings_[time][field] = values.back();
    }
    batch.Add(device_, time, fields, values);
    batch.Add(other_, time, fields, values);
  }

  // In order, late, again, and after an outage.
  void AppendSome() {
    Batch batch;
    const uint64_t kind = random_() % 8;
    int64_t late = kBase - kDay + static_cast<int64_t>(random_() % 100) * kHour;
    const uint64_t rows = 1 + random_() % 200;
    for (uint64_t r = 0; r < rows; ++r) {
      if (kind == 0) {
        Add(batch, late += static_cast<int64_t>(random_() % 600) * kSecond);
      } else if (kind == 1 && !readings_.empty()) {
        Add(batch, std::prev(readings_.end())->first);
      } else {
        Add(batch, live_ += static_cast<int64_t>(random_() % 120) * kSecond / 7);
      }
    }
    if (kind == 2) live_ += static_cast<int64_t>(random_() % 40) * kHour;
    const base::Status status = store().Append(batch);
    ASSERT_TRUE(status.ok()) << status.ToString();
  }

  void ExpectAll(Resolution resolution, std::vector<FieldRef> fields) {
    for (const DeviceRef device : {device_, other_}) {
      const auto rollups = store().ReadRollups({.device = device,
                                                .start_ns = kBase - 100 * kDay,
                                                .end_ns = kBase + 1000 * kDay,
                                                .fields = fields,
                                                .resolution = resolution});
      ASSERT_TRUE(rollups.ok()) << rollups.status().ToString();
      ExpectRollups(*rollups, Recompute(readings_, resolution));
    }
  }

  StoreUnderTest& under_test_;
  std::mt19937_64 random_;
  DeviceRef device_ = 0;
  DeviceRef other_ = 0;
  std::vector<FieldRef> fields_;
  Readings readings_;
  int64_t live_ = kBase;
};

TEST_P(StoreContract, RollupsEqualARecomputationWhateverTheOrder) {
  for (uint64_t seed = 1; seed <= 4; ++seed) {
    SCOPED_TRACE(seed);
    under_test_ = GetParam().make();
    Filling filling(*under_test_, seed);
    for (int step = 0; step < 80; ++step) {
      SCOPED_TRACE(step);
      ASSERT_NO_FATAL_FAILURE(filling.AppendSome());
      if (filling.random_() % 6 == 0) under_test_->Settle();
      if (filling.random_() % 20 == 0) under_test_->Reopen();
      if (step % 4 == 0) {
        ASSERT_NO_FATAL_FAILURE(filling.ExpectAll(Resolution::kHourly, {}));
      }
      if (step % 4 == 1) {
        ASSERT_NO_FATAL_FAILURE(filling.ExpectAll(Resolution::kDaily, {}));
      }
      if (step % 4 == 2) {
        ASSERT_NO_FATAL_FAILURE(
            filling.ExpectAll(Resolution::kHourly, {filling.fields_[2], filling.fields_[0]}));
      }
    }
  }
}

TEST_P(StoreContract, ARangeOfRollupsIsWholeBuckets) {
  Filling filling(*under_test_, 1);
  for (int i = 0; i < 20; ++i) ASSERT_NO_FATAL_FAILURE(filling.AppendSome());
  const Buckets all = Recompute(filling.readings_, Resolution::kHourly);
  for (int pass = 0; pass < 2; ++pass) {
    RollupQuery query{.device = filling.device_,
                      .start_ns = kBase + 2 * kHour,
                      .end_ns = kBase + 29 * kHour,
                      .fields = {filling.fields_[0]},
                      .resolution = Resolution::kHourly};
    const auto rollups = store().ReadRollups(query);
    ASSERT_TRUE(rollups.ok());
    ExpectRollups(*rollups,
                  Buckets(all.lower_bound(query.start_ns), all.lower_bound(query.end_ns)));
    query.end_ns = query.start_ns;
    EXPECT_TRUE(store().ReadRollups(query)->start_ns.empty());
    query.end_ns += 1;
    EXPECT_EQ(store().ReadRollups(query).status().code(), base::Code::kInvalidArgument);
    query = {.device = 77, .start_ns = 0, .end_ns = kDay, .fields = {}};
    EXPECT_EQ(store().ReadRollups(query).status().code(), base::Code::kNotFound);
    under_test_->Settle();
  }
}

TEST_P(StoreContract, ScanGivesWhatReadGives) {
  Filling filling(*under_test_, 5);
  for (int step = 0; step < 60; ++step) {
    ASSERT_NO_FATAL_FAILURE(filling.AppendSome());
    if (filling.random_() % 5 == 0) under_test_->Settle();
    ScanQuery query{.device = filling.device_,
                    .start_ns = kBase - kDay + static_cast<int64_t>(filling.random_() % 80) * kHour,
                    .end_ns = 0,
                    .fields = {}};
    query.end_ns = query.start_ns + static_cast<int64_t>(filling.random_() % 100) * kHour / 3;
    if (step % 2 == 0) query.fields = {filling.fields_[2], filling.fields_[0]};
    Readings scanned;
    int64_t last = std::numeric_limits<int64_t>::min();
    const base::Status status = store().Scan(query, [&](const Series& block) {
      EXPECT_LE(block.time_ns.size(), 70'000u);
      EXPECT_EQ(block.fields.size(), block.columns.size());
      if (!query.fields.empty()) {
        EXPECT_EQ(block.fields, query.fields);
      }
      for (size_t r = 0; r < block.time_ns.size(); ++r) {
        EXPECT_GT(block.time_ns[r], last);
        last = block.time_ns[r];
        for (size_t c = 0; c < block.fields.size(); ++c) {
          if (std::isnan(block.columns[c].at(r))) continue;
          scanned[block.time_ns[r]][block.fields[c]] = block.columns[c][r];
        }
      }
      return true;
    });
    ASSERT_TRUE(status.ok()) << status.ToString();
    Readings expected;
    for (const auto& [time, values] : filling.readings_) {
      if (time < query.start_ns || time >= query.end_ns) continue;
      for (const auto& [field, value] : values) {
        if (query.fields.empty() || field != filling.fields_[1]) expected[time][field] = value;
      }
    }
    ASSERT_EQ(scanned, expected) << "step " << step;
  }
  EXPECT_EQ(store().Scan({.device = 77}, [](const Series&) { return true; }).code(),
            base::Code::kNotFound);
}

TEST_P(StoreContract, AScanOfEveryReadingGivesThoseWithoutTheField) {
  Filling filling(*under_test_, 8);
  for (int step = 0; step < 40; ++step) {
    ASSERT_NO_FATAL_FAILURE(filling.AppendSome());
    if (step % 3 == 0) under_test_->Settle();
  }
  const ScanQuery query{.device = filling.device_,
                        .start_ns = 0,
                        .end_ns = 2 * kBase,
                        .fields = {filling.fields_[1]},
                        .every_reading = true};
  std::map<int64_t, double> scanned;
  const base::Status status = store().Scan(query, [&](const Series& block) {
    EXPECT_EQ(block.fields, query.fields);
    for (size_t r = 0; r < block.time_ns.size(); ++r) {
      EXPECT_TRUE(scanned.emplace(block.time_ns[r], block.columns[0].at(r)).second);
    }
    return true;
  });
  ASSERT_TRUE(status.ok()) << status.ToString();
  ASSERT_EQ(scanned.size(), filling.readings_.size());
  size_t without = 0;
  for (const auto& [time, values] : filling.readings_) {
    ASSERT_EQ(scanned.count(time), 1u);
    const auto value = values.find(filling.fields_[1]);
    if (value == values.end()) {
      ++without;
      EXPECT_TRUE(std::isnan(scanned[time]));
    } else {
      EXPECT_TRUE(SameBits(scanned[time], value->second));
    }
  }
  EXPECT_GT(without, 0u);
}

TEST_P(StoreContract, AScanStopsWhenToldTo) {
  Filling filling(*under_test_, 6);
  for (int step = 0; step < 30; ++step) ASSERT_NO_FATAL_FAILURE(filling.AppendSome());
  under_test_->Settle();
  int blocks = 0;
  const base::Status status =
      store().Scan({.device = filling.device_, .start_ns = 0, .end_ns = 2 * kBase, .fields = {}},
                   [&](const Series&) {
                     ++blocks;
                     return false;
                   });
  EXPECT_TRUE(status.ok());
  EXPECT_EQ(blocks, 1);
}

TEST_P(StoreContract, SummarizesAnyRange) {
  Filling filling(*under_test_, 7);
  for (int step = 0; step < 60; ++step) {
    ASSERT_NO_FATAL_FAILURE(filling.AppendSome());
    if (filling.random_() % 5 == 0) under_test_->Settle();
    ScanQuery query{
        .device = filling.device_,
        .start_ns = kBase - kDay + static_cast<int64_t>(filling.random_() % 100'000) * kSecond,
        .end_ns = 0,
        .fields = {filling.fields_[1], filling.fields_[0]}};
    query.end_ns = query.start_ns + static_cast<int64_t>(filling.random_() % 1'000'000) * kSecond;
    const auto summary = store().Summarize(query);
    ASSERT_TRUE(summary.ok()) << summary.status().ToString();
    ASSERT_EQ(summary->fields, query.fields);
    for (size_t f = 0; f < query.fields.size(); ++f) {
      FieldSummary expected;
      for (const auto& [time, values] : filling.readings_) {
        if (time < query.start_ns || time >= query.end_ns) continue;
        const auto value = values.find(query.fields[f]);
        if (value != values.end()) expected.Add(time, value->second);
      }
      const FieldSummary& got = summary->summaries[f];
      ASSERT_EQ(got.count, expected.count);
      ASSERT_EQ(got.min, expected.min);
      ASSERT_EQ(got.max, expected.max);
      ASSERT_EQ(got.first, expected.first);
      ASSERT_EQ(got.last, expected.last);
      ASSERT_EQ(got.first_ns, expected.first_ns);
      ASSERT_EQ(got.last_ns, expected.last_ns);
      ASSERT_EQ(got.integrated_ns, expected.integrated_ns);
      // The order of the additions differs.
      ASSERT_NEAR(got.sum, expected.sum, 1e-9 * (1 + std::fabs(expected.sum)));
      ASSERT_NEAR(got.integral_h, expected.integral_h, 1e-6);
    }
  }
  const auto all =
      store().Summarize({.device = filling.device_, .start_ns = 0, .end_ns = 2 * kBase});
  EXPECT_EQ(all->fields, filling.fields_);
}

TEST(FieldSummary, AddsUpWithTrapezoids) {
  FieldSummary summary;
  summary.Add(0, 100);
  summary.Add(kHour / 2, 200);
  summary.Add(kHour, -50);
  EXPECT_EQ(summary.count, 3u);
  EXPECT_EQ(summary.sum, 250);
  EXPECT_EQ(summary.min, -50);
  EXPECT_EQ(summary.max, 200);
  EXPECT_EQ(summary.first, 100);
  EXPECT_EQ(summary.last, -50);
  EXPECT_EQ(summary.last_ns, kHour);
  EXPECT_EQ(summary.integral_h, 75 + 37.5);
  EXPECT_EQ(summary.integrated_h(), 1);
  summary.Add(2 * kHour, 50);  // just not too long a step
  EXPECT_EQ(summary.integral_h, 112.5);
  EXPECT_EQ(summary.integrated_h(), 2);
  summary.Add(3 * kHour + 1, 1000);
  EXPECT_EQ(summary.integrated_h(), 2);
}

TEST(FieldSummary, AppendsAcrossTheStepBetween) {
  FieldSummary whole;
  FieldSummary before;
  FieldSummary after;
  for (int i = 0; i < 10; ++i) {
    whole.Add(i * kHour / 4, i);
    (i < 4 ? before : after).Add(i * kHour / 4, i);
  }
  FieldSummary joined;
  joined.Append({});
  joined.Append(before);
  joined.Append({});
  joined.Append(after);
  EXPECT_TRUE(Same(joined, whole));  // small integers add up exactly in any order
}

}  // namespace
}  // namespace energy::series
