#include <regex>

#include "integration/api_fixture.h"

namespace energy::integration {
namespace {

using http::Method;

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
  EXPECT_EQ(anyone.Get("/health").body.at("status"), "pass");
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
                         "ingest", "devices", "memory_bytes"});
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
      // Some ask for a parameter, which is not there either.
      const bool asks = got.status == 400 && operation.contains("parameters");
      // Nothing leads to a provider where there is none.
      const bool away = operation.at("responses").contains("303") && got.status == 404 &&
                        got.body.dump().find("not configured") != std::string::npos;
      const bool served = got.status == 200 || got.status == 204 || asks || away ||
                          path.find('{') != std::string::npos;
      EXPECT_TRUE(served) << target << " answers " << got.status;
      EXPECT_EQ(Anonymous().Get(target).status == 401,
                !operation.contains("security") || !operation.at("security").empty())
          << target << ": the description and the server differ on whether a token is needed";
      ++checked;
    }
  }
  EXPECT_GE(checked, 15);
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

}  // namespace
}  // namespace energy::integration
