#include "base/worker_pool.h"

#include <gtest/gtest.h>

#include <atomic>
#include <latch>

namespace energy::base {
namespace {

TEST(WorkerPool, RunsWhatIsQueuedBeforeItStops) {
  std::atomic<int> ran = 0;
  WorkerPool pool("test", 2, 100);
  ASSERT_TRUE(pool.Start().ok());
  for (int i = 0; i < 50; ++i) ASSERT_TRUE(pool.Submit([&] { ++ran; }));
  pool.Stop();
  EXPECT_EQ(ran, 50);
  EXPECT_FALSE(pool.Submit([&] { ++ran; }));
}

TEST(WorkerPool, RefusesWhenItsQueueIsFull) {
  std::latch started(1);
  std::latch release(1);
  WorkerPool pool("test", 1, 2);
  ASSERT_TRUE(pool.Start().ok());
  ASSERT_TRUE(pool.Submit([&] {
    started.count_down();
    release.wait();
  }));
  started.wait();
  EXPECT_TRUE(pool.Submit([] {}));
  EXPECT_TRUE(pool.Submit([] {}));
  EXPECT_FALSE(pool.Submit([] {}));
  release.count_down();
}

}  // namespace
}  // namespace energy::base
