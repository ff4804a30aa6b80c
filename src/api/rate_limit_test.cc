#include "api/rate_limit.h"

#include <gtest/gtest.h>

#include "api/access.h"
#include "cache/memory_cache.h"

namespace energy::api {
namespace {

using enum http::Method;

TEST(RateLimit, RoutesAreCountedAsTheDesignSays) {
  const std::vector<std::tuple<http::Method, std::string, RateClass>> rows{
      {kPost, "/api/auth/login", RateClass::kAuth},
      {kPost, "/api/auth/oidc/session", RateClass::kOthers},
      {kPost, "/api/auth/refresh", RateClass::kOthers},
      {kGet, "/api/auth/me", RateClass::kOthers},
      {kGet, "/api/devices", RateClass::kDevices},
      {kGet, "/api/devices.csv", RateClass::kDevices},
      {kPut, "/api/devices/{id}", RateClass::kDevices},
      {kGet, "/api/data/latest", RateClass::kData},
      {kGet, "/api/data/telemetry/{id}", RateClass::kData},
      {kPost, "/api/data/telemetry/{id}", RateClass::kIngest},
      {kPost, "/write", RateClass::kIngest},
      {kGet, "/api/alerts", RateClass::kOthers},
      {kGet, "/health", RateClass::kNone},
      {kGet, "/metrics", RateClass::kNone}};
  for (const auto& [method, pattern, expected] : rows) {
    EXPECT_NE(FindAccess(method, pattern), nullptr) << pattern;
    EXPECT_EQ(RateClassOf(method, pattern), expected) << pattern;
  }
}

TEST(RateLimit, CountsUsersAndAddressesApart) {
  base::ManualClock clock{base::Timestamp(std::chrono::seconds(1'800'000'000))};
  cache::MemoryCache counts(clock);
  RateLimiter limiter({.per_minute = {2, 3, 200, 100, 0}}, counts);
  for (int i = 0; i < 2; ++i) EXPECT_TRUE(limiter.Take(RateClass::kAuth, "", "::1").status.ok());
  const auto refused = limiter.Take(RateClass::kAuth, "", "::2");  // the same /64
  EXPECT_EQ(refused.status.code(), base::Code::kRateLimited);
  EXPECT_EQ(refused.status.fields().at(0).field, "retry_after_s");
  EXPECT_TRUE(limiter.Take(RateClass::kAuth, "", "10.0.0.1").status.ok());
  EXPECT_TRUE(limiter.Take(RateClass::kAuth, "u1", "::1").status.ok());
  EXPECT_TRUE(limiter.Take(RateClass::kDevices, "", "::1").status.ok());
  for (int i = 0; i < 1000; ++i) {
    EXPECT_EQ(limiter.Take(RateClass::kIngest, "u1", "::1").limit, 0);
    EXPECT_EQ(limiter.Take(RateClass::kNone, "u1", "::1").limit, 0);
  }
  clock.Advance(std::chrono::seconds(refused.reset_s));
  EXPECT_TRUE(limiter.Take(RateClass::kAuth, "", "::1").status.ok());
}

TEST(RateLimit, AnswersSayWhatIsLeft) {
  http::Response response;
  RateLimiter::SetHeaders({{}, 100, 42, 60}, response);
  EXPECT_EQ(response.Header("RateLimit-Limit"), "100");
  EXPECT_EQ(response.Header("RateLimit-Remaining"), "42");
  EXPECT_EQ(response.Header("RateLimit-Reset"), "60");
}

}  // namespace
}  // namespace energy::api
