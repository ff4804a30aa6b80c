#include "series/chunk.h"

#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <random>

#include "series/test_support.h"

namespace energy::series {
namespace {

constexpr int64_t kSecond = 1'000'000'000;

Columns Decode(std::string_view bytes) {
  const auto view = ChunkView::Parse(bytes);
  EXPECT_TRUE(view.ok()) << view.status().ToString();
  Columns out;
  const base::Status status = view->AppendTo(out, true);
  EXPECT_TRUE(status.ok()) << status.ToString();
  return out;
}

void ExpectSame(const Columns& a, const Columns& b) {
  ASSERT_EQ(a.time_ns, b.time_ns);
  ASSERT_EQ(a.fields, b.fields);
  for (size_t c = 0; c < a.columns.size(); ++c) {
    ASSERT_EQ(a.columns[c].size(), b.columns[c].size());
    for (size_t r = 0; r < a.rows(); ++r) {
      const double x = a.columns[c][r];
      const double y = b.columns[c][r];
      ASSERT_EQ(std::isnan(x), std::isnan(y));
      if (!std::isnan(x)) {
        ASSERT_EQ(std::bit_cast<uint64_t>(x), std::bit_cast<uint64_t>(y));
      }
    }
  }
}

// The worked example of docs/formats/chunk.md.
Columns Example() {
  return Columns{.time_ns = {1'700'000'000 * kSecond, 1'700'000'005 * kSecond,
                             1'700'000'010 * kSecond, 1'700'000'016 * kSecond},
                 .fields = {0, 3},
                 .columns = {{230.1, 230.2, 229.9, 230.0}, {kMissing, 0.1 + 0.2, 0.1 + 0.2, 0.75}}};
}

TEST(Chunk, HasTheDocumentedBytes) {
  std::string bytes;
  EncodeChunk(Example(), 0, 4, bytes);
  EXPECT_EQ(Hex(bytes),
            // header: version, time codec, columns, rows, first and last time, length of the times
            "01"
            "01"
            "0200"
            "04000000"
            "00002a36fe9c9717"
            "00a0d6ef019d9717"
            "0e000000"
            "00000000"
            // directory, field 0: scaled decimals in every row; min, max, sum, first, last
            "0000"
            "01"
            "00"
            "0e000000"
            "04000000"
            "00000000"
            "cdccccccccbc6c40"
            "6666666666c66c40"
            "9999999999c18c40"
            "3333333333c36c40"
            "0000000000c06c40"
            // directory, field 3: XOR, with gaps
            "0300"
            "03"
            "01"
            "12000000"
            "03000000"
            "00000000"
            "343333333333d33f"
            "000000000000e83f"
            "9a9999999999f53f"
            "343333333333d33f"
            "000000000000e83f"
            // times: unit seconds; frame with base 5, width 1; differences 0, 0, 1
            "00"
            "0500000000000000"
            "01"
            "00"
            "0000"
            "04"
            // field 0: one digit; frame with base 2299, width 2; differences 2, 3, 0, 1
            "01"
            "fb08000000000000"
            "02"
            "00"
            "0000"
            "4e"
            // field 3: bitmap 0111; the first value; "same" bit, then a new window
            "0e"
            "343333333333d33f"
            "56e666666666666607");
  ExpectSame(Decode(bytes), Example());
}

TEST(Chunk, HeaderDescribesTheColumns) {
  std::string bytes;
  EncodeChunk(Example(), 0, 4, bytes);
  const auto view = ChunkView::Parse(bytes);
  ASSERT_TRUE(view.ok());
  EXPECT_EQ(view->rows(), 4u);
  EXPECT_EQ(view->first_ns(), 1'700'000'000 * kSecond);
  EXPECT_EQ(view->last_ns(), 1'700'000'016 * kSecond);
  ASSERT_EQ(view->columns().size(), 2u);
  const ChunkColumn& volts = view->columns()[0];
  EXPECT_EQ(volts.count, 4u);
  EXPECT_EQ(volts.min, 229.9);
  EXPECT_EQ(volts.max, 230.2);
  EXPECT_EQ(volts.sum, 230.1 + 230.2 + 229.9 + 230.0);
  EXPECT_EQ(volts.first, 230.1);
  EXPECT_EQ(volts.last, 230.0);
  EXPECT_FALSE(volts.has_gaps);
  const ChunkColumn& sparse = view->columns()[1];
  EXPECT_EQ(sparse.count, 3u);
  EXPECT_EQ(sparse.first, 0.1 + 0.2);
  EXPECT_EQ(sparse.last, 0.75);
  EXPECT_TRUE(sparse.has_gaps);
}

TEST(Chunk, ConstantStepCostsNothingPerReading) {
  Columns rows{.time_ns = {}, .fields = {1}, .columns = {{}}};
  for (int64_t i = 0; i < 1024; ++i) {
    rows.time_ns.push_back(i * 5 * kSecond);
    rows.columns[0].push_back(7);
  }
  std::string bytes;
  EncodeChunk(rows, 0, rows.rows(), bytes);
  EXPECT_LT(bytes.size(), 120u);
  ExpectSame(Decode(bytes), rows);
}

Columns RandomRows(std::mt19937_64& random) {
  Columns rows;
  auto time = static_cast<int64_t>(random());
  const size_t count = 1 + random() % 1500;
  static constexpr int64_t kUnits[] = {1, 1000, 1'000'000, kSecond};
  const int64_t unit = kUnits[random() % 4];
  for (size_t r = 0; r < count; ++r) {
    const auto steps = static_cast<int64_t>(1 + random() % (random() % 20 == 0 ? 4000 : 8));
    if (time > std::numeric_limits<int64_t>::max() - steps * unit) break;
    rows.time_ns.push_back(time);
    time += steps * unit;
  }
  const size_t fields = 1 + random() % 6;
  for (size_t c = 0; c < fields; ++c) {
    rows.fields.push_back(static_cast<FieldRef>(c * 100));
    auto& column = rows.columns.emplace_back();
    const bool gaps = random() % 2 == 0;
    const bool decimals = random() % 3 != 0;
    for (size_t r = 0; r < rows.rows(); ++r) {
      const double value = decimals ? static_cast<double>(random() % 100'000) / 100
                                    : static_cast<double>(random()) * 1.1e-7;
      column.push_back(gaps && random() % 3 == 0 ? kMissing : value);
    }
    if (gaps) column[random() % column.size()] = 1;  // a column without a value has no entry
  }
  return rows;
}

TEST(Chunk, KeepsAnyRows) {
  std::mt19937_64 random(23);
  for (int round = 0; round < 200; ++round) {
    const Columns rows = RandomRows(random);
    if (rows.empty()) continue;
    std::string bytes;
    EncodeChunk(rows, 0, rows.rows(), bytes);
    ExpectSame(Decode(bytes), rows);
  }
}

TEST(Chunk, KeepsTheLongestSteps) {
  const Columns rows{
      .time_ns = {std::numeric_limits<int64_t>::min(), -1, std::numeric_limits<int64_t>::max()},
      .fields = {1},
      .columns = {{1, 2, 3}}};
  std::string bytes;
  EncodeChunk(rows, 0, 3, bytes);
  ExpectSame(Decode(bytes), rows);
  bytes.clear();
  const Columns two{
      .time_ns = {rows.time_ns[0], rows.time_ns[2]}, .fields = {1}, .columns = {{1, 3}}};
  EncodeChunk(two, 0, 2, bytes);
  ExpectSame(Decode(bytes), two);
}

TEST(Chunk, LeavesOutColumnsWithoutAValue) {
  Columns rows = Example();
  std::string bytes;
  EncodeChunk(rows, 0, 1, bytes);
  rows.Slice(0, 1);
  rows.fields.pop_back();
  rows.columns.pop_back();
  ExpectSame(Decode(bytes), rows);
}

TEST(Chunk, AppendsOnlyTheFieldsAskedFor) {
  std::string bytes;
  EncodeChunk(Example(), 0, 4, bytes);
  Columns out{.time_ns = {}, .fields = {3, 9}, .columns = {{}, {}}};
  ASSERT_TRUE(ChunkView::Parse(bytes)->AppendTo(out, false).ok());
  ASSERT_EQ(out.fields, (std::vector<FieldRef>{3, 9}));
  EXPECT_EQ(out.columns[0][3], 0.75);
  EXPECT_TRUE(std::isnan(out.columns[1][3]));
}

TEST(Chunk, RefusesDamagedBytes) {
  std::mt19937_64 random(29);
  std::string good;
  EncodeChunk(Example(), 0, 4, good);
  EXPECT_FALSE(ChunkView::Parse("").ok());
  EXPECT_FALSE(ChunkView::Parse(good + "x").ok());
  for (size_t cut = 0; cut < good.size(); ++cut) {
    EXPECT_FALSE(ChunkView::Parse(std::string_view(good).substr(0, cut)).ok()) << cut;
  }
  std::string other_version = good;
  other_version[0] = 2;
  EXPECT_EQ(ChunkView::Parse(other_version).status().message(), "chunk damaged: unknown version");
  for (int round = 0; round < 50'000; ++round) {
    std::string bad = good;
    for (uint64_t i = 0; i < 1 + random() % 4; ++i) {
      bad[random() % bad.size()] = static_cast<char>(random());
    }
    const auto view = ChunkView::Parse(bad);
    Columns out;
    if (!view.ok() || !view->AppendTo(out, true).ok()) continue;
    ASSERT_TRUE(std::is_sorted(out.time_ns.begin(), out.time_ns.end()));
  }
}

}  // namespace
}  // namespace energy::series
