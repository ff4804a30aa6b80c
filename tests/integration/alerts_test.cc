#include <csignal>
#include <iostream>
#include <set>

#include "integration/platform_test.h"

namespace energy::integration {
namespace {

using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

class Alerts : public PlatformTest {
 protected:
  void StartWithDevice() {
    Start();
    device_ = api().MakeDevice("D1");
    client_ = Connect(device_);
  }
  void RestartWithDevice(int signal) {
    client_.reset();
    Restart(signal);
    client_ = Connect(device_);
  }

  /// A rule "temperature > 50"; `more` adds and replaces members. Its id.
  std::string MakeRule(const base::Json& more = base::Json::object()) {
    base::Json rule{{"name", "Bulb Overheat"}, {"device_id", "D1"}, {"property", "temperature"},
                    {"operator", ">"},         {"threshold", 50},   {"severity", "high"}};
    rule.update(more);
    return api().PostData("/api/rules", rule).at("id");
  }

  void Measure(base::Timestamp time, double temperature) {
    Reading reading{time};
    reading.temperature = temperature;
    const base::Status status = Publish(*client_, device_, reading);
    ASSERT_TRUE(status.ok()) << status.ToString();
  }

  base::Json List(const std::string& query = "") {
    return api().GetData("/api/alerts?sort=created_at" + query).at("alerts");
  }
  /// Waits until there are `count` alerts and the last of them has these members. All alerts.
  base::Json WaitForAlerts(size_t count, const base::Json& last = base::Json::object()) {
    base::Json alerts;
    const bool came = WaitUntil([&] {
      alerts = List();
      if (alerts.size() != count) return false;
      if (count == 0) return true;
      for (const auto& [name, value] : last.items()) {
        if (alerts.back().at(name) != value) return false;
      }
      return true;
    });
    EXPECT_TRUE(came) << "expected " << count << " alerts, the last with " << last << ", found "
                      << alerts.dump(2);
    // What follows indexes into them.
    if (!came) throw std::runtime_error("the alerts are not as expected");
    return alerts;
  }

  std::string Time(base::Timestamp time) { return base::FormatTimestamp(time); }

  Credential device_;
  std::unique_ptr<mqtt::Client> client_;
  const base::Timestamp now_ = NowMs();
};

TEST_F(Alerts, AFaultIsAnAlertWithinASecondAndResolvesByItself) {
  StartWithDevice();
  const std::string rule = MakeRule();
  Measure(now_ - seconds(10), 40);
  EXPECT_TRUE(List().empty());

  const auto published = std::chrono::steady_clock::now();
  Measure(now_ - seconds(5), 62.5);
  const base::Json alert = WaitForAlerts(1).front();
  const auto took = std::chrono::steady_clock::now() - published;
  if (!kSanitized) {
    EXPECT_LT(took, seconds(1));
  }
  std::cout << "from publish to alert: " << took / milliseconds(1) << " ms\n";

  EXPECT_EQ(alert.at("rule_id"), rule);
  EXPECT_EQ(alert.at("rule_name"), "Bulb Overheat");
  EXPECT_EQ(alert.at("device_id"), "D1");
  EXPECT_EQ(alert.at("property"), "temperature");
  EXPECT_EQ(alert.at("operator"), ">");
  EXPECT_EQ(alert.at("severity"), "high");
  EXPECT_EQ(alert.at("unit"), "°C");
  EXPECT_EQ(alert.at("threshold_value"), 50);
  for (const char* value : {"actual_value", "latest_value", "worst_value"}) {
    EXPECT_EQ(alert.at(value), 62.5) << value;
  }
  EXPECT_EQ(alert.at("reading_count"), 1);
  EXPECT_EQ(alert.at("status"), "open");
  EXPECT_EQ(alert.at("created_at"), Time(now_ - seconds(5)));
  EXPECT_EQ(alert.at("last_seen_at"), Time(now_ - seconds(5)));
  EXPECT_EQ(alert.at("message"),
            "Alert: Bulb Overheat - Device D1 temperature is 62.50 (threshold: > 50.00)");
  for (const char* nothing :
       {"comment", "acknowledged_by", "acknowledged_at", "resolved_by", "resolved_at"}) {
    EXPECT_TRUE(alert.at(nothing).is_null()) << nothing;
  }
  base::Json detail = api().GetData("/api/alerts/" + alert.at("id").get<std::string>());
  EXPECT_EQ(detail.at("history").size(), 1U);
  EXPECT_EQ(detail.at("history").front().at("action"), "raised");
  EXPECT_EQ(detail.at("rule").at("id"), rule);
  detail.erase("history");
  detail.erase("rule");
  EXPECT_EQ(detail, alert);
  EXPECT_EQ(api().GetData("/api/rules/" + rule).at("last_triggered"), Time(now_ - seconds(5)));
  EXPECT_NE(api().Get("/metrics").response.Body().find("alerts_active{severity=\"high\"} 1"),
            std::string::npos);
  const base::Json summary = api().GetData("/api/alerts/summary");
  EXPECT_EQ(summary.at("open"), 1);
  EXPECT_EQ(summary.at("by_severity").at("high"), 1);

  Measure(now_, 50);  // the threshold itself is no fault
  const base::Json ended = WaitForAlerts(1, {{"status", "resolved"}}).front();
  EXPECT_EQ(ended.at("id"), alert.at("id"));
  EXPECT_EQ(ended.at("resolved_at"), Time(now_));
  EXPECT_TRUE(ended.at("resolved_by").is_null());
  EXPECT_EQ(ended.at("last_seen_at"), Time(now_ - seconds(5)));
  EXPECT_EQ(api().GetData("/api/alerts/summary").at("resolved_24h"), 1);
  EXPECT_NE(api().Get("/metrics").response.Body().find("alerts_active{severity=\"high\"} 0"),
            std::string::npos);
}

TEST_F(Alerts, AnEpisodeIsOneAlertThatFollowsItsReadings) {
  StartWithDevice();
  MakeRule();
  Measure(now_ - seconds(9), 55);
  Measure(now_ - seconds(8), 71);
  Measure(now_ - seconds(7), 60);
  Measure(now_ - seconds(7), 60);   // redelivered
  Measure(now_ - seconds(20), 80);  // older than what was judged already
  Measure(now_ - seconds(6), 58);
  const base::Json alert = WaitForAlerts(1, {{"reading_count", 4}}).front();
  EXPECT_EQ(alert.at("actual_value"), 55);
  EXPECT_EQ(alert.at("worst_value"), 71);
  EXPECT_EQ(alert.at("latest_value"), 58);
  EXPECT_EQ(alert.at("created_at"), Time(now_ - seconds(9)));
  EXPECT_EQ(alert.at("last_seen_at"), Time(now_ - seconds(6)));
  EXPECT_EQ(alert.at("message"),
            "Alert: Bulb Overheat - Device D1 temperature is 55.00 (threshold: > 50.00)");
}

TEST_F(Alerts, ALateReadingRaisesNothing) {
  StartWithDevice();
  MakeRule();
  Measure(now_ - seconds(5), 40);
  Measure(now_ - seconds(60), 75);
  Measure(now_ - seconds(4), 55);
  const base::Json alert = WaitForAlerts(1).front();
  EXPECT_EQ(alert.at("created_at"), Time(now_ - seconds(4)));
  EXPECT_EQ(alert.at("reading_count"), 1);
}

TEST_F(Alerts, AFaultWithinTheCooldownIsSuppressedAndOneAfterItIsNot) {
  StartWithDevice();
  const std::string rule = MakeRule({{"cooldown_minutes", 15}});
  Measure(now_ - minutes(60), 60);
  Measure(now_ - minutes(59), 40);
  WaitForAlerts(1, {{"status", "resolved"}});

  Measure(now_ - minutes(50), 70);
  base::Json suppressed = WaitForAlerts(2, {{"status", "suppressed"}}).back();
  EXPECT_EQ(suppressed.at("created_at"), Time(now_ - minutes(50)));
  EXPECT_EQ(api().GetData("/api/alerts/summary").at("open"), 0);
  EXPECT_EQ(api().GetData("/api/rules/" + rule).at("last_triggered"), Time(now_ - minutes(60)));
  Measure(now_ - minutes(49), 40);
  suppressed = WaitForAlerts(2, {{"resolved_at", Time(now_ - minutes(49))}}).back();
  EXPECT_EQ(suppressed.at("status"), "suppressed");
  EXPECT_EQ(api().GetData("/api/alerts/summary").at("suppressed_24h"), 1);

  Measure(now_ - minutes(44), 65);
  EXPECT_EQ(WaitForAlerts(3).back().at("status"), "open");
  EXPECT_EQ(api().GetData("/api/rules/" + rule).at("last_triggered"), Time(now_ - minutes(44)));
  EXPECT_EQ(List("&status=open,acknowledged").size(), 1U);
  EXPECT_EQ(List("&status=suppressed").size(), 1U);
}

TEST_F(Alerts, TheCooldownOutlivesARestart) {
  StartWithDevice();
  MakeRule({{"cooldown_minutes", 15}});
  Measure(now_ - minutes(10), 60);
  Measure(now_ - minutes(9), 40);
  WaitForAlerts(1, {{"status", "resolved"}});
  RestartWithDevice(SIGINT);
  Measure(now_ - minutes(8), 60);
  EXPECT_EQ(WaitForAlerts(2).back().at("status"), "suppressed");
}

TEST_F(Alerts, ClearThresholdKeepsAnEpisodeTogether) {
  StartWithDevice();
  MakeRule({{"clear_threshold", 45}});
  Measure(now_ - seconds(9), 52);
  Measure(now_ - seconds(8), 48);  // below the threshold, above the clear threshold
  Measure(now_ - seconds(7), 53);
  WaitForAlerts(1, {{"status", "open"}, {"reading_count", 3}});
  Measure(now_ - seconds(6), 45);
  WaitForAlerts(1, {{"status", "resolved"}});
}

TEST_F(Alerts, AcknowledgedByAPersonAndThenResolvedByItself) {
  StartWithDevice();
  MakeRule();
  Measure(now_ - seconds(9), 60);
  const std::string id = WaitForAlerts(1).front().at("id");
  const std::string me = api().GetData("/api/auth/me").at("id");
  const std::string path = "/api/alerts/" + id;

  const base::Json acknowledged = api().PostData(path + "/acknowledge", {{"comment", "on my way"}});
  EXPECT_EQ(acknowledged.at("status"), "acknowledged");
  EXPECT_EQ(acknowledged.at("comment"), "on my way");
  EXPECT_EQ(acknowledged.at("acknowledged_by"), me);
  EXPECT_FALSE(acknowledged.at("acknowledged_at").is_null());
  EXPECT_EQ(api().Post(path + "/acknowledge", base::Json::object()).status, 409);

  Measure(now_ - seconds(8), 65);
  WaitForAlerts(1, {{"status", "acknowledged"}, {"worst_value", 65}});
  Measure(now_ - seconds(7), 40);
  const base::Json resolved = WaitForAlerts(1, {{"status", "resolved"}}).front();
  EXPECT_EQ(resolved.at("acknowledged_by"), me);
  EXPECT_EQ(resolved.at("comment"), "on my way");
  EXPECT_TRUE(resolved.at("resolved_by").is_null());
  EXPECT_EQ(api().Post(path + "/resolve", base::Json::object()).status, 409);
}

TEST_F(Alerts, ResolvedByAPersonWhileTheFaultGoesOn) {
  StartWithDevice();
  MakeRule();
  Measure(now_ - seconds(9), 60);
  const std::string id = WaitForAlerts(1).front().at("id");
  // Without a body, as a button sends it.
  const Answer answer = api().Call(http::Method::kPost, "/api/alerts/" + id + "/resolve");
  ASSERT_EQ(answer.status, 200) << answer.body;
  EXPECT_EQ(answer.data().at("status"), "resolved");
  EXPECT_EQ(answer.data().at("resolved_by"), api().GetData("/api/auth/me").at("id"));
  EXPECT_EQ(api().Post("/api/alerts/" + id + "/acknowledge", base::Json::object()).status, 409);

  // The fault goes on within the cooldown: recorded, and nobody is bothered again.
  Measure(now_ - seconds(8), 61);
  const base::Json alerts = WaitForAlerts(2, {{"status", "suppressed"}});
  EXPECT_EQ(alerts.front().at("status"), "resolved");

  EXPECT_EQ(api().Post("/api/alerts/no-such/resolve", base::Json::object()).status, 404);
  EXPECT_EQ(api()
                .Post("/api/alerts/" + id + "/resolve", {{"comment", std::string(3000, 'x')}})
                .error()
                .at("details")
                .contains("comment"),
            true);
}

TEST_F(Alerts, AFiringAlertOutlivesRestartsAndIsNotDoubled) {
  StartWithDevice();
  MakeRule();
  Measure(now_ - seconds(9), 60);
  const std::string id = WaitForAlerts(1).front().at("id");
  int64_t age = 8;
  size_t readings = 1;
  for (const int signal : {SIGINT, SIGTERM, SIGKILL}) {
    SCOPED_TRACE(signal);
    WaitForAlerts(1, {{"reading_count", readings}});
    RestartWithDevice(signal);
    WaitForAlerts(1, {{"status", "open"}, {"id", id}});
    Measure(now_ - seconds(age), 60.0 + static_cast<double>(readings));
    --age;
    ++readings;
    WaitForAlerts(1, {{"status", "open"}, {"id", id}, {"reading_count", readings}});
  }
  Measure(now_, 40);
  WaitForAlerts(1, {{"status", "resolved"}, {"id", id}, {"worst_value", 63}});
}

TEST_F(Alerts, AnAcknowledgedFaultIsAnAlertEvenIfTheProgramIsKilledAtOnce) {
  StartWithDevice();
  MakeRule({{"cooldown_minutes", 0}});
  for (int round = 0; round < 5; ++round) {
    SCOPED_TRACE(round);
    Measure(now_ - seconds(60) + seconds(2 * round), 60);
    RestartWithDevice(SIGKILL);
    const auto count = static_cast<size_t>(round) + 1;
    ASSERT_TRUE(WaitUntil([&] { return List().size() == count; }, seconds(5)))
        << "the reading is stored, its alert is lost";
    Measure(now_ - seconds(59) + seconds(2 * round), 40);
    WaitForAlerts(count, {{"status", "resolved"}});
  }
}

TEST_F(Alerts, PausingARuleEndsItsEpisode) {
  StartWithDevice();
  const std::string rule = MakeRule({{"cooldown_minutes", 0}});
  Measure(now_ - seconds(9), 60);
  WaitForAlerts(1, {{"status", "open"}});
  const auto set_status = [&](const std::string& status) {
    const Answer answer = api().Patch("/api/rules/" + rule + "/status", {{"status", status}});
    EXPECT_EQ(answer.status, 200) << answer.body;
    EXPECT_EQ(answer.data().at("status"), status);
  };
  set_status("paused");
  WaitForAlerts(1, {{"status", "resolved"}});
  Measure(now_ - seconds(8), 60);
  set_status("active");
  Measure(now_ - seconds(7), 61);
  const base::Json alert = WaitForAlerts(2, {{"status", "open"}}).back();
  EXPECT_EQ(alert.at("created_at"), Time(now_ - seconds(7)));
  EXPECT_EQ(alert.at("reading_count"), 1);
}

TEST_F(Alerts, ChangingWhatARuleWatchesEndsItsEpisodeAndRenamingItDoesNot) {
  StartWithDevice();
  const std::string rule = MakeRule({{"cooldown_minutes", 0}});
  Measure(now_ - seconds(9), 60);
  WaitForAlerts(1, {{"status", "open"}});

  ASSERT_EQ(api().Put("/api/rules/" + rule, {{"name", "Renamed"}, {"severity", "low"}}).status,
            200);
  Measure(now_ - seconds(8), 60);
  const base::Json same = WaitForAlerts(1, {{"reading_count", 2}}).front();
  EXPECT_EQ(same.at("status"), "open");
  EXPECT_EQ(same.at("rule_name"), "Bulb Overheat");  // as it was when the episode began

  ASSERT_EQ(api().Put("/api/rules/" + rule, {{"threshold", 70}}).status, 200);
  WaitForAlerts(1, {{"status", "resolved"}});
  Measure(now_ - seconds(7), 60);
  Measure(now_ - seconds(6), 72);
  const base::Json next = WaitForAlerts(2, {{"status", "open"}}).back();
  EXPECT_EQ(next.at("rule_name"), "Renamed");
  EXPECT_EQ(next.at("severity"), "low");
  EXPECT_EQ(next.at("actual_value"), 72);
}

TEST_F(Alerts, AlertsGoWithTheirRule) {
  StartWithDevice();
  const std::string first = MakeRule();
  MakeRule({{"name", "Other"}, {"threshold", 55}});
  Measure(now_ - seconds(9), 60);
  WaitForAlerts(2);
  ASSERT_EQ(api().Delete("/api/rules/" + first).status, 200);
  EXPECT_EQ(api().Get("/api/rules/" + first).status, 404);
  WaitForAlerts(1, {{"rule_name", "Other"}});
  Measure(now_ - seconds(8), 61);
  WaitForAlerts(1, {{"reading_count", 2}});
}

TEST_F(Alerts, EveryOperatorFiresWhereItShould) {
  StartWithDevice();
  for (const char* op : {">", ">=", "<", "<=", "=", "!="}) {
    MakeRule({{"name", op}, {"operator", op}, {"cooldown_minutes", 0}});
  }
  const auto firing = [&](double temperature, base::Timestamp time,
                          const std::set<std::string>& expected) {
    Measure(time, temperature);
    std::set<std::string> open;
    EXPECT_TRUE(WaitUntil([&] {
      open.clear();
      for (const base::Json& alert : List("&status=open")) {
        open.insert(alert.at("operator").get<std::string>());
      }
      return open == expected;
    })) << temperature
        << ": " << testing::PrintToString(open);
  };
  firing(50, now_ - seconds(9), {">=", "<=", "="});
  firing(51, now_ - seconds(8), {">", ">=", "!="});
  firing(49, now_ - seconds(7), {"<", "<=", "!="});
}

}  // namespace
}  // namespace energy::integration
