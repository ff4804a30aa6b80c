#include "devices/device_service.h"

#include <gtest/gtest.h>

#include <memory>

#include "base/json_values.h"
#include "devices/device_json.h"
#include "sql/test_database.h"

namespace energy::devices {
namespace {

using std::chrono::seconds;

class DeviceServiceTest : public ::testing::Test {
 protected:
  void SetUp() override { ASSERT_TRUE(service_.Load().ok()); }

  base::Result<Device> Create(const std::string& id, const std::string& type = "bulb",
                              std::optional<std::string> location = std::nullopt) {
    NewDevice device;
    device.id = id;
    device.name = "Name of " + id;
    device.type = type;
    device.location = std::move(location);
    return service_.Create(device);
  }
  std::vector<std::string> Ids(const DeviceFilter& filter, sql::Page page = {}) {
    const auto listing = service_.List(filter, page);
    EXPECT_TRUE(listing.ok()) << listing.status().ToString();
    std::vector<std::string> ids;
    if (!listing.ok()) return ids;
    for (const Device& device : listing->items) ids.push_back(device.id);
    return ids;
  }

  base::ManualClock clock_{base::Timestamp(seconds(1'800'000'000))};
  sql::TestDatabase database_;
  Registry registry_;
  LastSeenTracker last_seen_{*database_, clock_, base::NullLogger()};
  DeviceService service_{*database_, clock_, registry_, &last_seen_};
};

TEST_F(DeviceServiceTest, StoresWhatItIsGiven) {
  NewDevice device;
  device.id = "D1";
  device.name = "Lampe \"3\" °C";
  device.type = "bulb";
  device.location = "Hall 3";
  device.status = DeviceStatus::kMaintenance;
  device.metadata = {{"watts", 60}, {"tags", {"a", "b"}}};
  const auto created = service_.Create(device);
  ASSERT_TRUE(created.ok()) << created.status().ToString();
  EXPECT_EQ(created->version, 1);
  EXPECT_EQ(created->created_at, clock_.Now());
  const auto read = service_.Get("D1");
  ASSERT_TRUE(read.ok());
  EXPECT_EQ(read->name, device.name);
  EXPECT_EQ(read->location, "Hall 3");
  EXPECT_EQ(read->status, DeviceStatus::kMaintenance);
  EXPECT_EQ(read->metadata["watts"], 60);  // JSONB does not keep the order of members
  EXPECT_EQ(read->metadata["tags"], device.metadata["tags"]);
  EXPECT_EQ(read->last_seen, std::nullopt);
  EXPECT_EQ(read->health_score, std::nullopt);
}

TEST_F(DeviceServiceTest, RefusesBadAndKnownIds) {
  EXPECT_EQ(Create("a/b").status().fields().at(0).field, "id");
  ASSERT_TRUE(Create("D1").ok());
  const base::Status again = Create("D1").status();
  EXPECT_EQ(again.code(), base::Code::kConflict);
  EXPECT_EQ(again.fields().at(0).field, "id");
  EXPECT_EQ(service_.Get("D2").status().code(), base::Code::kNotFound);
  EXPECT_EQ(service_.Get(std::string("D\0", 2)).status().code(), base::Code::kNotFound);
}

TEST_F(DeviceServiceTest, UpdatesOnlyWhatThePatchNames) {
  ASSERT_TRUE(Create("D1", "bulb", "Hall 3").ok());
  clock_.Advance(seconds(5));
  DevicePatch patch;
  patch.name = "New name";
  patch.version = 1;
  const auto updated = service_.Update("D1", patch);
  ASSERT_TRUE(updated.ok()) << updated.status().ToString();
  EXPECT_EQ(updated->name, "New name");
  EXPECT_EQ(updated->type, "bulb");
  EXPECT_EQ(updated->location, "Hall 3");
  EXPECT_EQ(updated->version, 2);
  EXPECT_EQ(updated->updated_at - updated->created_at, seconds(5));

  const base::Status stale = service_.Update("D1", patch).status();
  EXPECT_EQ(stale.code(), base::Code::kConflict);
  EXPECT_EQ(stale.fields().at(0).field, "version");

  DevicePatch remove;
  remove.location = std::optional<std::string>();
  EXPECT_EQ(service_.Update("D1", remove)->location, std::nullopt);
  DevicePatch clear;
  clear.location = "";
  EXPECT_EQ(service_.Update("D1", clear)->location, std::nullopt);
  EXPECT_EQ(service_.Update("D9", remove).status().code(), base::Code::kNotFound);
}

TEST_F(DeviceServiceTest, DeletesOnceAndTells) {
  ASSERT_TRUE(Create("D1").ok());
  std::vector<std::string> deleted;
  service_.OnDeleted([&](std::string_view id) {
    EXPECT_EQ(registry_.Find(id), nullptr);
    deleted.emplace_back(id);
  });
  EXPECT_TRUE(service_.Delete("D1").ok());
  EXPECT_EQ(service_.Delete("D1").code(), base::Code::kNotFound);
  EXPECT_EQ(service_.Get("D1").status().code(), base::Code::kNotFound);
  EXPECT_EQ(deleted, std::vector<std::string>{"D1"});
}

TEST_F(DeviceServiceTest, ListsFilteredSortedAndPaged) {
  ASSERT_TRUE(Create("D1", "bulb", "Hall 1").ok());
  ASSERT_TRUE(Create("D2", "pump", "Hall 2").ok());
  ASSERT_TRUE(Create("D3", "bulb").ok());
  ASSERT_TRUE(Create("X4", "bulb", "Hall 2").ok());
  DevicePatch broken;
  broken.status = DeviceStatus::kError;
  ASSERT_TRUE(service_.Update("D3", broken).ok());

  using List = std::vector<std::string>;
  EXPECT_EQ(Ids({}), (List{"D1", "D2", "D3", "X4"}));
  EXPECT_EQ(Ids({.type = "bulb", .sort = "-id"}), (List{"X4", "D3", "D1"}));
  EXPECT_EQ(Ids({.status = DeviceStatus::kError}), (List{"D3"}));
  EXPECT_EQ(Ids({.location = "Hall 2"}), (List{"D2", "X4"}));
  EXPECT_EQ(Ids({.search = "hALL"}), (List{"D1", "D2", "X4"}));
  EXPECT_EQ(Ids({.search = "of x"}), (List{"X4"}));
  EXPECT_EQ(Ids({.search = "d3"}), (List{"D3"}));  // it has no location
  EXPECT_EQ(service_.List({.search = "hall 2"}, {1, 1})->total, 2);
  EXPECT_EQ(Ids({.search = "hälle"}), List{});
  EXPECT_EQ(Ids({.sort = "-location"}), (List{"D2", "X4", "D1", "D3"}));
  EXPECT_EQ(Ids({}, {2, 3}), (List{"X4"}));
  EXPECT_EQ(service_.List({}, {2, 3})->total, 4);
  EXPECT_EQ(service_.List({.sort = "metadata"}, {}).status().fields().at(0).field, "sort");
}

TEST_F(DeviceServiceTest, ShowsFromMemoryWhatIsStored) {
  ASSERT_TRUE(Create("D1").ok());
  EXPECT_EQ(service_.Known("D1"), nullptr);  // nobody has asked yet
  EXPECT_EQ(service_.View("D9").status().code(), base::Code::kNotFound);
  const auto shown = [&]() -> base::Json {
    const auto view = service_.View("D1");
    if (!view.ok()) return view.status().ToString();
    EXPECT_EQ(service_.Known("D1"), *view);
    EXPECT_EQ(base::Json::parse((*view)->json), ToJson((*view)->device));
    EXPECT_EQ((*view)->json, ToJson(*service_.Get("D1")).dump());
    return ToJson((*view)->device);
  };
  EXPECT_EQ(shown()["name"], "Name of D1");
  // Each way in which a device changes shows at once.
  DevicePatch patch;
  patch.name = "Another";
  ASSERT_TRUE(service_.Update("D1", patch).ok());
  EXPECT_EQ(shown()["name"], "Another");
  ASSERT_TRUE(
      service_.ChangeStatuses({{"D1", DeviceStatus::kActive, DeviceStatus::kInactive}}).ok());
  EXPECT_EQ(shown()["status"], "inactive");
  ASSERT_TRUE(service_.UpdateHealth({{"D1", 97.25}}).ok());
  EXPECT_EQ(shown()["health_score"], 97.25);
  NewDevice imported{.id = "D1", .name = "Imported", .type = "pump", .location = std::nullopt};
  ASSERT_TRUE(service_.Import({}, {imported}).ok());
  EXPECT_EQ(shown()["name"], "Imported");
  last_seen_.Note("D1", clock_.Now());
  EXPECT_EQ(shown()["last_seen"], base::TimeToJson(clock_.Now()));
  ASSERT_TRUE(last_seen_.Flush().ok());
  EXPECT_EQ(shown()["last_seen"], base::TimeToJson(clock_.Now()));  // now only in the table
  last_seen_.Note("D1", clock_.Now() + seconds(5));
  EXPECT_EQ(shown()["last_seen"], base::TimeToJson(clock_.Now() + seconds(5)));
  ASSERT_TRUE(service_.Delete("D1").ok());
  EXPECT_EQ(service_.Known("D1"), nullptr);
  EXPECT_EQ(service_.View("D1").status().code(), base::Code::kNotFound);
}

TEST_F(DeviceServiceTest, SeesWhatAReplicaWroteSoonWhereThereMayBeOne) {
  ASSERT_TRUE(Create("D1").ok());
  ASSERT_TRUE(service_.View("D1").ok());
  DeviceService replica(*database_, clock_, registry_, nullptr);
  DevicePatch patch;
  patch.name = "Another";
  ASSERT_TRUE(replica.Update("D1", patch).ok());
  clock_.Advance(DeviceService::kMaxAge + seconds(1));
  // A SQLite file has one process.
  const bool shared = database_->dialect() == sql::Dialect::kPostgresql;
  EXPECT_EQ((*service_.View("D1"))->device.name, shared ? "Another" : "Name of D1");
}

TEST_F(DeviceServiceTest, DeletesOnlyTheVersionThatWasMeant) {
  ASSERT_TRUE(Create("D1").ok());
  const base::Status stale = service_.Delete("D1", Telemetry::kKeep, 7);
  EXPECT_EQ(stale.code(), base::Code::kConflict);
  EXPECT_EQ(stale.fields().at(0).field, "version");
  EXPECT_TRUE(service_.Get("D1").ok());
  EXPECT_TRUE(service_.Delete("D1", Telemetry::kKeep, 1).ok());
}

TEST_F(DeviceServiceTest, KeepsTheRegistryInStep) {
  ASSERT_TRUE(Create("D1").ok());
  const auto device = registry_.Find("D1");
  ASSERT_NE(device, nullptr);
  ASSERT_NE(device->profile, nullptr);
  EXPECT_EQ(device->profile->fields.at(0).name, "voltage");
  EXPECT_EQ(device->interval, seconds(5));

  DevicePatch patch;
  patch.metadata = base::Json{{"reporting_interval_s", 60}};
  patch.type = "unknown-type";
  ASSERT_TRUE(service_.Update("D1", patch).ok());
  EXPECT_EQ(registry_.Find("D1")->interval, seconds(60));
  EXPECT_EQ(registry_.Find("D1")->profile, nullptr);
  EXPECT_EQ(device->interval, seconds(5));  // what was handed out does not change
  ASSERT_TRUE(service_.Delete("D1").ok());
  EXPECT_EQ(registry_.Find("D1"), nullptr);
}

TEST_F(DeviceServiceTest, FillsTheRegistryAtStart) {
  ASSERT_TRUE(Create("D1").ok());
  ASSERT_TRUE(Create("P1", "pump").ok());
  Registry registry;
  DeviceService restarted(*database_, clock_, registry, nullptr);
  ASSERT_TRUE(restarted.Load().ok());
  EXPECT_EQ(registry.Snapshot()->size(), 2U);
  EXPECT_NE(registry.Find("D1")->profile, nullptr);
  EXPECT_EQ(registry.Find("P1")->profile, nullptr);
}

TEST_F(DeviceServiceTest, ProfilesAreSeededOnceAndReplaceable) {
  EXPECT_EQ(service_.ListProfiles("-updated_at", {})->total, 1);
  EXPECT_EQ(service_.ListProfiles("fields", {}).status().fields().at(0).field, "sort");
  ASSERT_TRUE(Create("D1").ok());
  Profile bulb = BulbProfile();
  bulb.fields.resize(1);
  const auto stored = service_.PutProfile(bulb, 1);
  ASSERT_TRUE(stored.ok()) << stored.status().ToString();
  EXPECT_EQ(stored->version, 2);
  EXPECT_EQ(registry_.Find("D1")->profile->fields.size(), 1U);
  EXPECT_EQ(service_.PutProfile(bulb, 1).status().code(), base::Code::kConflict);
  ASSERT_TRUE(service_.Load().ok());  // does not bring the first one back
  EXPECT_EQ(service_.GetProfile("bulb")->fields, bulb.fields);

  Profile pump;
  pump.type = "pump";
  pump.fields = {{"pressure", "bar", true, 0, 16, {}, {}}};
  ASSERT_TRUE(Create("P1", "pump").ok());
  ASSERT_TRUE(service_.PutProfile(pump).ok());
  EXPECT_EQ(registry_.Find("P1")->profile->fields, pump.fields);
  EXPECT_EQ(service_.GetProfile("fan").status().code(), base::Code::kNotFound);
  pump.fields.clear();
  EXPECT_EQ(service_.PutProfile(pump).status().fields().at(0).field, "fields");
}

TEST_F(DeviceServiceTest, ShowsWhenADeviceWasSeenBeforeThatIsWritten) {
  ASSERT_TRUE(Create("D1").ok());
  const base::Timestamp seen = clock_.Now();
  last_seen_.Note("D1", seen);
  EXPECT_EQ(service_.Get("D1")->last_seen, seen);
  EXPECT_EQ(service_.List({}, {})->items.at(0).last_seen, seen);
  ASSERT_TRUE(last_seen_.Flush().ok());
  EXPECT_EQ(last_seen_.Pending("D1"), std::nullopt);
  EXPECT_EQ(service_.Get("D1")->last_seen, seen);
}

}  // namespace
}  // namespace energy::devices
