#include "series/log_record.h"

#include <gtest/gtest.h>

#include <bit>
#include <limits>
#include <random>

#include "series/test_support.h"

namespace energy::series {
namespace {

void ExpectSame(const Batch& a, const Batch& b) {
  ASSERT_EQ(a.rows.size(), b.rows.size());
  for (size_t r = 0; r < a.rows.size(); ++r) {
    ASSERT_EQ(a.rows[r].device, b.rows[r].device);
    ASSERT_EQ(a.rows[r].time_ns, b.rows[r].time_ns);
    ASSERT_EQ(a.rows[r].count, b.rows[r].count);
    for (size_t i = 0; i < a.rows[r].count; ++i) {
      ASSERT_EQ(a.fields[a.rows[r].first + i], b.fields[b.rows[r].first + i]);
      ASSERT_EQ(std::bit_cast<uint64_t>(a.values[a.rows[r].first + i]),
                std::bit_cast<uint64_t>(b.values[b.rows[r].first + i]));
    }
  }
}

void Add(Batch& batch, DeviceRef device, int64_t time, std::vector<FieldRef> fields,
         std::vector<double> values) {
  batch.Add(device, time, fields, values);
}

TEST(LogRecord, HasTheDocumentedBytes) {
  Batch batch;  // the worked example of docs/formats/log.md
  Add(batch, 1, 1'700'000'000'000'000'000, {0, 1}, {230.1, 4.5});
  Add(batch, 2, 1'700'000'000'000'000'000, {0, 1}, {229.9, 0.0});
  Add(batch, 1, 1'699'999'999'999'999'999, {300}, {-1.0});
  std::string record;
  EncodeLogRecord(batch, record);
  EXPECT_EQ(Hex(record),
            "01"
            "03"  // version, rows
            // device, time, two fields and which, their values
            "01"
            "8080d0e2c6bfce972f"
            "02"
            "00"
            "01"
            "3333333333c36c40"
            "0000000000001240"
            // device, the same time, the same fields
            "02"
            "00"
            "00"
            "cdccccccccbc6c40"
            "0000000000000000"
            // device, 1 ns earlier, another field
            "01"
            "01"
            "01"
            "ac02"
            "000000000000f0bf");
  Batch back;
  ASSERT_TRUE(DecodeLogRecord(record, back).ok());
  ExpectSame(batch, back);
}

TEST(LogRecord, KeepsAnyBatch) {
  std::mt19937_64 random(31);
  std::string record;
  for (int round = 0; round < 500; ++round) {
    Batch batch;
    const uint64_t rows = random() % 50;
    for (uint64_t r = 0; r < rows; ++r) {
      std::vector<FieldRef> fields(1 + random() % 5);
      std::vector<double> values(fields.size());
      for (FieldRef& field : fields) field = static_cast<FieldRef>(random() >> (random() % 64));
      for (double& value : values) value = std::bit_cast<double>(random());
      const auto time = static_cast<int64_t>(random() >> (random() % 64));
      batch.Add(static_cast<DeviceRef>(random() >> (32 + random() % 32)), time, fields, values);
    }
    EncodeLogRecord(batch, record);
    Batch back;
    const base::Status status = DecodeLogRecord(record, back);
    ASSERT_TRUE(status.ok()) << status.ToString();
    ExpectSame(batch, back);
  }
}

TEST(LogRecord, KeepsTheLimitsOfTime) {
  constexpr int64_t kFirst = std::numeric_limits<int64_t>::min();
  constexpr int64_t kLast = std::numeric_limits<int64_t>::max();
  Batch batch;
  for (const int64_t time : {kFirst, kLast, int64_t{0}, kLast, kFirst, int64_t{-1}}) {
    Add(batch, 0, time, {0}, {1});
  }
  std::string record;
  EncodeLogRecord(batch, record);
  Batch back;
  ASSERT_TRUE(DecodeLogRecord(record, back).ok());
  ExpectSame(batch, back);
}

TEST(LogRecord, RefusesDamagedBytes) {
  Batch batch;
  for (int i = 0; i < 5; ++i) Add(batch, 7, i * 1000, {1, 2}, {1.5, 2.5});
  std::string good;
  EncodeLogRecord(batch, good);
  for (size_t cut = 0; cut < good.size(); ++cut) {
    Batch back;
    EXPECT_FALSE(DecodeLogRecord(std::string_view(good).substr(0, cut), back).ok()) << cut;
  }
  Batch back;
  EXPECT_FALSE(DecodeLogRecord(good + "x", back).ok());
  std::mt19937_64 random(37);
  for (int round = 0; round < 50'000; ++round) {
    std::string bad = good;
    for (uint64_t i = 0; i < 1 + random() % 4; ++i) {
      bad[random() % bad.size()] = static_cast<char>(random());
    }
    back.Clear();
    if (DecodeLogRecord(bad, back).ok()) {
      ASSERT_TRUE(CheckBatch(back, size_t{1} << 32, size_t{1} << 16).ok());
    }
  }
}

TEST(LogRecord, LeavesOutRowsWithoutValues) {
  Batch batch;
  Add(batch, 1, 1, {}, {});
  Add(batch, 1, 2, {4}, {4.0});
  Add(batch, 1, 3, {}, {});
  Add(batch, 1, 4, {4}, {5.0});
  std::string record;
  EncodeLogRecord(batch, record);
  Batch back;
  ASSERT_TRUE(DecodeLogRecord(record, back).ok());
  ASSERT_EQ(back.rows.size(), 2u);
  EXPECT_EQ(back.rows[1].time_ns, 4);
}

TEST(CheckBatch, NamesWhatIsWrong) {
  Batch batch;
  Add(batch, 1, 1, {4}, {4.0});
  EXPECT_TRUE(CheckBatch(batch, 2, 5).ok());
  EXPECT_EQ(CheckBatch(batch, 1, 5).message(),
            "rows name the unknown device handle 1: call OpenDevice first");
  EXPECT_EQ(CheckBatch(batch, 2, 4).message(),
            "fields name the unknown field handle 4: call OpenField first");
  Batch reaches_past = batch;
  reaches_past.rows[0].count = 2;
  EXPECT_EQ(CheckBatch(reaches_past, 2, 5).code(), base::Code::kInvalidArgument);
  Batch uneven = batch;
  uneven.values.push_back(1);
  EXPECT_EQ(CheckBatch(uneven, 2, 5).code(), base::Code::kInvalidArgument);
}

}  // namespace
}  // namespace energy::series
