#include "query/device_selection.h"

#include "query/test_support.h"

namespace energy::query {
namespace {

class DeviceSelectionTest : public TwoBulbsTest {
 protected:
  void AddTagged(const std::string& id, const std::string& type, const base::Json& metadata) {
    devices::Device device;
    device.id = id;
    device.type = type;
    device.metadata = metadata;
    platform_.registry.PutDevice(device);
  }
};

TEST_F(DeviceSelectionTest, DevicesAreChosenByTagsTypeAndIdAndAllOfIt) {
  AddTagged("A1", "bulb", {{"line", "A"}, {"hall", 1}});
  AddTagged("A2", "bulb", {{"line", "A"}, {"hall", 2}, {"spare", true}});
  AddTagged("B1", "bulb", {{"line", "B"}, {"hall", 1}});
  AddTagged("B2", "compressor", {{"line", "B"}, {"hall", 2}, {"nested", {{"line", "A"}}}});
  for (const char* id : {"A1", "A2", "B1", "B2"}) {
    Store(id, {"power"}, {{NsAt("2026-02-07T11:00:00Z"), {1}}});
  }
  const auto chosen = [&](std::vector<TagCondition> tags, std::optional<std::string> type = {},
                          std::vector<std::string> ids = {}) {
    Query query = Base();
    query.devices = std::move(ids);
    query.device_type = std::move(type);
    query.tags = std::move(tags);
    std::string text;
    for (const Block& block : Run(query).blocks) text += block.key + " ";
    return text;
  };
  EXPECT_EQ(chosen({{"line", {"A"}}}), "A1 A2 ");
  EXPECT_EQ(chosen({{"line", {"A", "B"}}}), "A1 A2 B1 B2 ");
  EXPECT_EQ(chosen({{"hall", {"1"}}}), "A1 B1 ");
  EXPECT_EQ(chosen({{"spare", {"true"}}}), "A2 ");
  EXPECT_EQ(chosen({{"line", {"B"}}, {"hall", {"2"}}}), "B2 ");
  EXPECT_EQ(chosen({{"line", {"B"}}}, "bulb"), "B1 ");
  EXPECT_EQ(chosen({{"line", {"A"}}}, {}, {"B1", "A2", "A1"}), "A2 A1 ");
  EXPECT_EQ(chosen({{"hall", {"1"}}}, "bulb", {"B1", "B2"}), "B1 ");

  Query query = Base();
  query.devices.clear();
  query.tags = {{"line", {"C"}}};
  EXPECT_EQ(FieldOfError(query), "tags");
  query.tags = {{"line", {"A"}}};
  query.device_type = "compressor";
  EXPECT_EQ(FieldOfError(query), "tags");
  query.tags.clear();
  query.devices = {"A1"};
  EXPECT_EQ(FieldOfError(query), "device_type");
}

TEST_F(DeviceSelectionTest, ReadingsAreGroupedByATag) {
  AddTagged("A1", "bulb", {{"line", "A"}});
  AddTagged("A2", "bulb", {{"line", "A"}});
  AddTagged("B1", "bulb", {{"line", "B"}});
  Store("A1", {"power"}, {{NsAt("2026-02-07T11:00:00Z"), {1}}});
  Store("A2", {"power"},
        {{NsAt("2026-02-07T11:00:01Z"), {3}}, {NsAt("2026-02-07T11:06:00Z"), {7}}});
  Store("B1", {"power"}, {{NsAt("2026-02-07T11:00:00Z"), {5}}});
  Query query = Base();
  query.devices.clear();
  query.device_type = "bulb";
  query.fields = {"power"};
  query.window = ParseWindow("5m");
  query.aggregates = {Aggregate::kMean, Aggregate::kLast, Aggregate::kP50};
  query.grouping = Grouping::kTag;
  query.group_tag = "line";
  const All all = Run(query);
  EXPECT_EQ(all.header.key_name, "group");
  // D1 and D2 are bulbs without the tag.
  ASSERT_EQ(all.blocks.size(), 3u);
  EXPECT_EQ(all.blocks[0].key, "");
  EXPECT_DOUBLE_EQ(all.blocks[0].columns[0][0], 514.5);
  EXPECT_EQ(all.blocks[1].key, "A");
  EXPECT_EQ(all.blocks[1].columns, (std::vector<std::vector<double>>{{2, 7}, {3, 7}, {2, 7}}));
  EXPECT_EQ(all.blocks[2].key, "B");
  EXPECT_EQ(all.blocks[2].columns[0], (std::vector<double>{5}));

  query.limit = 3;
  All page = Run(query);
  EXPECT_EQ(page.tail.rows, 3u);
  query.cursor = page.tail.cursor;
  page = Run(query);
  ASSERT_EQ(page.blocks.size(), 2u);
  EXPECT_EQ(page.blocks[0].columns[0], (std::vector<double>{7}));
  EXPECT_EQ(page.blocks[1].key, "B");
}

}  // namespace
}  // namespace energy::query
