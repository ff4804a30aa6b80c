#include "devices/validation.h"

#include <gtest/gtest.h>

#include <limits>

#include "devices/profile_json.h"
#include "devices/profile_repository.h"

namespace energy::devices {
namespace {

/// The names of the bad fields, joined by blanks.
std::string Fields(const base::Status& status) {
  std::string names;
  for (const base::FieldError& error : status.fields()) names += error.field + " ";
  return names;
}

NewDevice Good() {
  NewDevice device;
  device.id = "D1";
  device.name = "Lamp in hall 3 °C";
  device.type = "bulb";
  return device;
}

TEST(DeviceId, IsSafeInTopicsAndPaths) {
  for (const char* id :
       {"D1", "a", "plant-7_lamp.3", "01234567890123456789012345678901234567890123456789"}) {
    EXPECT_TRUE(IsDeviceId(id)) << id;
  }
  for (const char* id : {"", ".", "..", "a/b", "a+b", "#", "a b", "é", "a\n",
                         "012345678901234567890123456789012345678901234567890"}) {
    EXPECT_FALSE(IsDeviceId(id)) << id;
  }
  EXPECT_FALSE(IsDeviceId(std::string_view("a\0b", 3)));
}

TEST(DeviceValidation, NamesEachBadField) {
  EXPECT_TRUE(Validate(Good()).ok());
  NewDevice device;
  device.id = "a/b";
  device.name = "";
  device.type = std::string(101, 'x');
  device.location = std::string("a\0b", 3);
  device.metadata = base::Json::array();
  const base::Status status = Validate(device);
  EXPECT_EQ(status.code(), base::Code::kInvalidArgument);
  EXPECT_EQ(Fields(status), "id name type location metadata ");
}

TEST(DeviceValidation, CountsCharactersNotBytes) {
  NewDevice device = Good();
  for (int i = 0; i < 255; ++i) device.name.replace(0, i == 0 ? device.name.size() : 0, "é");
  EXPECT_EQ(device.name.size(), 510U);
  EXPECT_TRUE(Validate(device).ok());
  device.name += "é";
  EXPECT_EQ(Fields(Validate(device)), "name ");
  device.name = "   ";
  EXPECT_EQ(Fields(Validate(device)), "name ");
  device.name = "a\xff";
  EXPECT_EQ(Fields(Validate(device)), "name ");
}

TEST(DeviceValidation, BoundsMetadata) {
  NewDevice device = Good();
  device.metadata = {{"note", std::string(16 * 1024, 'x')}};
  EXPECT_EQ(Fields(Validate(device)), "metadata ");
  device.metadata = {{"note", std::string("a\0b", 3)}};
  EXPECT_EQ(Fields(Validate(device)), "metadata ");
  base::Json deep = base::Json::object();
  for (int i = 0; i < 20; ++i) deep = base::Json{{"a", deep}};
  device.metadata = deep;
  EXPECT_EQ(Fields(Validate(device)), "metadata ");
  for (const char* interval : {"0", "-1", "\"5\"", "100000", "null"}) {
    device.metadata = {{"reporting_interval_s", base::Json::parse(interval)}};
    EXPECT_EQ(Fields(Validate(device)), "metadata.reporting_interval_s ") << interval;
  }
  device.metadata = {{"reporting_interval_s", 0.5}, {"nested", {{"a", {1, 2, 3}}}}};
  EXPECT_TRUE(Validate(device).ok());
  EXPECT_EQ(ReportingInterval(device.metadata), std::chrono::milliseconds(500));
  EXPECT_EQ(ReportingInterval(base::Json::object()), std::chrono::seconds(5));
}

TEST(DeviceValidation, ChecksOnlyWhatAPatchChanges) {
  EXPECT_TRUE(Validate(DevicePatch{}).ok());
  DevicePatch patch;
  patch.name = "";
  patch.location = std::optional<std::string>();  // removes it
  EXPECT_EQ(Fields(Validate(patch)), "name ");
}

TEST(ProfileValidation, AcceptsTheBulbAndRefusesNonsense) {
  EXPECT_TRUE(Validate(BulbProfile()).ok());
  Profile profile = BulbProfile();
  profile.fields[0].name = "device_id";
  profile.fields[1].min = 3;            // above max
  profile.fields[2].nominal_max = 501;  // outside
  profile.fields[3].max = std::numeric_limits<double>::infinity();
  EXPECT_EQ(Fields(Validate(profile)),
            "fields[0].name fields[1].min fields[2].nominal_min fields[3].min ");
  profile = BulbProfile();
  profile.fields[1].name = "voltage";
  EXPECT_EQ(Fields(Validate(profile)), "fields[1].name ");
  profile.fields.clear();
  profile.type = "";
  EXPECT_EQ(Fields(Validate(profile)), "type fields ");
}

TEST(ProfileJson, ComesBack) {
  const std::vector<ProfileField> fields = BulbProfile().fields;
  const base::Json json = FieldsToJson(fields);
  EXPECT_TRUE(json[1]["nominal_min"].is_null());
  const auto back = FieldsFromJson(json);
  ASSERT_TRUE(back.ok()) << back.status().ToString();
  EXPECT_EQ(*back, fields);
}

TEST(ProfileJson, NamesWhatIsWrong) {
  const auto fields = [](const char* text) {
    return Fields(FieldsFromJson(base::Json::parse(text)).status());
  };
  EXPECT_EQ(fields("{}"), "fields ");
  EXPECT_EQ(fields("[1]"), "fields[0] ");
  EXPECT_EQ(fields(R"([{"name":"a","min":0,"max":1}, {"name":1,"max":"x","colour":"red"}])"),
            "fields[1].name fields[1].max fields[1].colour fields[1].min ");
  EXPECT_EQ(fields(R"([{"name":"a","min":0,"max":1,"required":"yes","nominal_max":"hot"}])"),
            "fields[0].required fields[0].nominal_max ");
}

}  // namespace
}  // namespace energy::devices
