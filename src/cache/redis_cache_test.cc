#include "cache/redis_cache.h"

#include <gtest/gtest.h>

#include <atomic>

#include "cache/fallback_cache.h"
#include "cache/test_support.h"

namespace energy::cache {
namespace {

using std::chrono::milliseconds;
using test::Eventually;

class RedisCacheTest : public ::testing::Test {
 protected:
  std::unique_ptr<RedisCache> Make(const RedisAddress& address, milliseconds timeout) {
    RedisOptions options;
    options.address = address;
    options.timeout = timeout;
    options.first_retry = milliseconds(5);
    options.longest_retry = milliseconds(20);
    options.watch_interval = milliseconds(20);
    return std::make_unique<RedisCache>(options, base::NullLogger(), metrics_);
  }
  base::Metrics metrics_;
};

TEST_F(RedisCacheTest, ReplicasShareWhatTheyCount) {
  test::RedisServer server;
  const auto one = Make(server.address(), milliseconds(2000));
  const auto other = Make(server.address(), milliseconds(2000));
  ASSERT_TRUE(one->Start().ok() && other->Start().ok());
  EXPECT_EQ(*one->Increment("n", milliseconds(60'000)), 1);
  EXPECT_EQ(*other->Increment("n", milliseconds(60'000)), 2);
  EXPECT_TRUE(one->TakePlace("k", 1, milliseconds(600'000))->granted);
  EXPECT_FALSE(other->TakePlace("k", 1, milliseconds(600'000))->granted);
}

TEST_F(RedisCacheTest, ComesBackAfterAnOutageByItself) {
  test::RedisServer server;
  const auto cache = Make(server.address(), milliseconds(2000));
  std::atomic<int> returns = 0;
  cache->OnReturn([&] { ++returns; });
  ASSERT_TRUE(cache->Start().ok());
  ASSERT_TRUE(cache->Set("k", "v", milliseconds(60'000)).ok());
  EXPECT_EQ(returns, 1);

  server.Kill();
  EXPECT_TRUE(Eventually([&] { return !cache->health().ok(); }));  // nobody had to ask
  EXPECT_EQ(cache->Get("k").status().code(), base::Code::kUnavailable);

  server.Start();
  EXPECT_TRUE(Eventually([&] { return cache->health().ok(); }));
  EXPECT_TRUE(Eventually([&] { return returns == 2; }));
  EXPECT_EQ(*cache->Get("k"), std::nullopt);  // it came back empty, which OnReturn is for
}

TEST_F(RedisCacheTest, ASilentServerCostsOneTimeLimitAndNotOneACall) {
  test::RedisServer server;
  const auto cache = Make(server.address(), milliseconds(150));
  ASSERT_TRUE(cache->Start().ok());
  ASSERT_TRUE(Eventually([&] { return cache->Set("k", "v", milliseconds(60'000)).ok(); }));
  server.Freeze();
  const auto since = std::chrono::steady_clock::now();
  for (int i = 0; i < 1000; ++i) {
    EXPECT_EQ(cache->Get("k").status().code(), base::Code::kUnavailable);
  }
  EXPECT_LT(std::chrono::steady_clock::now() - since, milliseconds(1500));
  server.Thaw();
  EXPECT_TRUE(Eventually([&] {
    const auto value = cache->Get("k");
    return value.ok() && *value == "v";
  }));
}

TEST_F(RedisCacheTest, NeverTakesTheAnswerOfAnotherQuestion) {
  test::RedisServer server;
  const auto cache = Make(server.address(), milliseconds(20));
  ASSERT_TRUE(cache->Start().ok());
  for (int round = 0; round < 10; ++round) {
    const std::string key = "k" + std::to_string(round);
    ASSERT_TRUE(Eventually([&] { return cache->Set(key, key, milliseconds(60'000)).ok(); }));
    server.Freeze();
    EXPECT_FALSE(cache->Get("k0").ok());  // its late answer belongs to nobody
    server.Thaw();
    ASSERT_TRUE(Eventually([&] { return cache->health().ok(); }));
    const auto value = cache->Get(key);
    EXPECT_TRUE(!value.ok() || *value == key) << value->value_or("nothing");
  }
}

TEST_F(RedisCacheTest, StartsWithoutItsServer) {
  auto address = RedisAddress{"127.0.0.1", test::FreePort(), "", "", 0};
  const auto cache = Make(address, milliseconds(100));
  ASSERT_TRUE(cache->Start().ok());
  EXPECT_EQ(cache->health().code(), base::Code::kUnavailable);
  EXPECT_EQ(cache->Set("k", "v", milliseconds(1)).code(), base::Code::kUnavailable);
}

TEST_F(RedisCacheTest, AWrongPasswordIsSaid) {
  test::RedisServer server("right");
  auto address = server.address();
  address.password = "wrong";
  const auto cache = Make(address, milliseconds(2000));
  ASSERT_TRUE(cache->Start().ok());
  EXPECT_NE(cache->health().message().find("WRONGPASS"), std::string::npos)
      << cache->health().message();
}

TEST_F(RedisCacheTest, FallsBackToTheOwnMemory) {
  test::RedisServer server;
  const auto shared = Make(server.address(), milliseconds(2000));
  ASSERT_TRUE(shared->Start().ok());
  base::SystemClock clock;
  MemoryCache own(clock);
  FallbackCache cache(*shared, own);
  EXPECT_TRUE(cache.TakePlace("k", 2, milliseconds(600'000))->granted);
  EXPECT_EQ(own.size(), 0U);
  server.Kill();
  EXPECT_TRUE(cache.TakePlace("k", 2, milliseconds(600'000))->granted);
  EXPECT_TRUE(cache.TakePlace("k", 2, milliseconds(600'000))->granted);
  EXPECT_FALSE(cache.TakePlace("k", 2, milliseconds(600'000))->granted);
  EXPECT_TRUE(cache.Set("a", "b", milliseconds(60'000)).ok());
  EXPECT_EQ(*cache.Get("a"), "b");
}

}  // namespace
}  // namespace energy::cache
