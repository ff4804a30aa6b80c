#include "api/routes.h"

#include <gtest/gtest.h>

#include "auth/user_service.h"
#include "cache/memory_cache.h"
#include "sql/test_database.h"

namespace energy::api {
namespace {

class RoutesTest : public ::testing::Test {
 protected:
  void SetUp() override {
    ASSERT_TRUE(auth_.Load().ok());
    for (const auto role : {auth::Role::kAdmin, auth::Role::kEngineer, auth::Role::kViewer}) {
      const std::string name(auth::RoleName(role));
      ASSERT_TRUE(
          users_.Create({}, name + "@example.org", name, role, "correct horse battery").ok());
    }
    for (const char* path : {"/health", "/api/devices", "/api/mqtt/clients", "/api/mqtt/acl"}) {
      routes_.Add(http::Method::kGet, path,
                  [this](http::Request&, const auth::Claims&) { return envelope_.Ok({}); });
    }
  }
  int Get(const std::string& path, const std::string& authorization) {
    http::Request request;
    request.method = http::Method::kGet;
    request.path = request.target = path;
    if (!authorization.empty()) request.headers.emplace_back("Authorization", authorization);
    const auto match = router_.Find(request, false);
    return router_.Invoke(*match.handler, request).status;
  }
  std::string TokenOf(const std::string& role) {
    auto session = auth_.Login(role + "@example.org", "correct horse battery", "test");
    EXPECT_TRUE(session.ok()) << session.status().ToString();
    return session.ok() ? "Bearer " + session->token : "";
  }

  base::ManualClock clock_{base::Timestamp(std::chrono::seconds(1'770'463'560))};
  base::SystemRandom random_;
  sql::TestDatabase database_;
  cache::MemoryCache cache_{clock_};
  auth::AuthService auth_{*database_,        {cache_, cache_},     clock_,
                          random_,           std::string(32, 'k'), {.bcrypt_cost = 4},
                          base::NullLogger()};
  auth::UserService users_{*database_, clock_, random_, auth_, 4, base::NullLogger()};
  Envelope envelope_{clock_};
  http::Router router_;
  RateLimiter limiter_{{.per_minute = {20, 100, 200, 100, 0}}, cache_};
  Routes routes_{router_, auth_, envelope_, limiter_};
};

TEST_F(RoutesTest, EachRoleMayDoWhatTheTableSays) {
  struct Row {
    const char* role;
    int read, operate, admin;
  };
  for (const Row& row : {Row{"admin", 200, 200, 200}, Row{"engineer", 200, 200, 403},
                         Row{"viewer", 200, 403, 403}}) {
    const std::string token = TokenOf(row.role);
    EXPECT_EQ(Get("/health", token), 200);
    EXPECT_EQ(Get("/api/devices", token), row.read) << row.role;
    EXPECT_EQ(Get("/api/mqtt/clients", token), row.operate) << row.role;
    EXPECT_EQ(Get("/api/mqtt/acl", token), row.admin) << row.role;
  }
}

TEST_F(RoutesTest, ARouteWithoutARowInTheTableIsAMistakeOfTheProgrammer) {
  EXPECT_DEATH(routes_.Add(http::Method::kPut, "/api/devices", nullptr),
               "PUT /api/devices has no row");
}

TEST_F(RoutesTest, TheTableNamesEachRouteOnce) {
  for (const RouteAccess& row : AccessTable()) {
    EXPECT_EQ(FindAccess(row.method, row.pattern), &row) << row.pattern;
  }
}

TEST_F(RoutesTest, WithoutAValidTokenItIs401NotA403) {
  const std::string token = TokenOf("admin");
  EXPECT_EQ(Get("/health", ""), 200);
  for (const std::string& bad : {std::string(), std::string("Bearer "), std::string("Bearer x.y.z"),
                                 token + "x", std::string("Basic YTpi")}) {
    EXPECT_EQ(Get("/api/devices", bad), 401) << bad;
    EXPECT_EQ(Get("/api/mqtt/acl", bad), 401) << bad;
  }
  clock_.Advance(std::chrono::hours(1) + std::chrono::seconds(1));
  EXPECT_EQ(Get("/api/devices", token), 401) << "expired";
}

TEST_F(RoutesTest, ALoggedOutTokenIs401) {
  auto session = auth_.Login("admin@example.org", "correct horse battery", "test");
  ASSERT_TRUE(session.ok());
  ASSERT_TRUE(auth_.Logout(*auth_.Authenticate(session->token)).ok());
  EXPECT_EQ(Get("/api/devices", "Bearer " + session->token), 401);
}

TEST_F(RoutesTest, ErrorsCarryCodeMessageAndFields) {
  const auto response = envelope_.Error(base::InvalidField("name", "is missing"));
  EXPECT_EQ(response.status, 400);
  EXPECT_EQ(
      response.body,
      R"({"success":false,"data":null,"error":{"code":"VALIDATION_ERROR","message":)"
      R"("name is missing","details":{"name":"is missing"}},"timestamp":"2026-02-07T11:26:00Z"})");
  EXPECT_EQ(envelope_.Error(405, "no").status, 405);
  EXPECT_EQ(envelope_.Ok({{"a", 1}}, 201).body,
            R"({"success":true,"data":{"a":1},"error":null,"timestamp":"2026-02-07T11:26:00Z"})");
}

}  // namespace
}  // namespace energy::api
