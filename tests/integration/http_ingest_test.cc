#include <fstream>

#include "http/gzip.h"
#include "integration/api_fixture.h"
#include "integration/waiting.h"

namespace energy::integration {
namespace {

using std::chrono::hours;
using std::chrono::seconds;

class HttpIngest : public Api {
 protected:
  static base::Json Reading(base::Timestamp time, double voltage = 230) {
    return {{"timestamp", base::FormatTimestamp(time)},
            {"voltage", voltage},
            {"current", 1},
            {"power", 200},
            {"temperature", 40}};
  }
  static std::string Line(const std::string& device, base::Timestamp time, double voltage = 230) {
    return "m,device_id=" + device + " voltage=" + std::to_string(voltage) +
           ",current=1,power=200,temperature=40 " +
           std::to_string(time.time_since_epoch().count()) + "\n";
  }
  size_t Count(const std::string& device) {
    return Stored(device, NowMs() - hours(24), NowMs() + hours(1)).size();
  }
  base::Json Letters() { return api().GetData("/api/data/dead-letters"); }
};

TEST_F(HttpIngest, AcknowledgedReadingsSurviveAKill) {
  api().MakeDevice("D1");
  const base::Timestamp start = NowMs() - hours(2);
  std::string lines;
  for (int i = 0; i < 5000; ++i) lines += Line("D1", start + seconds(i));
  const std::string body = http::Gzip(lines, 1).value();
  const Answer written = api().Call(http::Method::kPost, "/api/v2/write?bucket=b&org=o", body,
                                    {{"Content-Encoding", "gzip"}});
  ASSERT_EQ(written.status, 204) << written.response.body;
  base::Json array = base::Json::array();
  for (int i = 0; i < 1000; ++i) array.push_back(Reading(start - seconds(i + 1)));
  const Answer posted = api().Post("/api/data/telemetry/D1", array);
  ASSERT_EQ(posted.status, 200);
  EXPECT_EQ(posted.data().at("accepted"), 1000);
  EXPECT_EQ(posted.data().at("results").size(), 1000u);
  Restart(SIGKILL);
  EXPECT_EQ(Count("D1"), 6000u);
}

TEST_F(HttpIngest, ABombIsRefusedAndTheProgramGoesOn) {
  api().MakeDevice("D1");
  const std::string bomb = http::Gzip(std::string(256 << 20, ' '), 9).value();
  const Answer answer =
      api().Call(http::Method::kPost, "/write", bomb, {{"Content-Encoding", "gzip"}});
  EXPECT_EQ(answer.status, 413);
  EXPECT_EQ(api().Call(http::Method::kPost, "/write", Line("D1", NowMs())).status, 204);
}

TEST_F(HttpIngest, AnArrayByMqttIsOneAcknowledgementForAllOfIt) {
  const Credential device = api().MakeDevice("D1");
  const auto client = Connect(device);
  const base::Timestamp start = NowMs() - hours(1);
  base::Json array = base::Json::array();
  for (int i = 0; i < 100; ++i) array.push_back(Reading(start + seconds(i), i == 7 ? 300 : 230));
  ASSERT_TRUE(Publish(*client, device.topic, array.dump()).ok());
  EXPECT_EQ(Count("D1"), 99u);
  const base::Json letters = Letters();
  ASSERT_EQ(letters.at("total"), 1);
  EXPECT_EQ(base::Json::parse(letters["dead_letters"][0]["payload"].get<std::string>()), array[7]);

  ASSERT_TRUE(Publish(*client, device.topic,
                      Line("D1", start - seconds(1)) + Line("D1", start - seconds(2)))
                  .ok());
  EXPECT_EQ(Count("D1"), 101u);
  ASSERT_TRUE(Publish(*client, device.topic, "m voltage=230").ok());
  EXPECT_EQ(Letters().at("total"), 2) << "a line without a timestamp could count twice";
}

TEST_F(HttpIngest, DeadLettersAreReplayedAfterTheProfileWasCorrected) {
  const Credential device = api().MakeDevice("D1");
  const base::Timestamp start = NowMs() - hours(1);
  std::string lines;
  for (int i = 0; i < 300; ++i) lines += Line("D1", start + seconds(i), 260);
  lines += Line("ghost", start) + Line("D1", start + seconds(300), 500);
  ASSERT_EQ(api().Call(http::Method::kPost, "/write", lines).status, 400);
  ASSERT_TRUE(
      Publish(*Connect(device), device.topic, Reading(start - seconds(1), 261).dump()).ok());
  EXPECT_EQ(Count("D1"), 0u);
  // An acknowledgement does not wait for the counts.
  EXPECT_TRUE(WaitUntil([&] {
    return api().GetData("/api/devices/D1/ingest").at("rejected").at("validation_error") == 302;
  }));

  base::Json profile = api().GetData("/api/profiles/bulb");
  profile["fields"][0]["max"] = 270;
  const base::Json change{{"version", profile["version"]}, {"fields", profile["fields"]}};
  ASSERT_EQ(api().Put("/api/profiles/bulb", change).status, 200);
  EXPECT_EQ(api().Put("/api/profiles/bulb", change).status, 409) << "the version is stale";
  const base::Json report = api().PostData("/api/data/dead-letters/replay", {});
  EXPECT_EQ(report.at("readings"), 301);
  EXPECT_EQ(Count("D1"), 301u);
  const base::Json left = Letters();
  ASSERT_EQ(left.at("total"), 2) << left;
  const base::Json ghosts = api().GetData("/api/data/dead-letters?reason=unknown_device");
  ASSERT_EQ(ghosts.at("total"), 1);
  api().MakeDevice("ghost");
  const std::string id = ghosts["dead_letters"][0]["id"];
  EXPECT_EQ(api().PostData("/api/data/dead-letters/" + id + "/replay", {}).at("replayed"), 1);
  EXPECT_EQ(Count("ghost"), 1u);
  EXPECT_EQ(api().Delete("/api/data/dead-letters").data().at("purged"), 1);
}

TEST_F(HttpIngest, AFieldThatAnActiveRuleUsesIsNotRemovedByAccident) {
  api().MakeDevice("D1");
  const base::Json rule = api().PostData("/api/rules", RuleFor("D1"));
  base::Json profile = api().GetData("/api/profiles/bulb");
  base::Json fields = profile.at("fields");
  fields.erase(3);
  const Answer refused = api().Put("/api/profiles/bulb", {{"fields", fields}});
  ExpectError(refused, 409, "CONFLICT", {"rules." + rule.at("id").get<std::string>()});
  const Answer dry = api().Put("/api/profiles/bulb?dry_run=true", {{"fields", fields}});
  EXPECT_EQ(dry.data().at("impact").at("broken_rules").size(), 1u);
  EXPECT_EQ(dry.data().at("impact").at("devices"), 1);
  EXPECT_EQ(api().GetData("/api/profiles/bulb").at("version"), profile.at("version"));
  EXPECT_EQ(
      api().Put("/api/profiles/bulb?dry_run=true", {{"fields", fields}, {"version", 77}}).status,
      409);
  EXPECT_EQ(api().Put("/api/profiles/bulb?force=true", {{"fields", fields}}).status, 200);
}

// Ten fields, no code: described, checked and stored.
TEST_F(HttpIngest, ACompressorIsAProfileAway) {
  base::Json fields = base::Json::array();
  std::string line = "telemetry,device_id=K1 ";
  for (int i = 0; i < 10; ++i) {
    fields.push_back({{"name", "f" + std::to_string(i)}, {"min", 0}, {"max", 100}});
    line += (i > 0 ? ",f" : "f") + std::to_string(i) + "=" + std::to_string(i);
  }
  fields[9]["nominal_max"] = 5;
  api().PostData("/api/profiles", {{"type", "compressor"}, {"fields", fields}});
  api().MakeDevice("K1", "compressor");
  EXPECT_EQ(api().Call(http::Method::kPost, "/write?precision=s", line).status, 204);
  const base::Json status = api().GetData("/api/devices/K1/status");
  EXPECT_EQ(status.at("latest").at("f9"), 9);
  EXPECT_TRUE(WaitUntil([&] { return api().GetData("/api/devices/K1/ingest").at("flagged") == 1; }))
      << "f9 is outside its nominal range";
  const base::Json flagged = api().GetData("/api/devices/K1/ingest").at("last_flagged");
  EXPECT_EQ(flagged.at("field"), "f9");
  EXPECT_EQ(flagged.at("value"), 9);
  EXPECT_EQ(flagged.at("nominal_max"), 5);
}

TEST_F(HttpIngest, GapsInTheNumbersOfReadingsAreCounted) {
  const Credential device = api().MakeDevice("D1");
  const auto client = Connect(device);
  const base::Timestamp start = NowMs() - seconds(60);
  for (const int number : {7, 8, 12, 8}) {
    base::Json reading = Reading(start + seconds(number));
    reading["device_id"] = "D1";
    reading["seq"] = number;
    ASSERT_TRUE(Publish(*client, device.topic, reading.dump()).ok());
  }
  const auto ingest = [&] { return api().GetData("/api/devices/D1/ingest"); };
  ASSERT_TRUE(WaitUntil([&] { return ingest().at("received") == 4; }));
  const base::Json counts = ingest();
  EXPECT_EQ(counts.at("duplicates"), 1);
  EXPECT_EQ(counts.at("gaps"), 1);
  EXPECT_EQ(counts.at("missed"), 3);
  EXPECT_EQ(counts.at("last_sequence"), 12);
  EXPECT_EQ(counts.at("last_gap").at("after_sequence"), 8);
  const std::string metrics = api().Get("/metrics").response.body;
  for (const char* line :
       {"telemetry_duplicates_total{device_id=\"D1\"} 1",
        "telemetry_gaps_total{device_id=\"D1\"} 1", "telemetry_missed_total{device_id=\"D1\"} 3"}) {
    EXPECT_NE(metrics.find(line), std::string::npos) << line;
  }
}

}  // namespace
}  // namespace energy::integration
