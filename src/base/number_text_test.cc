#include "base/number_text.h"

#include <gtest/gtest.h>

#include <bit>
#include <charconv>
#include <cmath>
#include <limits>
#include <random>

namespace energy::base {
namespace {

std::string Text(double value) {
  std::string text;
  AppendNumber(text, value);
  return text;
}

void ExpectExact(double value) {
  const std::string text = Text(value);
  double back = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), back);
  ASSERT_EQ(error, std::errc()) << text;
  ASSERT_EQ(end, text.data() + text.size()) << text;
  ASSERT_EQ(std::bit_cast<uint64_t>(back), std::bit_cast<uint64_t>(value)) << text;
  char shortest[kMaxNumberText];
  const auto fixed =
      std::to_chars(shortest, shortest + sizeof(shortest), value, std::chars_format::fixed);
  if (fixed.ec == std::errc()) {
    ASSERT_LE(text.size(), static_cast<size_t>(fixed.ptr - shortest)) << text;
  }
}

TEST(NumberText, IsShort) {
  EXPECT_EQ(Text(0), "0");
  EXPECT_EQ(Text(-0.0), "-0");
  EXPECT_EQ(Text(230.5), "230.5");
  EXPECT_EQ(Text(-0.85), "-0.85");
  EXPECT_EQ(Text(0.000001), "0.000001");
  EXPECT_EQ(Text(720), "720");
  EXPECT_EQ(Text(0.1 + 0.2), "0.30000000000000004");
  EXPECT_EQ(Text(1e300), "1e+300");
}

TEST(NumberText, ReadsBackAsTheSameDouble) {
  for (const double value :
       {999'999'999.999999, 1e9, 1e15, 1e22, 5e-324, std::numeric_limits<double>::max(),
        std::nextafter(230.5, 231), 0.0000005, 4503599627370496.5, 123456789.123456789}) {
    ExpectExact(value);
    ExpectExact(-value);
  }
  for (int i = 0; i < 1'100'000; i += 7) ExpectExact(i / 1e3);
  for (int i = 0; i < 2'000; ++i) {
    ExpectExact(1e6 + (i - 1000) / 1e3);
    ExpectExact(1e3 + (i - 1000) / 1e4);
    ExpectExact(std::nextafter(i / 1e3, 1e9));
  }
  std::mt19937_64 random(7);
  for (int i = 0; i < 300'000; ++i) {
    const uint64_t bits = random();
    if (const auto any = std::bit_cast<double>(bits); std::isfinite(any)) ExpectExact(any);
    const double scale = std::pow(10, static_cast<double>(bits % 9));
    ExpectExact(std::round(static_cast<double>(bits >> 30)) / scale);
    ExpectExact(std::nextafter(std::round(static_cast<double>(bits >> 40)) / scale, 0));
  }
}

}  // namespace
}  // namespace energy::base
