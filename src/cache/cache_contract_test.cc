#include <gtest/gtest.h>

#include <atomic>

#include "cache/memory_cache.h"
#include "cache/redis_cache.h"
#include "cache/test_support.h"

/// What every implementation of the port does, by the clock of its own.
namespace energy::cache {
namespace {

using std::chrono::milliseconds;

// One implementation, and how time passes for it.
class Side {
 public:
  virtual ~Side() = default;
  virtual Cache& cache() = 0;
  /// Lets time pass until `condition` holds. False when it never does.
  virtual bool Passing(const std::function<bool()>& condition) = 0;
};

class MemorySide final : public Side {
 public:
  Cache& cache() override { return cache_; }
  bool Passing(const std::function<bool()>& condition) override {
    for (int i = 0; i < 5000; ++i) {
      if (condition()) return true;
      clock_.Advance(milliseconds(1));
    }
    return false;
  }

 private:
  base::ManualClock clock_{base::Timestamp(std::chrono::seconds(1'800'000'000))};
  MemoryCache cache_{clock_};
};

class RedisSide final : public Side {
 public:
  explicit RedisSide(bool tls) {
    RedisOptions options;
    options.timeout = milliseconds(2000);
    if (tls) {
      certificates_ = std::make_unique<test::Certificates>();
      server_ = std::make_unique<test::RedisServer>("s3cret", *certificates_);
      options.tls = certificates_->Client();
    } else {
      server_ = std::make_unique<test::RedisServer>("s3cret");
    }
    options.address = server_->address();
    cache_ = std::make_unique<RedisCache>(options, base::NullLogger(), metrics_);
    EXPECT_TRUE(cache_->Start().ok());
  }
  Cache& cache() override { return *cache_; }
  bool Passing(const std::function<bool()>& condition) override {
    return test::Eventually(condition);
  }

 private:
  std::unique_ptr<test::Certificates> certificates_;
  std::unique_ptr<test::RedisServer> server_;
  base::Metrics metrics_;
  std::unique_ptr<RedisCache> cache_;
};

class CacheContract : public ::testing::TestWithParam<const char*> {
 protected:
  void SetUp() override {
    if (const std::string side = GetParam(); side != "Memory") {
      side_ = std::make_unique<RedisSide>(/*tls=*/side == "RedisWithTls");
    } else {
      side_ = std::make_unique<MemorySide>();
    }
  }
  Cache& cache() { return side_->cache(); }
  std::optional<std::string> Get(std::string_view key) {
    auto value = cache().Get(key);
    EXPECT_TRUE(value.ok()) << value.status().ToString();
    return value.ok() ? *value : std::nullopt;
  }
  Taken Place(int64_t limit, milliseconds window) {
    const auto taken = cache().TakePlace("limit", limit, window);
    EXPECT_TRUE(taken.ok()) << taken.status().ToString();
    return taken.ok() ? *taken : Taken{};
  }

  std::unique_ptr<Side> side_;
};

INSTANTIATE_TEST_SUITE_P(Sides, CacheContract, ::testing::Values("Memory", "Redis", "RedisWithTls"),
                         [](const auto& parameter) { return parameter.param; });

TEST_P(CacheContract, KeepsAnyBytesUntilTheyExpire) {
  EXPECT_EQ(Get("k"), std::nullopt);
  const std::string bytes("a\r\n\0\xff$3", 7);
  ASSERT_TRUE(cache().Set("k", bytes, milliseconds(60'000)).ok());
  EXPECT_EQ(Get("k"), bytes);
  ASSERT_TRUE(cache().Set("k", "", milliseconds(60'000)).ok());
  EXPECT_EQ(Get("k"), "");
  ASSERT_TRUE(cache().Set("k", "short", milliseconds(30)).ok());
  EXPECT_TRUE(side_->Passing([&] { return Get("k") == std::nullopt; }));
}

TEST_P(CacheContract, SetIfAbsentHasOneWinnerUntilItExpires) {
  EXPECT_TRUE(*cache().SetIfAbsent("k", "first", milliseconds(30)));
  EXPECT_FALSE(*cache().SetIfAbsent("k", "second", milliseconds(60'000)));
  EXPECT_EQ(Get("k"), "first");
  EXPECT_TRUE(side_->Passing([&] { return *cache().SetIfAbsent("k", "x", milliseconds(60'000)); }));
  EXPECT_EQ(Get("k"), "x");
}

TEST_P(CacheContract, OneTakesWhatManyWant) {
  ASSERT_TRUE(cache().Set("once", "value", milliseconds(60'000)).ok());
  std::atomic<int> got = 0;
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < 16; ++i) {
      threads.emplace_back([&] {
        const auto taken = cache().Take("once");
        if (taken.ok() && *taken == "value") ++got;
      });
    }
  }
  EXPECT_EQ(got, 1);
  EXPECT_EQ(Get("once"), std::nullopt);
}

TEST_P(CacheContract, CountsUntilNothingCameForAWhile) {
  EXPECT_EQ(*cache().Increment("n", milliseconds(60'000)), 1);
  EXPECT_EQ(*cache().Increment("n", milliseconds(60'000)), 2);
  EXPECT_EQ(*cache().Increment("n", milliseconds(30)), 3);
  EXPECT_TRUE(side_->Passing([&] { return Get("n") == std::nullopt; }));
  EXPECT_EQ(*cache().Increment("n", milliseconds(60'000)), 1);
  ASSERT_TRUE(cache().Set("text", "abc", milliseconds(60'000)).ok());
  EXPECT_EQ(cache().Increment("text", milliseconds(1)).status().code(), base::Code::kInternal);
}

TEST_P(CacheContract, GivesOutSoManyPlacesAndNoMore) {
  const milliseconds window(60'000);
  for (int i = 0; i < 3; ++i) {
    const Taken taken = Place(3, window);
    EXPECT_TRUE(taken.granted);
    EXPECT_EQ(taken.remaining, 2 - i);
    EXPECT_GT(taken.wait.count(), 0);
  }
  const Taken refused = Place(3, window);
  EXPECT_FALSE(refused.granted);
  EXPECT_EQ(refused.remaining, 0);
  EXPECT_GT(refused.wait.count(), 0);
  EXPECT_LE(refused.wait, 2 * window);
}

TEST_P(CacheContract, PlacesComeBackOneAfterTheOther) {
  const milliseconds window(300);
  while (Place(4, window).granted) {
  }
  // Some come back before all do.
  Taken next;
  EXPECT_TRUE(side_->Passing([&] {
    next = Place(4, window);
    return next.granted;
  }));
  EXPECT_LT(next.remaining, 3);
}

TEST_P(CacheContract, ManyThreadsGetNoMorePlacesThanThereAre) {
  std::atomic<int> granted = 0;
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < 8; ++i) {
      threads.emplace_back([&] {
        for (int j = 0; j < 20; ++j) granted += Place(50, milliseconds(600'000)).granted ? 1 : 0;
      });
    }
  }
  EXPECT_EQ(granted, 50);
}

}  // namespace
}  // namespace energy::cache
