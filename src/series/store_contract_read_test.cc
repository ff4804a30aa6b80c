#include <gtest/gtest.h>

#include <cmath>
#include <map>
#include <vector>

#include "series/store_contract.h"
#include "series/store_contract_steps.h"

namespace energy::series {
namespace {

using namespace contract;

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
