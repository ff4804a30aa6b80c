#include "telemetry/feed.h"

#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <latch>

namespace energy::telemetry {
namespace {

CommittedBatchPtr Batch(int64_t first, size_t readings) {
  auto batch = std::make_shared<CommittedBatch>();
  const series::FieldRef field = 1;
  const double value = 1;
  for (size_t i = 0; i < readings; ++i) {
    batch->readings.Add(1, first + static_cast<int64_t>(i), {&field, 1}, {&value, 1});
  }
  return batch;
}

TEST(Feed, DeliversEverythingInOrderToEverySubscriber) {
  base::Metrics metrics;
  Feed feed(metrics);
  std::vector<int64_t> seen[2];
  for (int i = 0; i < 2; ++i) {
    feed.Subscribe(
        "s" + std::to_string(i),
        [&seen, i](const CommittedBatch& batch) {
          for (const auto& row : batch.readings.rows) seen[i].push_back(row.time_ns);
        },
        Overflow::kHoldIngest, 10);
  }
  ASSERT_TRUE(feed.Start().ok());
  for (int64_t i = 0; i < 100; ++i) feed.Publish(Batch(i * 7, 7));
  feed.Stop();
  for (const auto& times : seen) {
    ASSERT_EQ(times.size(), 700u);
    EXPECT_TRUE(std::is_sorted(times.begin(), times.end()));
  }
}

TEST(Feed, DropsTheOldestForASubscriberThatWantsOnlyTheNewest) {
  base::Metrics metrics;
  Feed feed(metrics);
  std::latch entered(1);
  std::latch release(1);
  std::vector<int64_t> seen;
  feed.Subscribe(
      "live",
      [&](const CommittedBatch& batch) {
        if (seen.empty()) {
          entered.count_down();
          release.wait();
        }
        seen.push_back(batch.readings.rows.front().time_ns);
      },
      Overflow::kDropOldest, 3);
  ASSERT_TRUE(feed.Start().ok());
  feed.Publish(Batch(0, 1));
  entered.wait();
  for (int64_t i = 1; i <= 10; ++i) feed.Publish(Batch(i, 1));
  release.count_down();
  feed.Stop();
  EXPECT_EQ(seen, (std::vector<int64_t>{0, 8, 9, 10}));
  EXPECT_NE(metrics.Text().find("telemetry_feed_dropped_total{subscriber=\"live\"} 7"),
            std::string::npos)
      << metrics.Text();
}

TEST(Feed, HoldsTheCommitterForASubscriberThatMustSeeAll) {
  base::Metrics metrics;
  Feed feed(metrics);
  std::latch entered(1);
  std::latch release(1);
  std::atomic<int> seen = 0;
  feed.Subscribe(
      "rules",
      [&](const CommittedBatch&) {
        if (seen++ == 0) {
          entered.count_down();
          release.wait();
        }
      },
      Overflow::kHoldIngest, 1);
  ASSERT_TRUE(feed.Start().ok());
  feed.Publish(Batch(0, 1));
  entered.wait();
  feed.Publish(Batch(1, 1));
  auto third = std::async(std::launch::async, [&] { feed.Publish(Batch(2, 1)); });
  EXPECT_EQ(third.wait_for(std::chrono::milliseconds(50)), std::future_status::timeout);
  release.count_down();
  third.get();
  feed.Stop();
  EXPECT_EQ(seen, 3);
}

}  // namespace
}  // namespace energy::telemetry
