#include "series/rollup_block.h"

#include <gtest/gtest.h>

#include <bit>
#include <random>

#include "series/test_support.h"

namespace energy::series {
namespace {

constexpr int64_t kSecond = 1'000'000'000;
constexpr int64_t kDay = 24 * 3600 * kSecond;
constexpr int64_t kStart = 19'675 * kDay;

RollupField& AddReadings(RollupBlock& block, FieldRef field, unsigned bucket,
                         std::initializer_list<std::pair<int64_t, double>> readings) {
  RollupField& to = block.FindOrAdd(field);
  to.there |= uint32_t{1} << bucket;
  for (const auto& [time, value] : readings) {
    to.buckets[bucket].Add(block.start_ns + bucket * kHourlyShape.bucket_ns + time * kSecond,
                           value);
  }
  return to;
}

RollupBlock Example() {
  RollupBlock block;
  block.start_ns = kStart;
  AddReadings(block, 0, 0, {{0, 230.1}, {1800, 230.3}});
  AddReadings(block, 0, 22, {{5, 229.5}});
  AddReadings(block, 3, 0, {{0, 1.0 / 3}, {1800, 2}});
  AddReadings(block, 3, 22, {{5, -4}});
  AddReadings(block, 7, 22, {{6, 100}});
  return block;
}

void ExpectSame(const RollupBlock& a, const RollupBlock& b) {
  ASSERT_EQ(a.start_ns, b.start_ns);
  ASSERT_EQ(a.fields.size(), b.fields.size());
  for (size_t f = 0; f < a.fields.size(); ++f) {
    ASSERT_EQ(a.fields[f].field, b.fields[f].field);
    ASSERT_EQ(a.fields[f].there, b.fields[f].there);
    for (size_t i = 0; i < kMostBuckets; ++i) {
      const FieldSummary& x = a.fields[f].buckets[i];
      const FieldSummary& y = b.fields[f].buckets[i];
      ASSERT_EQ(x.count, y.count);
      ASSERT_EQ(x.first_ns, y.first_ns);
      ASSERT_EQ(x.last_ns, y.last_ns);
      ASSERT_EQ(x.integrated_ns, y.integrated_ns);
      for (const auto& [p, q] :
           {std::pair(x.sum, y.sum), std::pair(x.min, y.min), std::pair(x.max, y.max),
            std::pair(x.first, y.first), std::pair(x.last, y.last),
            std::pair(x.integral_h, y.integral_h)}) {
        ASSERT_EQ(std::bit_cast<uint64_t>(p), std::bit_cast<uint64_t>(q));
      }
    }
  }
}

TEST(RollupBlock, HasTheDocumentedBytes) {
  std::string bytes;
  EncodeRollup(Example(), kHourlyShape, bytes);
  EXPECT_EQ(
      Hex(bytes),
      "01000300000095c23b549717000000000100400039003a000300000001004000000057000700020000004000"
      "3100300000010000000000000001000000010000000000000000030000002805000000000000000b00000003"
      "070000000000000000000b00000008070001110001f708000000000000040000000608060801100001f70800"
      "00000000000c0000000509000110000100000000000000000b0000007f0400032e00555555555555d53f037f"
      "555555555555f1ffc0128005e0c05f555555555555fc5f555555555555f1ffc012800520001000abaaaaaaaa"
      "aa024000000000000010c0001000abaaaaaaaaaae23f00000000000000000001000000000000000000000006"
      "0000000000000000000000060000000000000000000000000000000000000000000000010d00006400000000"
      "00000000000000010d0000640000000000000000000000010d0000000000000000000000000000");
  const auto block = DecodeRollup(bytes, kHourlyShape, {});
  ASSERT_TRUE(block.ok()) << block.status().ToString();
  ExpectSame(*block, Example());
}

TEST(RollupBlock, GivesBackAnyBuckets) {
  std::mt19937_64 random(1);
  for (int round = 0; round < 200; ++round) {
    const RollupShape& shape = round % 2 == 0 ? kHourlyShape : kDailyShape;
    RollupBlock block;
    block.start_ns =
        FloorTo(kStart - static_cast<int64_t>(random() % 40'000) * kDay, shape.span_ns());
    for (uint64_t f = 0; f < 1 + random() % 5; ++f) {
      RollupField& field = block.FindOrAdd(static_cast<FieldRef>(random() % 1000));
      for (unsigned i = 0; i < shape.buckets; ++i) {
        if (random() % 4 == 0) continue;
        field.there |= uint32_t{1} << i;
        int64_t time = block.start_ns + shape.bucket_ns * i;
        for (uint64_t r = 0; r < 1 + random() % 9; ++r) {
          time += static_cast<int64_t>(random() % (300 * kSecond));
          const double value = round % 3 == 0
                                   ? std::bit_cast<double>(random() & ~(uint64_t{1} << 62))
                                   : static_cast<double>(random() % 1000) / 10;
          field.buckets[i].Add(time, value);
        }
      }
    }
    std::erase_if(block.fields, [](const RollupField& field) { return field.there == 0; });
    std::string bytes;
    EncodeRollup(block, shape, bytes);
    const auto decoded = DecodeRollup(bytes, shape, {});
    ASSERT_TRUE(decoded.ok()) << decoded.status().ToString();
    ASSERT_NO_FATAL_FAILURE(ExpectSame(*decoded, block));
  }
}

TEST(RollupBlock, RefusesDamagedBytes) {
  std::string bytes;
  EncodeRollup(Example(), kHourlyShape, bytes);
  EXPECT_FALSE(DecodeRollup(bytes, kDailyShape, {}).ok());
  for (size_t length = 0; length < bytes.size(); ++length) {
    EXPECT_FALSE(DecodeRollup(bytes.substr(0, length), kHourlyShape, {}).ok()) << length;
  }
  EXPECT_FALSE(DecodeRollup(bytes + "x", kHourlyShape, {}).ok());
  std::mt19937_64 random(2);
  for (int round = 0; round < 20'000; ++round) {  // safe, whatever comes out
    std::string damaged = bytes;
    for (uint64_t flips = 1 + random() % 3; flips > 0; --flips) {
      damaged[random() % damaged.size()] ^= static_cast<char>(1 << random() % 8);
    }
    (void)DecodeRollup(damaged, kHourlyShape, {});
  }
}

}  // namespace
}  // namespace energy::series
