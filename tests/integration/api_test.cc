#include <algorithm>
#include <csignal>
#include <regex>
#include <set>

#include "integration/platform_test.h"

namespace energy::integration {
namespace {

using http::Method;
using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

class Api : public PlatformTest {
 protected:
  void SetUp() override { Start(); }

  // An answer that is an error as Appendix B of the LLD has it.
  void ExpectError(const Answer& answer, int status, const std::string& code,
                   const std::vector<std::string>& fields = {}) {
    EXPECT_EQ(answer.status, status) << answer.response.Body();
    ASSERT_TRUE(answer.body.is_object()) << answer.response.Body();
    EXPECT_EQ(answer.body.at("success"), false);
    EXPECT_TRUE(answer.data().is_null());
    ExpectTimestamp(answer.body.at("timestamp"));
    EXPECT_EQ(answer.error().at("code"), code);
    EXPECT_FALSE(answer.error().at("message").get<std::string>().empty());
    std::set<std::string> found;
    if (answer.error().contains("details")) {
      for (const auto& [field, message] : answer.error().at("details").items()) {
        EXPECT_FALSE(message.get<std::string>().empty()) << field;
        found.insert(field);
      }
    }
    EXPECT_EQ(found, std::set<std::string>(fields.begin(), fields.end())) << answer.body;
  }
  static void ExpectTimestamp(const base::Json& json) {
    ASSERT_TRUE(json.is_string()) << json;
    const std::string text = json;
    EXPECT_TRUE(base::ParseTimestamp(text).ok() && text.back() == 'Z') << text;
  }
  static void ExpectMembers(const base::Json& object, const std::set<std::string>& expected) {
    std::set<std::string> found;
    for (const auto& [name, value] : object.items()) found.insert(name);
    EXPECT_EQ(found, expected) << object;
  }
  ApiClient Anonymous() { return ApiClient(platform().http_port()); }
  base::Json RuleFor(const std::string& device) {
    return {{"name", "r"},
            {"device_id", device},
            {"property", "temperature"},
            {"operator", ">"},
            {"threshold", 50}};
  }
};

TEST_F(Api, AnswersAreEnvelopes) {
  const Answer answer = api().Get("/api/devices");
  EXPECT_EQ(answer.status, 200);
  ExpectMembers(answer.body, {"success", "data", "error", "timestamp"});
  EXPECT_EQ(answer.body.at("success"), true);
  EXPECT_TRUE(answer.error().is_null());
  ExpectTimestamp(answer.body.at("timestamp"));
  EXPECT_TRUE(answer.response.Header("Content-Type").starts_with("application/json"));
  ExpectMembers(answer.data(), {"devices", "total", "page", "page_size"});
  EXPECT_EQ(answer.data().at("page"), 1);
  EXPECT_EQ(answer.data().at("page_size"), 50);
}

TEST_F(Api, TheStateOfTheProgramIsServedBare) {
  ApiClient anyone = Anonymous();
  EXPECT_EQ(anyone.Get("/health").body, base::Json({{"status", "ok"}}));
  const Answer ready = anyone.Get("/ready");
  EXPECT_EQ(ready.status, 200);
  EXPECT_EQ(ready.body.at("status"), "ready");
  ASSERT_FALSE(ready.body.at("checks").empty());
  for (const base::Json& check : ready.body.at("checks")) {
    ExpectMembers(check, {"name", "ok", "detail"});
    EXPECT_EQ(check.at("ok"), true);
  }
  const base::Json system = api().GetData("/api/system");
  ExpectMembers(system, {"version", "roles", "uptime_s", "started_at", "checks", "storage", "mqtt",
                         "memory_bytes"});
  EXPECT_EQ(system.at("version"), ENERGY_VERSION);
  ExpectTimestamp(system.at("started_at"));
  ExpectMembers(system.at("storage"), {"telemetry_bytes", "metadata_bytes", "free_bytes"});
  EXPECT_EQ(system.at("mqtt").at("connections"), 0);
  const auto client = Connect(api().MakeDevice("D1"));
  EXPECT_EQ(api().GetData("/api/system").at("mqtt").at("connections"), 1);
}

TEST_F(Api, MetricsHaveTheNamesOfTheDesign) {
  const Credential device = api().MakeDevice("D1");
  api().PostData("/api/rules", RuleFor("D1"));
  ASSERT_TRUE(Publish(*Connect(device), device, {NowMs()}).ok());
  std::string text;
  EXPECT_TRUE(WaitUntil([&] {
    const Answer answer = Anonymous().Get("/metrics");
    EXPECT_TRUE(answer.response.Header("Content-Type").starts_with("text/plain"));
    text = answer.response.Body();
    return text.find("telemetry_messages_total{device_id=\"D1\"} 1") != std::string::npos &&
           text.find("rule_evaluations_total 1") != std::string::npos;
  })) << text;
  for (const char* metric : {"rule_evaluation_duration_seconds_bucket", "alerts_active",
                             "http_requests_total", "telemetry_commit_duration_seconds_count"}) {
    EXPECT_NE(text.find(metric), std::string::npos) << metric;
  }
}

TEST_F(Api, TheDescriptionOfTheApiIsServedAndTrue) {
  const Answer answer = Anonymous().Get("/api/openapi.json");
  ASSERT_EQ(answer.status, 200);
  EXPECT_TRUE(answer.body.at("openapi").get<std::string>().starts_with("3."));
  api().MakeDevice("D1");
  int checked = 0;
  for (const auto& [path, operations] : answer.body.at("paths").items()) {
    for (const auto& [method, operation] : operations.items()) {
      if (method != "get" || path.ends_with("/live")) continue;
      const std::string target = std::regex_replace(path, std::regex(R"(\{[^}]*\})"), "D1");
      const Answer got = api().Get(target);
      // Only what is not there may be missing, not the route.
      const bool served = got.status == 200 || path.find('{') != std::string::npos;
      EXPECT_TRUE(served) << target << " answers " << got.status;
      EXPECT_EQ(Anonymous().Get(target).status == 401,
                !operation.contains("security") || !operation.at("security").empty())
          << target << ": the description and the server differ on whether a token is needed";
      ++checked;
    }
  }
  EXPECT_GE(checked, 15);
}

TEST_F(Api, EveryRouteNeedsAToken) {
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

TEST_F(Api, WhatIsNotThereIs404AndWhatDoesNotFitIs405) {
  ExpectError(api().Get("/api"), 404, "NOT_FOUND");
  ExpectError(api().Get("/api/no/such"), 404, "NOT_FOUND");
  for (const char* path :
       {"/api/devices/D9", "/api/devices/D9/status", "/api/profiles/lamp", "/api/data/telemetry/D9",
        "/api/rules/x", "/api/rules/0190a0a0-0000-7000-8000-000000000000", "/api/alerts/x",
        "/api/alerts/0190a0a0-0000-7000-8000-000000000000"}) {
    SCOPED_TRACE(path);
    ExpectError(api().Get(path), 404, "NOT_FOUND");
  }
  ExpectError(api().Put("/api/devices/D9", {{"name", "x"}}), 404, "NOT_FOUND");
  ExpectError(api().Delete("/api/devices/D9"), 404, "NOT_FOUND");
  ExpectError(api().Post("/api/devices/D9/credentials", base::Json::object()), 404, "NOT_FOUND");
  const Answer answer = api().Patch("/api/devices", base::Json::object());
  ExpectError(answer, 405, "METHOD_NOT_ALLOWED");
  const std::string allowed(answer.response.Header("Allow"));
  EXPECT_NE(allowed.find("GET"), std::string::npos) << allowed;
  EXPECT_NE(allowed.find("POST"), std::string::npos) << allowed;
}

TEST_F(Api, ABodyThatIsTooLargeIs413AndMalformedOnesAre400) {
  ExpectError(Anonymous().Call(Method::kPost, "/api/auth/login", std::string(2 << 20, ' ')), 413,
              "PAYLOAD_TOO_LARGE");
  std::string deep;
  for (int i = 0; i < 100'000; ++i) deep += "[";
  for (const std::string& body :
       {std::string(), std::string("{"), std::string("[]"), std::string("null"),
        std::string("{\"id\":\"a\",\"id\":\"b\"}"), std::string("{\"id\":\"a\\u0000b\"}"), deep,
        std::string("{\"id\":") + deep}) {
    SCOPED_TRACE(body.substr(0, 40));
    ExpectError(api().Call(Method::kPost, "/api/devices", body), 400, "VALIDATION_ERROR");
  }
}

TEST_F(Api, DetailsNameEachBadField) {
  ExpectError(Anonymous().Post("/api/auth/login", {{"email", 1}}), 400, "VALIDATION_ERROR",
              {"email", "password"});
  ExpectError(api().Post("/api/devices", base::Json::object()), 400, "VALIDATION_ERROR",
              {"id", "name", "type"});
  ExpectError(api().Post("/api/devices", {{"id", "a/b"},
                                          {"name", ""},
                                          {"type", std::string(101, 't')},
                                          {"location", 3},
                                          {"status", "asleep"},
                                          {"metadata", 5},
                                          {"colour", "red"}}),
              400, "VALIDATION_ERROR", {"name", "location", "status", "metadata", "colour"});
  ExpectError(api().Post("/api/devices", {{"id", "a/b"},
                                          {"name", "n"},
                                          {"type", std::string(101, 't')},
                                          {"location", std::string(256, 'l')}}),
              400, "VALIDATION_ERROR", {"id", "type", "location"});
  api().MakeDevice("D1");
  ExpectError(api().Post("/api/rules", base::Json::object()), 400, "VALIDATION_ERROR",
              {"name", "device_id", "property", "operator", "threshold"});
  base::Json rule = RuleFor("D9");
  ExpectError(api().Post("/api/rules", rule), 400, "VALIDATION_ERROR", {"device_id"});
  rule = RuleFor("D1");
  rule.update({{"property", "humidity"},
               {"cooldown_minutes", -1},
               {"notification_channels", {"pigeon"}},
               {"clear_threshold", 60}});
  ExpectError(api().Post("/api/rules", rule), 400, "VALIDATION_ERROR",
              {"property", "cooldown_minutes", "notification_channels", "clear_threshold"});
  rule = RuleFor("D1");
  rule.update({{"operator", "~"}, {"severity", "extreme"}, {"threshold", "hot"}, {"extra", 1}});
  ExpectError(api().Post("/api/rules", rule), 400, "VALIDATION_ERROR",
              {"operator", "severity", "threshold", "extra"});
}

TEST_F(Api, AParameterThatDoesNotExistOrFitIs400) {
  api().MakeDevice("D1");
  for (const char* path : {"/api/devices", "/api/profiles", "/api/data/telemetry/D1",
                           "/api/data/dead-letters", "/api/rules", "/api/alerts"}) {
    SCOPED_TRACE(path);
    ExpectError(api().Get(std::string(path) + "?colour=red"), 400, "VALIDATION_ERROR", {"colour"});
  }
  const std::vector<std::pair<std::string, std::string>> bad{
      {"/api/devices?page=0", "page"},
      {"/api/devices?page=x", "page"},
      {"/api/devices?page_size=501", "page_size"},
      {"/api/devices?status=asleep", "status"},
      {"/api/devices?sort=colour", "sort"},
      {"/api/devices?page=1&page=2", "page"},
      {"/api/rules?severity=extreme", "severity"},
      {"/api/rules?sort=threshold_of_pain", "sort"},
      {"/api/alerts?status=open,closed", "status"},
      {"/api/alerts?start=yesterday", "start"},
      {"/api/alerts?start=2026-02-07T11:26:00", "start"},
      {"/api/data/telemetry/D1?limit=0", "limit"},
      {"/api/data/telemetry/D1?limit=100001", "limit"},
      {"/api/data/telemetry/D1?max_points=9", "max_points"},
      {"/api/data/telemetry/D1?fields=nonsense", "fields"},
      {"/api/data/telemetry/D1?start=2026-01-02T00:00:00Z&end=2026-01-01T00:00:00Z", "end"}};
  for (const auto& [target, field] : bad) {
    SCOPED_TRACE(target);
    ExpectError(api().Get(target), 400, "VALIDATION_ERROR", {field});
  }
}

TEST_F(Api, DevicesAreCreatedFoundChangedAndDeleted) {
  const Answer created = api().Post("/api/devices", {{"id", "pump_1.a-B"},
                                                     {"name", "Pumpe Ω"},
                                                     {"type", "pump"},
                                                     {"location", "Hall 3"},
                                                     {"status", "maintenance"},
                                                     {"metadata", {{"maker", "ACME"}}}});
  ASSERT_EQ(created.status, 201) << created.body;
  ExpectMembers(created.data(),
                {"id", "name", "type", "location", "status", "metadata", "health_score",
                 "last_seen", "version", "created_at", "updated_at"});
  EXPECT_EQ(created.data().at("version"), 1);
  ExpectError(api().Post("/api/devices", {`9, "CONFLICT", {"id"});
    EXPECT_EQ(api().GetData("/api/devices/pump_1.a-B"), created.data());
    EXPECT_EQ(api().GetData("/api/devices?search=" + QueryText("Ω")).at("total"), 1);
    EXPECT_EQ(
        api()
            .GetData("/api/devices?type=pump&status=maintenance&location=" + QueryText("Hall 3"))
            .at("total"),
        1);
    EXPECT_EQ(api().GetData("/api/devices?type=bulb").at("total"), 0);

    const Answer updated = api().Put("/api/devices/pump_1.a-B",
                                     {{"name", "New"}, {"location", nullptr}, {"version", 1}});
    ASSERT_EQ(updated.status, 200) << updated.body;
    EXPECT_EQ(updated.data().at("name"), "New");
    EXPECT_TRUE(updated.data().at("location").is_null());
    EXPECT_EQ(updated.data().at("version"), 2);
    EXPECT_EQ(updated.data().at("metadata").at("maker"), "ACME");
    ExpectError(api().Put("/api/devices/pump_1.a-B", {{"name", "Stale"}, {"version", 1}}), 409,
                "CONFLICT", {"version"});
    EXPECT_EQ(api().Delete("/api/devices/pump_1.a-B").status, 200);
    ExpectError(api().Get("/api/devices/pump_1.a-B"), 404, "NOT_FOUND");
}

TEST_F(Api, ListsArePagedAndSorted) {
    for (int i = 0; i < 25; ++i) {
      const std::string id = "D" + std::to_string(100 + i);
      api().PostData("/api/devices", {{"id", id}, {"name", "n" + id}, {"type", "bulb"}});
    }
    std::vector<std::string> found;
    for (int page = 1; page <= 4; ++page) {
      const base::Json list =
          api().GetData("/api/devices?sort=-id&page_size=10&page=" + std::to_string(page));
      EXPECT_EQ(list.at("total"), 25);
      EXPECT_EQ(list.at("page"), page);
      for (const base::Json& device : list.at("devices")) found.push_back(device.at("id"));
    }
    ASSERT_EQ(found.size(), 25U);
    EXPECT_EQ(found.front(), "D124");
    EXPECT_EQ(found.back(), "D100");
    EXPECT_TRUE(std::is_sorted(found.rbegin(), found.rend()));
}

TEST_F(Api, ADeletedDeviceTakesItsRulesAlertsAndCredentialAndLeavesItsTelemetry) {
    const Credential device = api().MakeDevice("D1");
    api().MakeDevice("D2");
    const std::string rule = api().PostData("/api/rules", RuleFor("D1")).at("id");
    api().PostData("/api/rules", RuleFor("D2"));
    const auto client = Connect(device, 5);
    Reading fault{NowMs() - seconds(2)};
    fault.temperature = 60;
    ASSERT_TRUE(Publish(*client, device, fault).ok());
    ASSERT_TRUE(WaitUntil([&] { return api().GetData("/api/alerts").at("total") == 1; }));

    ASSERT_EQ(api().Delete("/api/devices/D1").status, 200);
    EXPECT_TRUE(WaitUntil([&] { return !client->stats().connected; }));
    mqtt::Client again(ClientOptions(device));
    EXPECT_EQ(again.Connect("127.0.0.1", platform().mqtt_port()).code(),
              base::Code::kUnauthenticated);
    ExpectError(api().Get("/api/rules/" + rule), 404, "NOT_FOUND");
    EXPECT_EQ(api().GetData("/api/rules").at("total"), 1);
    EXPECT_EQ(api().GetData("/api/alerts").at("total"), 0);
    EXPECT_EQ(api().GetData("/api/alerts/summary").at("open"), 0);
    ExpectError(api().Get("/api/data/telemetry/D1"), 404, "NOT_FOUND");

    const Credential reborn = api().MakeDevice("D1");
    EXPECT_EQ(Stored("D1", fault.time, fault.time + seconds(1)), std::vector{fault});
    EXPECT_TRUE(Publish(*Connect(reborn), reborn, {NowMs()}).ok());
    EXPECT_EQ(api().GetData("/api/alerts").at("total"), 0);
}

TEST_F(Api, TelemetryOfARange) {
    const Credential device = api().MakeDevice("D1");
    const auto client = Connect(device);
    const base::Timestamp start = NowMs() - hours(2);
    for (int i = 0; i < 1000; ++i) {
      Reading reading{start + seconds(i)};
      if (i == 567) reading.power = 499;
      if (i == 123) reading.power = 1;
      ASSERT_TRUE(client->Publish(device.topic, ToPayload("D1", reading), 1).ok());
    }
    ASSERT_TRUE(client->Flush(kPatience).ok());
    const std::string base = "/api/data/telemetry/D1?start=" + base::FormatTimestamp(start) +
                             "&end=" + base::FormatTimestamp(start + hours(1));
    const base::Json all = api().GetData(base);
    ExpectMembers(all,
                  {"device_id", "fields", "units", "data", "count", "truncated", "downsampled"});
    EXPECT_EQ(all.at("count"), 1000);
    EXPECT_EQ(all.at("fields"), base::Json({"voltage", "current", "power", "temperature"}));
    EXPECT_EQ(all.at("units").at("voltage"), "V");

    const base::Json chart = api().GetData(base + "&max_points=50&fields=power");
    EXPECT_TRUE(chart.at("downsampled").get<bool>());
    EXPECT_LE(chart.at("count"), 50);
    std::set<double> powers;
    for (const base::Json& reading : chart.at("data")) {
      ExpectMembers(reading, {"device_id", "timestamp", "power"});
      powers.insert(reading.at("power").get<double>());
    }
    EXPECT_TRUE(powers.contains(499) && powers.contains(1)) << "the extremes are lost";

    const base::Json newest = api().GetData(base + "&limit=10");
    EXPECT_TRUE(newest.at("truncated").get<bool>());
    EXPECT_EQ(newest.at("count"), 10);
    EXPECT_EQ(newest.at("data").back(), all.at("data").back());
    EXPECT_EQ(newest.at("data").front(), all.at("data").at(990));

    const std::string offset = QueryText(base::FormatTimestamp(start + hours(2)).substr(0, 23));
    EXPECT_EQ(api()
                  .GetData("/api/data/telemetry/D1?start=" + offset + QueryText("+02:00") +
                           "&end=" + base::FormatTimestamp(start + hours(1)))
                  .at("count"),
              1000);
    // The last hour, without bounds.
    EXPECT_EQ(api().GetData("/api/data/telemetry/D1").at("count"), 0);
    const base::Json status = api().GetData("/api/devices/D1/status");
    EXPECT_EQ(status.at("online"), false);
    EXPECT_EQ(status.at("latest"), all.at("data").back());
}

TEST_F(Api, FailedLoginsLockTheAccount) {
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

TEST_F(Api, RefreshRotatesAndReuseEndsTheSession) {
    const base::Json admin = base::Json::parse(ReadFile(data_dir() / "admin-credentials.json"));
    ApiClient client = Anonymous();
    const Answer login = client.Post("/api/auth/login", admin);
    ASSERT_EQ(login.status, 200) << login.body;
    ExpectMembers(login.data(), {"token", "refresh_token", "expires_in", "user"});
    EXPECT_EQ(login.data().at("expires_in"), 3600);
    ExpectMembers(login.data().at("user"), {"id", "email", "full_name", "role", "is_active",
                                            "created_at", "updated_at", "last_login"});
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
    const Answer third =
        client.Call(Method::kPost, "/api/auth/refresh", "",
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

TEST_F(Api, LogoutEndsTheSessionAlsoAcrossARestart) {
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

class Live : public Api {
 protected:
  base::Result<http::WebSocketClient> Open(const std::string& device,
                                           const std::vector<std::string>& subprotocols,
                                           const http::Headers& headers = {}) {
    http::WebSocketOptions options;
    options.port = platform().http_port();
    options.target = "/api/data/telemetry/" + device + "/live";
    options.subprotocols = subprotocols;
    options.headers = headers;
    options.timeout = kPatience;
    return http::WebSocketClient::Connect(options);
}
};

TEST_F(Live, SendsTheNewestReadingFirstAndThenWhatIsCommitted) {
  const Credential device = api().MakeDevice("D1");
  const auto client = Connect(device);
  const Reading old{NowMs() - seconds(20)};
  const Reading newest{NowMs() - seconds(10), 231};
  ASSERT_TRUE(Publish(*client, device, old).ok());
  ASSERT_TRUE(Publish(*client, device, newest).ok());

  auto live = Open("D1", {"bearer", api().token()});
  ASSERT_TRUE(live.ok()) << live.status().ToString();
  EXPECT_EQ(live->subprotocol(), "bearer");
  auto also = Open("D1", {}, {{"Authorization", "Bearer " + api().token()}});
  ASSERT_TRUE(also.ok()) << also.status().ToString();
  EXPECT_EQ(also->subprotocol(), "");

  const auto next = [](http::WebSocketClient& socket) {
    const auto message = socket.Receive(kPatience);
    if (!message.ok()) throw std::runtime_error(message.status().ToString());
    return ToReading(base::Json::parse(*message));
  };
  for (http::WebSocketClient* socket : {&*live, &*also}) {
    Reading first = next(*socket);
    // The feed may still hold them when the socket opens; the newest comes last in any case.
    while (first != newest) first = next(*socket);
  }
  for (int i = 0; i < 50; ++i) {
    const Reading reading{NowMs(), 230, 0.01 * i};
    ASSERT_TRUE(Publish(*client, device, reading).ok());
    EXPECT_EQ(next(*live), reading);
    EXPECT_EQ(next(*also), reading);
  }
  // Another device's readings, and refused ones, are not seen.
  const Credential other = api().MakeDevice("D2");
  ASSERT_TRUE(Publish(*Connect(other), other, {NowMs()}).ok());
  ASSERT_TRUE(Publish(*client, device.topic, "no JSON").ok());
  const Reading last{NowMs(), 240};
  ASSERT_TRUE(Publish(*client, device, last).ok());
  EXPECT_EQ(next(*live), last);
  live->Close();
  EXPECT_EQ(live->close_code(), 1000);
  ASSERT_TRUE(Publish(*client, device, {NowMs(), 220}).ok());
}

TEST_F(Live, NeedsATokenADeviceAndAPageOfThisServer) {
  api().MakeDevice("D1");
  EXPECT_EQ(Open("D1", {}).status().code(), base::Code::kUnauthenticated);
  EXPECT_EQ(Open("D1", {"bearer"}).status().code(), base::Code::kUnauthenticated);
  EXPECT_EQ(Open("D1", {"bearer", "nonsense"}).status().code(), base::Code::kUnauthenticated);
  EXPECT_EQ(Open("D9", {"bearer", api().token()}).status().code(), base::Code::kNotFound);
  EXPECT_EQ(
      Open("D1", {"bearer", api().token()}, {{"Origin", "http://evil.example"}}).status().code(),
      base::Code::kPermissionDenied);
  const std::string own = "http://127.0.0.1:" + std::to_string(platform().http_port());
  EXPECT_TRUE(Open("D1", {"bearer", api().token()}, {{"Origin", own}}).ok());
}

TEST_F(Live, ASlowReaderIsToldWhatItMissedAndHoldsNobody) {
  const Credential device = api().MakeDevice("D1", "counter");
  auto slow = Open("D1", {"bearer", api().token()});
  ASSERT_TRUE(slow.ok()) << slow.status().ToString();
  const auto client = Connect(device);
  constexpr int kReadings = 100'000;
  const base::Timestamp start = NowMs() - hours(1);
  for (int i = 0; i < kReadings; ++i) {
    const std::string payload = R"({"device_id":"D1","timestamp":")" +
                                base::FormatTimestamp(start + std::chrono::milliseconds(i)) +
                                R"(","n":)" + std::to_string(i) + "}";
    ASSERT_TRUE(client->Publish(device.topic, payload, 1).ok());
    if (i % 10'000 == 9'999) {
      ASSERT_TRUE(client->Flush(kPatience).ok());
    }
  }
  ASSERT_TRUE(client->Flush(kPatience).ok());
  int64_t received = 0;
  int64_t missed = 0;
  int64_t newest = -1;
  while (newest < kReadings - 1) {
    const auto message = slow->Receive(kPatience);
    ASSERT_TRUE(message.ok()) << message.status().ToString() << " after " << received << " and "
                              << missed << " missed";
    const base::Json json = base::Json::parse(*message);
    if (json.contains("missed")) {
      missed += json.at("missed").get<int64_t>();
      continue;
    }
    ++received;
    const auto n = json.at("n").get<int64_t>();
    EXPECT_GT(n, newest) << "out of order";
    newest = n;
  }
  EXPECT_GT(received, 0);
  EXPECT_LE(received + missed, kReadings);
}

TEST(WebPage, IsServedWithAPolicyThatAllowsOnlyItself) {
  const TemporaryFolder folder;
  std::filesystem::create_directories(folder.path() / "web/assets");
  WriteFile(folder.path() / "web/index.html", "<!doctype html><title>the page</title>");
  WriteFile(folder.path() / "web/assets/app-0123abcd.js", "console.log(1)");
  Platform platform({.data_dir = folder.path() / "data",
                     .environment = {{"ENERGY_HTTP__WEB_DIR", (folder.path() / "web").string()}}});
  ApiClient api(platform.http_port());
  for (const char* path : {"/", "/devices/D1", "/login"}) {
    const Answer page = api.Get(path);
    EXPECT_EQ(page.status, 200) << path;
    EXPECT_NE(page.response.Body().find("the page"), std::string::npos) << path;
    EXPECT_TRUE(page.response.Header("Content-Type").starts_with("text/html")) << path;
  }
  EXPECT_EQ(api.Get("/assets/app-0123abcd.js").response.Body(), "console.log(1)");
  EXPECT_EQ(api.Get("/assets/gone.js").status, 404);
  EXPECT_EQ(api.Get("/../data/metadata.db").status == 200 &&
                api.Get("/../data/metadata.db").response.Body().find("SQLite") != std::string::npos,
            false);
  for (const char* path :
       {"/", "/assets/app-0123abcd.js", "/api/devices", "/api/no/such", "/health", "/metrics"}) {
    SCOPED_TRACE(path);
    const Answer answer = api.Get(path);
    const std::string policy(answer.response.Header("Content-Security-Policy"));
    EXPECT_NE(policy.find("default-src 'self'"), std::string::npos) << policy;
    EXPECT_NE(policy.find("script-src 'self';"), std::string::npos) << policy;
    EXPECT_NE(policy.find("frame-ancestors 'none'"), std::string::npos) << policy;
    EXPECT_EQ(policy.find("unsafe-eval"), std::string::npos) << policy;
    EXPECT_EQ(answer.response.Header("X-Content-Type-Options"), "nosniff");
    EXPECT_EQ(answer.response.Header("X-Frame-Options"), "DENY");
    EXPECT_EQ(answer.response.Header("Referrer-Policy"), "same-origin");
    EXPECT_EQ(answer.response.Header("Cross-Origin-Opener-Policy"), "same-origin");
  }
  const Answer too_large =
      api.Call(http::Method::kPost, "/api/auth/login", std::string(2 << 20, ' '));
  EXPECT_EQ(too_large.status, 413);
  EXPECT_EQ(too_large.response.Header("X-Content-Type-Options"), "nosniff");
}

}  // namespace
}  // namespace energy::integration
