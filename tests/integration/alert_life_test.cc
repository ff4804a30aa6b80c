// What people do with alerts: their actions, the history, figures, and the live stream.
#include "http/websocket_client.h"
#include "integration/api_fixture.h"

namespace energy::integration {
namespace {

using std::chrono::seconds;

class AlertLife : public Api {
 protected:
  void SetUp() override {
    Api::SetUp();
    device_ = api().MakeDevice("D1");
    client_ = Connect(device_);
    api().PostData("/api/rules", {{"name", "Bulb Overheat"},
                                  {"device_id", "D1"},
                                  {"property", "temperature"},
                                  {"operator", ">"},
                                  {"threshold", 50},
                                  {"severity", "high"},
                                  {"cooldown_minutes", 0}});
  }
  void Measure(double temperature) {
    Reading reading{now_ + seconds(measured_++)};
    reading.temperature = temperature;
    ASSERT_TRUE(Publish(*client_, device_, reading).ok());
  }
  base::Json List(const std::string& query) {
    return api().GetData("/api/alerts?sort=created_at&" + query).at("alerts");
  }
  std::string Raise() {
    Measure(60);
    std::string id;
    const bool came = WaitUntil([&] {
      const base::Json alerts = List("status=open");
      if (!alerts.empty()) id = alerts.back().at("id");
      return !id.empty();
    });
    EXPECT_TRUE(came);
    return "/api/alerts/" + id;
  }
  std::vector<std::string> HistoryOf(const std::string& path) {
    std::vector<std::string> actions;
    const base::Json detail = api().GetData(path);
    for (const base::Json& event : detail.at("history")) {
      actions.push_back(event.at("action"));
    }
    return actions;
  }
  base::Result<http::WebSocketClient> Watch(const std::string& query, const std::string& token) {
    http::WebSocketOptions options;
    options.port = platform().http_port();
    options.target = "/api/alerts/live" + query;
    options.subprotocols = {"bearer", token};
    options.timeout = kPatience;
    return http::WebSocketClient::Connect(options);
  }

  Credential device_;
  std::unique_ptr<mqtt::Client> client_;
  const base::Timestamp now_ = NowMs() - std::chrono::minutes(5);
  int measured_ = 0;
};

TEST_F(AlertLife, EachActionIsDoneOnceAndInTheHistory) {
  const std::string path = Raise();
  const std::string me = api().GetData("/api/auth/me").at("id");
  EXPECT_EQ(api().PostData(path + "/acknowledge", {{"comment", "Fan ordered."}}).at("status"),
            "acknowledged");
  EXPECT_EQ(api().PostData(path + "/assign", {{"assignee", me}}).at("assigned_to"), me);
  EXPECT_EQ(api().PostData(path + "/comment", {{"comment", "It is here."}}).at("comment"),
            "It is here.");
  EXPECT_FALSE(api().PostData(path + "/shelve", {{"minutes", 5}}).at("shelved_until").is_null());
  EXPECT_TRUE(List("").empty()) << "shelved";
  EXPECT_EQ(List("shelved=only").size(), 1U);
  EXPECT_EQ(List("shelved=include&assigned_to=me").size(), 1U);
  EXPECT_TRUE(
      api().PostData(path + "/unshelve", base::Json::object()).at("shelved_until").is_null());
  EXPECT_EQ(api().PostData(path + "/resolve", base::Json::object()).at("status"), "resolved");
  EXPECT_EQ(api().PostData(path + "/reopen", base::Json::object()).at("status"), "open");
  EXPECT_EQ(HistoryOf(path),
            (std::vector<std::string>{"raised", "acknowledged", "assigned", "commented", "shelved",
                                      "unshelved", "resolved", "reopened"}));
  const base::Json taken = api().GetData(path).at("history").at(1);
  EXPECT_EQ(taken.at("actor_id"), me);
  EXPECT_EQ(taken.at("comment"), "Fan ordered.");
  EXPECT_EQ(taken.at("before"), (base::Json{{"status", "open"}}));

  ExpectError(api().Post(path + "/reopen", base::Json::object()), 409, "CONFLICT");
  ExpectError(api().Post(path + "/shelve", base::Json::object()), 400, "VALIDATION_ERROR",
              {"minutes"});
  ExpectError(api().Post(path + "/assign", {{"assignee", path}}), 400, "VALIDATION_ERROR",
              {"assignee"});
  ExpectError(api().Post(path + "/comment", {{"comment", ""}}), 400, "VALIDATION_ERROR",
              {"comment"});
  ExpectError(api().Get("/api/alerts?shelved=never"), 400, "VALIDATION_ERROR", {"shelved"});
  ExpectError(api().Get("/api/alerts?assigned_to=ann"), 400, "VALIDATION_ERROR", {"assigned_to"});
}

TEST_F(AlertLife, ManyAreHandledAtOnce) {
  for (int i = 0; i < 3; ++i) {
    Raise();
    Measure(40);
    ASSERT_TRUE(WaitUntil([&] { return List("status=open").empty(); }));
  }
  const std::string open = Raise();
  const auto acknowledge = [&](const base::Json& filter) {
    return api().PostData("/api/alerts/bulk", {{"action", "acknowledge"}, {"filter", filter}});
  };
  base::Json done = acknowledge({{"device_id", "D1"}});
  EXPECT_EQ(done.at("changed"), 1) << "those for whom it is possible";
  EXPECT_EQ(done.at("refused"), 0);
  EXPECT_EQ(done.at("more"), false);
  EXPECT_EQ(done.at("results").at(0).at("status"), "acknowledged");
  done = acknowledge({{"status", {"resolved", "acknowledged"}}});
  EXPECT_EQ(done.at("changed"), 0);
  EXPECT_EQ(done.at("refused"), 4);
  EXPECT_EQ(done.at("results").at(0).at("error").at("code"), "CONFLICT");
  const std::string nobody = "00000000-0000-4000-8000-000000000000";
  const base::Json some =
      api().PostData("/api/alerts/bulk",
                     {{"action", "resolve"}, {"ids", {open.substr(open.rfind('/') + 1), nobody}}});
  EXPECT_EQ(some.at("changed"), 1);
  EXPECT_EQ(some.at("results").at(1).at("error").at("code"), "NOT_FOUND");

  const base::Json none{{"action", "resolve"}};
  ExpectError(api().Post("/api/alerts/bulk", none), 400, "VALIDATION_ERROR", {"ids"});
  ExpectError(api().Post("/api/alerts/bulk", {{"ids", {nobody}}}), 400, "VALIDATION_ERROR",
              {"action"});
  ExpectError(
      api().Post("/api/alerts/bulk", {{"action", "resolve"}, {"filter", {{"status", "odd"}}}}), 400,
      "VALIDATION_ERROR", {"filter.status"});
  base::Json many{{"action", "resolve"}, {"ids", base::Json::array()}};
  for (int i = 0; i < 501; ++i) {
    std::string id = std::to_string(100'000'000'000 + i);
    many["ids"].push_back("00000000-0000-4000-8000-" + id);
  }
  ExpectError(api().Post("/api/alerts/bulk", many), 400, "VALIDATION_ERROR", {"ids"});
}

TEST_F(AlertLife, FiguresSayWhichRuleChatters) {
  for (int i = 0; i < 5; ++i) {
    Raise();
    Measure(40);
    ASSERT_TRUE(WaitUntil([&] { return List("status=open").empty(); }));
  }
  const base::Json figures = api().GetData("/api/alerts/statistics");
  EXPECT_EQ(figures.at("total"), 5);
  EXPECT_EQ(figures.at("by_severity").at("high"), 5);
  EXPECT_EQ(figures.at("by_status").at("resolved"), 5);
  EXPECT_NEAR(figures.at("mean_resolve_s").get<double>(), 1, 0.01);
  EXPECT_TRUE(figures.at("mean_acknowledge_s").is_null());
  EXPECT_EQ(figures.at("rules").at(0).at("rule_name"), "Bulb Overheat");
  EXPECT_EQ(figures.at("devices").at(0).at("alerts"), 5);
  EXPECT_EQ(figures.at("chattering").at(0).at("peak_per_hour"), 5);
  EXPECT_EQ(List("").back().at("chattering"), true);
  ExpectError(
      api().Get("/api/alerts/statistics?start=2026-02-07T00:00:00Z&end=2026-02-06T00:00:00Z"), 400,
      "VALIDATION_ERROR", {"end"});
}

TEST_F(AlertLife, IsWatchedLive) {
  auto all = Watch("", api().token());
  auto low = Watch("?severity=low&device_id=D1", api().token());
  ASSERT_TRUE(all.ok() && low.ok());
  EXPECT_EQ(all->subprotocol(), "bearer");
  const std::string path = Raise();
  api().PostData(path + "/acknowledge", base::Json::object());
  Measure(40);
  for (const char* change : {"raised", "acknowledged", "resolved"}) {
    const auto message = all->Receive(kPatience);
    ASSERT_TRUE(message.ok()) << message.status().ToString();
    const base::Json json = base::Json::parse(*message);
    EXPECT_EQ(json.at("change"), change);
    EXPECT_EQ(json.at("alert").at("device_id"), "D1");
    EXPECT_EQ("/api/alerts/" + json.at("alert").at("id").get<std::string>(), path);
  }
  EXPECT_FALSE(low->Receive(std::chrono::milliseconds(100)).ok()) << "it is of high severity";
  EXPECT_EQ(Watch("", "nonsense").status().code(), base::Code::kUnauthenticated);
  const http::Headers upgrade{{"Connection", "Upgrade"},
                              {"Upgrade", "websocket"},
                              {"Sec-WebSocket-Version", "13"},
                              {"Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ=="}};
  ExpectError(api().Call(http::Method::kGet, "/api/alerts/live?severity=odd", "", upgrade), 400,
              "VALIDATION_ERROR", {"severity"});
}

}  // namespace
}  // namespace energy::integration
