#include "api/device_csv.h"

#include <gtest/gtest.h>

namespace energy::api {
namespace {

TEST(DeviceCsv, ReadsQuotedCellsMetadataAndItsMembers) {
  const auto read = ReadDevices(
      "\xEF\xBB\xBFid,name,type,location,status,metadata,metadata.site,metadata.line\r\n"
      "D1,\"Bulb \"\"A\"\", west\",bulb,Hall "
      "1,maintenance,\"{\"\"site\"\":\"\"x\"\",\"\"k\"\":true}\","
      "north,3\r\n"
      "\r\n"
      "D2,\"two\nlines\",bulb,,,,,\r\n"
      "D3,three,meter,,,,a,007");
  ASSERT_TRUE(read.ok()) << read.status().ToString();
  ASSERT_EQ(read->devices.size(), 2u);
  EXPECT_EQ(read->lines, 3u);
  const devices::NewDevice& first = read->devices[0].device;
  EXPECT_EQ(first.name, "Bulb \"A\", west");
  EXPECT_EQ(first.location, "Hall 1");
  EXPECT_EQ(first.status, devices::DeviceStatus::kMaintenance);
  EXPECT_EQ(first.metadata.dump(), R"({"site":"north","k":true,"line":3})");
  EXPECT_EQ(read->devices[1].device.metadata.dump(), R"({"site":"a","line":"007"})");
  EXPECT_EQ(read->devices[1].line, 6u);
  ASSERT_EQ(read->errors.size(), 1u);  // a name with a line break
  EXPECT_EQ(read->errors[0].line, 4u);
  EXPECT_EQ(read->errors[0].field, "name");
}

TEST(DeviceCsv, NamesLineAndFieldOfEachMistake) {
  const auto read = ReadDevices(
      "id;name;type;status;metadata\n"
      "D 1;a;bulb;;\n"
      "D2;b;;broken;[1]\n"
      "D3;c;bulb\n"
      "D4;d;bulb;;\n"
      "D4;e;bulb;;\n");
  ASSERT_TRUE(read.ok()) << read.status().ToString();
  ASSERT_EQ(read->devices.size(), 1u);
  std::string errors;
  for (const CsvError& error : read->errors) {
    errors += std::to_string(error.line) + " " + error.field + ";";
  }
  EXPECT_EQ(errors, "2 id;3 status;3 metadata;3 type;4 line;6 id;");
}

TEST(DeviceCsv, RefusesAHeaderThatIsNotOfDevices) {
  EXPECT_FALSE(ReadDevices("").ok());
  EXPECT_FALSE(ReadDevices("id,name\nD1,a\n").ok());
  EXPECT_FALSE(ReadDevices("id,name,type,colour\n").ok());
  EXPECT_FALSE(ReadDevices("id,name,type,id\n").ok());
  EXPECT_FALSE(ReadDevices("id,name,type\nD1,\"a,bulb\n").ok());
  EXPECT_FALSE(ReadDevices(std::string("id,name,type\nD1,\xff,bulb\n")).ok());
}

TEST(DeviceCsv, WhatIsExportedIsImportedTheSame) {
  devices::Device device;
  device.id = "D1";
  device.name = "a \"b\", c";
  device.type = "bulb";
  device.location = "Hall; 1";
  device.metadata = {
      {"site", "north"}, {"line", 3}, {"nested", {{"a", base::Json::array({1, 2})}}}};
  device.health_score = 97.5;
  std::string text(DeviceCsvHeader());
  AppendDevice(device, text);
  const auto read = ReadDevices(text);
  ASSERT_TRUE(read.ok()) << read.status().ToString();
  ASSERT_EQ(read->devices.size(), 1u);
  const devices::NewDevice& back = read->devices[0].device;
  EXPECT_EQ(back.name, device.name);
  EXPECT_EQ(back.location, device.location);
  EXPECT_EQ(back.metadata, device.metadata);
}

}  // namespace
}  // namespace energy::api
