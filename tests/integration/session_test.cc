#include <csignal>

#include "integration/api_fixture.h"

namespace energy::integration {
namespace {

using http::Method;

class Session : public Api {};

TEST_F(Session, EveryRouteNeedsAToken) {
  const std::vector<std::pair<Method, std::string>> routes{
      {Method::kPost, "/api/auth/logout"},
      {Method::kGet, "/api/auth/me"},
      {Method::kGet, "/api/devices"},
      {Method::kPost, "/api/devices"},
      {Method::kGet, "/api/devices/D1"},
      {Method::kPut, "/api/devices/D1"},
      {Method::kDelete, "/api/devices/D1"},
      {Method::kGet, "/api/devices/D1/status"},
      {Method::kPost, "/api/devices/D1/credentials"},
      {Method::kGet, "/api/profiles"},
      {Method::kGet, "/api/profiles/bulb"},
      {Method::kGet, "/api/data/telemetry/D1"},
      {Method::kGet, "/api/data/ingest"},
      {Method::kGet, "/api/data/dead-letters"},
      {Method::kGet, "/api/rules"},
      {Method::kPost, "/api/rules"},
      {Method::kGet, "/api/rules/x"},
      {Method::kPut, "/api/rules/x"},
      {Method::kDelete, "/api/rules/x"},
      {Method::kPatch, "/api/rules/x/status"},
      {Method::kGet, "/api/alerts"},
      {Method::kGet, "/api/alerts/summary"},
      {Method::kGet, "/api/alerts/x"},
      {Method::kPost, "/api/alerts/x/acknowledge"},
      {Method::kPost, "/api/alerts/x/resolve"},
      {Method::kGet, "/api/system"}};
  const std::string good = api().token();
  std::string forged = good;
  forged.back() = forged.back() == 'A' ? 'B' : 'A';
  // {"alg":"none"} and the same claims, unsigned.
  const std::string unsigned_token =
      "eyJhbGciOiJub25lIiwidHlwIjoiSldUIn0" +
      good.substr(good.find('.'), good.rfind('.') - good.find('.') + 1);
  for (const auto& [method, path] : routes) {
    SCOPED_TRACE(std::string(http::MethodName(method)) + " " + path);
    for (const std::string& token : {std::string(), std::string("x"), forged, unsigned_token}) {
      ApiClient client = Anonymous();
      client.set_token(token);
      const Answer answer = client.Call(method, path, "{}");
      ExpectError(answer, 401, "UNAUTHENTICATED");
      EXPECT_EQ(answer.response.Header("WWW-Authenticate"), "Bearer");
    }
  }
  ApiClient by_query = Anonymous();
  EXPECT_EQ(by_query.Get("/api/auth/me?token=" + good).status, 401);
}

TEST_F(Session, FailedLoginsLockTheAccount) {
  const auto login = [&](const std::string& email, const std::string& password) {
    return Anonymous().Post("/api/auth/login", {{"email", email}, {"password", password}});
  };
  const base::Json admin = base::Json::parse(ReadFile(data_dir() / "admin-credentials.json"));
  for (const std::string& email :
       {std::string("nobody@example.com"), admin.at("email").get<std::string>()}) {
    SCOPED_TRACE(email);
    for (int i = 0; i < 5; ++i) ExpectError(login(email, "wrong"), 401, "UNAUTHENTICATED");
    const Answer locked = login(email, "wrong");
    EXPECT_EQ(locked.status, 429);
    EXPECT_EQ(locked.error().at("code"), "RATE_LIMITED");
    const int retry_after = std::stoi(std::string(locked.response.Header("Retry-After")));
    EXPECT_GT(retry_after, 0);
    EXPECT_LE(retry_after, 30);
  }
  EXPECT_EQ(login(admin.at("email"), admin.at("password")).status, 429)
      << "the right password opens a locked account";
  EXPECT_EQ(api().Get("/api/auth/me").status, 200) << "a lock ends sessions";
}

TEST_F(Session, RefreshRotatesAndReuseEndsTheSession) {
  const base::Json admin = base::Json::parse(ReadFile(data_dir() / "admin-credentials.json"));
  ApiClient client = Anonymous();
  const Answer login = client.Post("/api/auth/login", admin);
  ASSERT_EQ(login.status, 200) << login.body;
  ExpectMembers(login.data(), {"token", "refresh_token", "expires_in", "user"});
  EXPECT_EQ(login.data().at("expires_in"), 3600);
  ExpectMembers(login.data().at("user"),
                {"id", "email", "full_name", "role", "is_active", "created_at", "updated_at",
                 "last_login", "second_factor", "version"});
  const std::string cookie(login.response.Header("Set-Cookie"));
  for (const char* part : {"energy_refresh=", "HttpOnly", "SameSite=Strict", "Path=/api/auth"}) {
    EXPECT_NE(cookie.find(part), std::string::npos) << cookie;
  }

  const auto refresh = [&](const std::string& token) {
    return client.Post("/api/auth/refresh", {{"refresh_token", token}});
  };
  const std::string first = login.data().at("refresh_token");
  const Answer second = refresh(first);
  ASSERT_EQ(second.status, 200) << second.body;
  EXPECT_NE(second.data().at("refresh_token"), first);
  // By the cookie alone, as a browser does.
  const std::string second_cookie(second.response.Header("Set-Cookie"));
  const Answer third = client.Call(Method::kPost, "/api/auth/refresh", "",
                                   {{"Cookie", second_cookie.substr(0, second_cookie.find(';'))}});
  ASSERT_EQ(third.status, 200) << third.body;
  client.set_token(third.data().at("token"));
  EXPECT_EQ(client.Get("/api/auth/me").status, 200);

  client.set_token("");
  ExpectError(refresh(first), 401, "UNAUTHENTICATED");
  ExpectError(refresh(third.data().at("refresh_token")), 401, "UNAUTHENTICATED");
  client.set_token(third.data().at("token"));
  ExpectError(client.Get("/api/auth/me"), 401, "UNAUTHENTICATED");
  client.set_token("");
  ExpectError(refresh("nonsense"), 401, "UNAUTHENTICATED");
  ExpectError(client.Call(Method::kPost, "/api/auth/refresh"), 401, "UNAUTHENTICATED");
  // Another session of the same user goes on.
  EXPECT_EQ(api().Get("/api/auth/me").status, 200);
}

TEST_F(Session, LogoutEndsTheSessionAlsoAcrossARestart) {
  const base::Json admin = base::Json::parse(ReadFile(data_dir() / "admin-credentials.json"));
  ApiClient client = Anonymous();
  const base::Json session = client.PostData("/api/auth/login", admin);
  client.set_token(session.at("token"));
  const Answer logout = client.Call(Method::kPost, "/api/auth/logout");
  EXPECT_EQ(logout.status, 200);
  EXPECT_NE(logout.response.Header("Set-Cookie").find("Max-Age=0"), std::string::npos);
  ExpectError(client.Get("/api/auth/me"), 401, "UNAUTHENTICATED");
  Restart(SIGKILL);
  ApiClient later = Anonymous();
  ExpectError(later.Post("/api/auth/refresh", {{"refresh_token", session.at("refresh_token")}}),
              401, "UNAUTHENTICATED");
  later.set_token(session.at("token"));
  ExpectError(later.Get("/api/auth/me"), 401, "UNAUTHENTICATED");
  EXPECT_EQ(api().Get("/api/auth/me").status, 200);
}

}  // namespace
}  // namespace energy::integration
