#include "series/value_codec.h"

#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <limits>
#include <random>
#include <vector>

#include "series/packing.h"

namespace energy::series {
namespace {

std::vector<uint64_t> Bits(std::span<const double> values) {
  std::vector<uint64_t> bits;
  for (const double value : values) bits.push_back(std::bit_cast<uint64_t>(value));
  return bits;
}

ValueCodec ExpectRoundTrip(const std::vector<double>& values) {
  std::string bytes;
  const ValueCodec codec = EncodeValues(values, bytes);
  std::vector<double> back(values.size(), 42);
  EXPECT_TRUE(DecodeValues(codec, bytes, back));
  EXPECT_EQ(Bits(back), Bits(values)) << "codec " << static_cast<int>(codec);
  for (const auto each :
       {ValueCodec::kRaw, ValueCodec::kScaled, ValueCodec::kScaledDelta, ValueCodec::kXor}) {
    bytes.clear();
    if (!EncodeValuesAs(each, values, bytes)) continue;
    std::fill(back.begin(), back.end(), 42);
    EXPECT_TRUE(DecodeValues(each, bytes, back)) << "codec " << static_cast<int>(each);
    EXPECT_EQ(Bits(back), Bits(values)) << "codec " << static_cast<int>(each);
    // What is cut short or too long is refused, not misread.
    EXPECT_FALSE(DecodeValues(each, std::string_view(bytes).substr(0, bytes.size() - 1), back));
  }
  return codec;
}

using Limits = std::numeric_limits<double>;

TEST(ValueCodec, KeepsSpecialDoubles) {
  for (const double value : {0.0,
                             -0.0,
                             1.0,
                             -1.0,
                             Limits::min(),
                             Limits::denorm_min(),
                             -Limits::denorm_min(),
                             Limits::max(),
                             Limits::lowest(),
                             Limits::epsilon(),
                             Limits::infinity(),
                             -Limits::infinity(),
                             Limits::quiet_NaN(),
                             9007199254740992.0,
                             9007199254740993.0,
                             -9007199254740992.0,
                             4503599627370497.0,
                             0.1 + 0.2,
                             1e-9,
                             1e9,
                             123456789.123456789}) {
    SCOPED_TRACE(value);
    ExpectRoundTrip({value});
    ExpectRoundTrip({value, value, value});
    ExpectRoundTrip({1.5, value, -2.25, value});
    ExpectRoundTrip({0.0, value, -0.0});
  }
}

TEST(ValueCodec, TakesDecimalsForValuesWithFewDigits) {
  std::mt19937_64 random(7);
  for (int digits = 0; digits <= 6; ++digits) {
    const double scale = std::pow(10.0, digits);
    std::vector<double> values;
    for (int i = 0; i < 1024; ++i) {
      values.push_back(
          static_cast<double>(static_cast<int64_t>(random() % 20'000'001) - 10'000'000) / scale);
    }
    EXPECT_EQ(ExpectRoundTrip(values), ValueCodec::kScaled) << digits;
  }
}

TEST(ValueCodec, TakesDifferencesForACounter) {
  std::vector<double> values;
  for (int i = 0; i < 1024; ++i) values.push_back(1'000'000.5 + i * 10);
  EXPECT_EQ(ExpectRoundTrip(values), ValueCodec::kScaledDelta);
  std::string bytes;
  EncodeValues(values, bytes);
  EXPECT_LT(bytes.size(), 32u);  // constant steps cost nothing each
}

TEST(ValueCodec, OneOutlierDoesNotWidenTheOthers) {
  std::vector<double> values(1024, 20.0);
  for (size_t i = 0; i < values.size(); ++i) values[i] += static_cast<double>(i * 7 % 16);
  std::string calm;
  EncodeValues(values, calm);
  values[500] = 1e9;
  std::string spiked;
  EncodeValues(values, spiked);
  EXPECT_LE(spiked.size(), calm.size() + 10);
  ExpectRoundTrip(values);
}

TEST(ValueCodec, MinusZeroDoesNotCostTheOthersTheirDecimals) {
  std::vector<double> values(1024, 0.5);
  for (size_t i = 0; i < values.size(); ++i) values[i] += static_cast<double>(i * 7 % 16) / 10;
  std::string plain;
  EncodeValues(values, plain);
  values[100] = -0.0;
  values[700] = 0.0;
  EXPECT_EQ(ExpectRoundTrip(values), ValueCodec::kScaled);
  std::string with_minus_zero;
  EncodeValues(values, with_minus_zero);
  EXPECT_LE(with_minus_zero.size(), plain.size() + 1024 / 8 + 10);
  ExpectRoundTrip({-0.0});
  ExpectRoundTrip({-0.0, -0.0, -0.0});
}

TEST(ValueCodec, KeepsAnyBits) {
  std::mt19937_64 random(11);
  for (int round = 0; round < 300; ++round) {
    std::vector<double> values(1 + random() % 700);
    const unsigned kept = static_cast<unsigned>(random() % 64);
    uint64_t bits = random();
    for (double& value : values) {
      // From unrelated values to values that share most of their bits.
      bits = random() % 4 == 0 ? bits : bits ^ (random() >> kept);
      value = std::bit_cast<double>(bits);
    }
    ExpectRoundTrip(values);
  }
}

TEST(ValueCodec, KeepsWalks) {
  std::mt19937_64 random(13);
  for (int round = 0; round < 100; ++round) {
    double at = static_cast<double>(random() % 1000);
    std::vector<double> values(1 + random() % 2000);
    const bool rounded = round % 2 == 0;
    for (double& value : values) {
      at += static_cast<double>(random() % 1001) / 1000.0 - 0.5;
      value = rounded ? std::round(at * 100) / 100 : at;
    }
    const ValueCodec codec = ExpectRoundTrip(values);
    const bool decimal = codec == ValueCodec::kScaled || codec == ValueCodec::kScaledDelta;
    EXPECT_TRUE(!rounded || decimal);
  }
}

TEST(ValueCodec, RefusesOtherBytes) {
  std::mt19937_64 random(17);
  std::vector<double> out(100);
  for (int round = 0; round < 20'000; ++round) {
    std::string bytes(random() % 200, '\0');
    for (char& byte : bytes) byte = static_cast<char>(random());
    // The sanitizers watch; most are refused, none may be read past.
    (void)DecodeValues(static_cast<ValueCodec>(random() % 5), bytes, out);
  }
  EXPECT_FALSE(DecodeValues(static_cast<ValueCodec>(4), std::string(800, 'x'), out));
}

TEST(Frame, KeepsAnyIntegers) {
  std::mt19937_64 random(19);
  for (int round = 0; round < 3000; ++round) {
    std::vector<int64_t> values(random() % 300);
    const unsigned narrow = static_cast<unsigned>(random() % 64);
    for (int64_t& value : values) {
      value = static_cast<int64_t>(random() % 50 == 0 ? random() : random() >> narrow);
    }
    std::string bytes = "before";
    EncodeFrame(values, bytes);
    EXPECT_EQ(bytes.size(), 6 + FrameBytes(values));
    bytes += "after";
    std::string_view in = std::string_view(bytes).substr(6);
    std::vector<int64_t> back(values.size());
    ASSERT_TRUE(DecodeFrame(in, back));
    ASSERT_EQ(back, values);
    ASSERT_EQ(in, "after");
  }
}

TEST(Frame, KeepsTheLimits) {
  const std::vector<int64_t> values = {std::numeric_limits<int64_t>::min(), 0, -1,
                                       std::numeric_limits<int64_t>::max()};
  std::string bytes;
  EncodeFrame(values, bytes);
  std::string_view in = bytes;
  std::vector<int64_t> back(values.size());
  ASSERT_TRUE(DecodeFrame(in, back));
  EXPECT_EQ(back, values);
}

TEST(BitWriter, KeepsEveryWidthAtEveryOffset) {
  for (unsigned offset = 0; offset < 64; ++offset) {
    for (unsigned width = 1; width <= 64; ++width) {
      const uint64_t value = width == 64 ? ~uint64_t{0} : (uint64_t{1} << width) - 1;
      std::string bytes;
      BitWriter writer(bytes);
      writer.Write(0, offset);
      writer.Write(value, width);
      writer.Write(0, 3);
      writer.Write(5, 3);
      writer.Finish();
      BitReader reader(bytes);
      ASSERT_EQ(reader.Read(offset), 0u);
      ASSERT_EQ(reader.Read(width), value) << offset << " " << width;
      ASSERT_EQ(reader.Read(3), 0u);
      ASSERT_EQ(reader.Read(3), 5u);
      ASSERT_FALSE(reader.overrun());
      reader.Read(16);
      ASSERT_TRUE(reader.overrun());
    }
  }
}

}  // namespace
}  // namespace energy::series
