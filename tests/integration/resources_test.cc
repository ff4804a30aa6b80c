#include <algorithm>

#include "integration/api_fixture.h"

namespace energy::integration {
namespace {

using std::chrono::hours;
using std::chrono::seconds;

class Resources : public Api {};

TEST_F(Resources, DevicesAreCreatedFoundChangedAndDeleted) {
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
  ExpectError(api().Post("/api/devices", {{"id", "pump_1.a-B"}, {"name", "n"}, {"type", "t"}}), 409,
              "CONFLICT", {"id"});
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

TEST_F(Resources, ListsArePagedAndSorted) {
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

TEST_F(Resources, ADeletedDeviceTakesItsRulesAlertsAndCredentialAndLeavesItsTelemetry) {
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

TEST_F(Resources, TelemetryOfARange) {
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
  ExpectMembers(
      all, {"device_id", "fields", "units", "source", "data", "count", "truncated", "downsampled"});
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

}  // namespace
}  // namespace energy::integration
