#include "query/distribution.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <random>

namespace energy::query {
namespace {

double Expected(std::vector<double> values, double p) {
  std::sort(values.begin(), values.end());
  const double position = p * static_cast<double>(values.size() - 1);
  const auto below = static_cast<size_t>(position);
  const double share = position - std::floor(position);
  return share == 0 ? values[below] : values[below] + share * (values[below + 1] - values[below]);
}

TEST(Distribution, InterpolatesAsNumPyDoes) {
  // numpy.percentile([1, 2, 4, 8], [0, 25, 50, 90, 100])
  Distribution few;
  few.Add(std::vector<double>{8, 1, NAN, 4, 2});
  EXPECT_EQ(few.count(), 4u);
  EXPECT_DOUBLE_EQ(few.Quantile(0), 1);
  EXPECT_DOUBLE_EQ(few.Quantile(0.25), 1.75);
  EXPECT_DOUBLE_EQ(few.Quantile(0.5), 3);
  EXPECT_DOUBLE_EQ(few.Quantile(0.9), 6.8);
  EXPECT_DOUBLE_EQ(few.Quantile(1), 8);
  few.Clear();
  EXPECT_TRUE(std::isnan(few.Quantile(0.5)));
}

TEST(Distribution, IsExactForManyValuesAndKeepsRepeatedOnesOnce) {
  std::mt19937_64 random(3);
  std::vector<double> all;
  Distribution whole;
  Distribution left;
  Distribution right;
  for (int part = 0; part < 50; ++part) {
    std::vector<double> values;
    for (int i = 0; i < 7000; ++i)
      values.push_back(std::round(std::normal_distribution(230., 5.)(random) * 100) / 100);
    whole.Add(values);
    (part % 3 == 0 ? left : right).Add(values);
    all.insert(all.end(), values.begin(), values.end());
  }
  left.Merge(right);
  EXPECT_LT(whole.distinct(), 5'000u + 65'536u);
  EXPECT_EQ(left.count(), all.size());
  for (const double p : {0.01, 0.5, 0.9, 0.95, 0.99, 0.1234}) {
    EXPECT_EQ(whole.Quantile(p), Expected(all, p)) << p;
    EXPECT_EQ(left.Quantile(p), Expected(all, p)) << p;
  }
}

TEST(Distribution, IsExactForValuesThatHardlyRepeat) {
  std::mt19937_64 random(4);
  std::vector<double> all;
  Distribution distribution;
  for (int i = 0; i < 150'000; ++i) {
    all.push_back(i % 5 == 0 ? (i % 2 == 0 ? 0.0 : -0.0)
                             : std::normal_distribution(0., 5.)(random));
  }
  distribution.Add(all);
  for (const double p : {0.01, 0.5, 0.9, 0.99}) {
    EXPECT_EQ(distribution.Quantile(p), Expected(all, p)) << p;
  }
}

}  // namespace
}  // namespace energy::query
