// Rules beyond one threshold, through the API of a running program.

#include "integration/api_fixture.h"
#include "integration/waiting.h"

namespace energy::integration {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

class Rules : public Api {
 protected:
  void SendTo(const std::string& device, base::Timestamp time, double temperature) {
    const base::Json reading{{"timestamp", base::FormatTimestamp(time)},
                             {"voltage", 230.5},
                             {"current", 0.85},
                             {"power", 195.9},
                             {"temperature", temperature}};
    const Answer answer = api().Post("/api/data/telemetry/" + device, reading);
    ASSERT_EQ(answer.status, 200) << answer.body;
  }
  base::Json WaitForAlert(const std::string& query) {
    base::Json alerts;
    EXPECT_TRUE(WaitUntil([&] {
      alerts = api().GetData("/api/alerts?" + query).at("alerts");
      return alerts.size() == 1;
    })) << query
        << ": " << alerts;
    if (alerts.size() != 1) throw std::runtime_error("no alert as expected");
    return alerts.front();
  }
};

TEST_F(Rules, SilenceRaisesWithoutAReading) {
  api().MakeDevice("D1");
  api().PostData("/api/rules",
                 {{"name", "Silent"},
                  {"device_id", "D1"},
                  {"conditions",
                   base::Json::array(
                       {{{"kind", "no_data"}, {"property", "temperature"}, {"threshold", 1}}})}});
  const base::Json alert = WaitForAlert("status=open");
  EXPECT_EQ(alert.at("unit"), "s");
  EXPECT_EQ(alert.at("message"),
            "Alert: Silent - Device D1 has sent no temperature for 1 s (limit: 1 s)");
  SendTo("D1", NowMs(), 20);
  WaitForAlert("status=resolved");
}

TEST_F(Rules, ADeviceThatIsRegisteredLaterIsWatchedByItsType) {
  const base::Json rule = api().PostData("/api/rules", {{"name", "Hot"},
                                                        {"device_type", "bulb"},
                                                        {"property", "temperature"},
                                                        {"operator", ">"},
                                                        {"threshold", 50}});
  EXPECT_TRUE(rule.at("device_id").is_null());
  api().MakeDevice("D1");
  // Within a second; what comes before that is not its concern.
  base::Timestamp time = NowMs();
  EXPECT_TRUE(WaitUntil([&] {
    SendTo("D1", time += std::chrono::milliseconds(1), 60);
    return api().GetData("/api/alerts?status=open&device_id=D1").at("total") == 1;
  }));
  EXPECT_EQ(api().GetData("/api/rules?device_type=bulb").at("total"), 1);
}

TEST_F(Rules, AreTriedBeforeTheyAreSaved) {
  api().MakeDevice("D1");
  const base::Timestamp start = NowMs() - hours(1);
  for (const auto& [second, value] :
       std::vector<std::pair<int, double>>{{0, 40}, {60, 55}, {120, 57}, {180, 40}}) {
    SendTo("D1", start + seconds(second), value);
  }
  base::Json draft = RuleFor("D1");
  draft.erase("name");
  draft["start"] = base::FormatTimestamp(start - minutes(1));
  const base::Json backtest = api().PostData("/api/rules/backtest", draft);
  EXPECT_EQ(backtest.at("readings"), 4);
  ASSERT_EQ(backtest.at("episode_count"), 1);
  EXPECT_EQ(backtest.at("episodes").front().at("worst_value"), 57);
  EXPECT_EQ(backtest.at("alert_minutes"), 2);
  EXPECT_EQ(api().GetData("/api/rules").at("total"), 0);

  const std::string id = api().PostData("/api/rules", RuleFor("D1")).at("id");
  const base::Json latest = api().PostData("/api/rules/" + id + "/evaluate", base::Json::object());
  EXPECT_EQ(latest.at("holds"), false);
  EXPECT_EQ(latest.at("conditions").front().at("value"), 40);
  const base::Json given =
      api().PostData("/api/rules/" + id + "/evaluate", {{"values", {{"temperature", 66}}}});
  EXPECT_EQ(given.at("holds"), true);
  ExpectError(api().Post("/api/rules/" + id + "/evaluate", {{"values", base::Json::object()}}), 400,
              "VALIDATION_ERROR", {"values"});
}

TEST_F(Rules, NameEveryFaultOfTheirParts) {
  api().MakeDevice("D1");
  const base::Json rule{
      {"name", "r"},
      {"device_id", "D1"},
      {"for_s", -1},
      {"conditions",
       base::Json::array(
           {{{"kind", "aggregate"},
             {"property", "temperature"},
             {"operator", ">"},
             {"threshold", 50}},
            {{"property", "humidity"}, {"operator", ">"}, {"threshold", 1}, {"window_s", 5}}})},
      {"levels", base::Json::array({{{"severity", "low"}, {"threshold", 40}}})},
      {"schedule", {{"time_zone", "Europe/Atlantis"}}}};
  ExpectError(api().Post("/api/rules", rule), 400, "VALIDATION_ERROR",
              {"conditions[0].window_s", "conditions[1].property", "conditions[1].window_s",
               "for_s", "levels[0].severity", "levels[0].threshold", "schedule.time_zone"});
  ExpectError(api().Post("/api/rules", {{"name", "r"}, {"device_id", "D1"}, {"all_devices", true}}),
              400, "VALIDATION_ERROR", {"device_id", "operator", "property", "threshold"});
}

}  // namespace
}  // namespace energy::integration
