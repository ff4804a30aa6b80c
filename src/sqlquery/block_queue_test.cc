#include "sqlquery/block_queue.h"

#include <gtest/gtest.h>

#include <thread>

namespace energy::sqlquery {
namespace {

TEST(BlockQueue, GivesBlocksInOrderAndThenTheEnd) {
  BlockQueue queue;
  std::thread reader([&] {
    EXPECT_TRUE(queue.Put({.rows = 1, .columns = {}}));
    EXPECT_TRUE(queue.Put({.rows = 2, .columns = {}}));
    queue.End(base::Internal("damaged"));
  });
  EXPECT_EQ(queue.Take({})->rows, 1u);
  EXPECT_EQ(queue.Take({})->rows, 2u);
  EXPECT_EQ(queue.Take({}).status().message(), "damaged");
  reader.join();
}

TEST(BlockQueue, AWaitForABlockEndsWhenTheCheckSaysSo) {
  BlockQueue queue;
  int asked = 0;
  const auto taken =
      queue.Take([&] { return ++asked < 3 ? base::Status() : base::TooLarge("too long"); });
  EXPECT_EQ(taken.status().code(), base::Code::kTooLarge);
  EXPECT_EQ(asked, 3);
}

TEST(BlockQueue, NothingIsPutOnceItIsClosed) {
  BlockQueue queue;
  EXPECT_TRUE(queue.Put({.rows = 1, .columns = {}}));
  std::thread closer([&] { queue.Close(); });
  EXPECT_FALSE(queue.Put({.rows = 2, .columns = {}}));
  closer.join();
  EXPECT_TRUE(queue.closed());
}

}  // namespace
}  // namespace energy::sqlquery
