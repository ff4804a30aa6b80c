#include "rules/window.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <deque>
#include <random>

namespace energy::rules {
namespace {

using std::chrono::seconds;

constexpr int64_t kSecond = 1'000'000'000;

// The same by adding everything up again.
struct Naive {
  int64_t width;
  bool closed;
  std::deque<std::pair<int64_t, double>> readings;

  void Add(int64_t time, double value) {
    readings.emplace_back(time, value);
    const int64_t limit = time - width;
    while (closed ? readings.front().first < limit : readings.front().first <= limit) {
      readings.pop_front();
    }
  }
  double Sum() const {
    double sum = 0;
    for (const auto& [time, value] : readings) sum += value;
    return sum;
  }
  double Min() const {
    return std::min_element(readings.begin(), readings.end(),
                            [](const auto& a, const auto& b) { return a.second < b.second; })
        ->second;
  }
  double Max() const {
    return std::max_element(readings.begin(), readings.end(),
                            [](const auto& a, const auto& b) { return a.second < b.second; })
        ->second;
  }
};

TEST(Window, IsWhatAddingUpAgainGives) {
  for (const bool closed : {false, true}) {
    Window window(seconds(600), closed);
    Naive naive{600 * kSecond, closed, {}};
    std::mt19937_64 random(7);
    int64_t time = 0;
    for (int i = 0; i < 20'000; ++i) {
      time += static_cast<int64_t>(1 + random() % 30) * kSecond;
      if (random() % 500 == 0) time += 700 * kSecond;
      const double value = static_cast<double>(random() % 1000) / 4;
      window.Add(time, value);
      naive.Add(time, value);
      ASSERT_EQ(window.count(), naive.readings.size()) << i;
      ASSERT_EQ(window.sum(), naive.Sum()) << i;  // quarters add up exactly
      ASSERT_EQ(window.min(), naive.Min()) << i;
      ASSERT_EQ(window.max(), naive.Max()) << i;
      ASSERT_EQ(window.oldest(), naive.readings.front().second) << i;
      ASSERT_EQ(window.newest(), value) << i;
    }
  }
}

TEST(Window, ForgetsALargeValueWithoutATrace) {
  Window window(seconds(10), false);
  window.Add(0, 1e18);
  for (int i = 1; i <= 20; ++i) window.Add(i * kSecond, 0.1);
  EXPECT_NEAR(window.sum(), 1.0, 1e-12);
}

TEST(Window, HoldsAThousandthMoreThanItsLengthWhereReadingsAreDense) {
  // 10,000 readings in a second: groups of a 1024th of the minute.
  Window window(seconds(60), false);
  constexpr int64_t kStep = kSecond / 1000;
  for (int64_t i = 0; i < 200'000; ++i) window.Add(i * kStep, 1);
  EXPECT_GE(window.count(), 60'000u);
  EXPECT_LE(window.count(), 60'060u);
}

}  // namespace
}  // namespace energy::rules
