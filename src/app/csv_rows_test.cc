#include "app/csv_rows.h"

#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

namespace energy::app {
namespace {

CsvOptions Options() {
  CsvOptions options;
  options.map = {"power=P"};
  options.time_columns = "t";
  return options;
}

std::vector<CsvRow> Rows(const std::string& text, const CsvOptions& options) {
  std::istringstream in(text);
  auto rows = CsvRows::Open(in, options);
  EXPECT_TRUE(rows.ok()) << rows.status().ToString();
  std::vector<CsvRow> all;
  if (!rows.ok()) return all;
  for (CsvRow row; rows->Next(row);) all.push_back(row);
  return all;
}

std::vector<std::string> Times(const std::string& zone, const std::vector<std::string>& texts) {
  CsvOptions options = Options();
  options.time_format = "%Y-%m-%d %H:%M";
  options.time_zone = zone;
  std::string csv = "t,P\n";
  for (const std::string& text : texts) csv += text + ",1\n";
  std::vector<std::string> times;
  for (const CsvRow& row : Rows(csv, options)) {
    times.push_back(row.error.empty() ? row.reading.at("timestamp").get<std::string>() : "none");
  }
  return times;
}

TEST(CsvRows, ReadsQuotesScalesAndMissingValues) {
  CsvOptions options = Options();
  options.map = {"power=P", "voltage=the U"};
  options.scale = {"power=1000"};
  options.missing = "?";
  const auto rows = Rows(
      "\xEF\xBB\xBFt; P ;\"the U\"\r\n"
      "2026-02-07T11:26:00Z;1.234;\"230\"\r\n"
      "\n"
      "2026-02-07T11:27:00Z;?;231\n"
      "2026-02-07T11:28:00Z;?;\n"
      "2026-02-07T11:29:00;1;1\n"
      "2026-02-07T11:30:00Z;x;1\n",
      options);
  ASSERT_EQ(rows.size(), 5u);
  EXPECT_EQ(rows[0].reading.dump(),
            R"({"timestamp":"2026-02-07T11:26:00Z","power":1234.0,"voltage":230.0})");
  EXPECT_EQ(rows[1].line, 4u);
  EXPECT_FALSE(rows[1].reading.contains("power"));
  EXPECT_NE(rows[2].error.find("no mapped column"), std::string::npos);
  EXPECT_NE(rows[3].error.find("no time of the format"), std::string::npos);
  EXPECT_EQ(rows[4].line, 7u);
  EXPECT_NE(rows[4].error.find("P is 'x', which is no number"), std::string::npos);
}

TEST(CsvRows, NamesTheOptionThatDoesNotFit) {
  const auto error = [](CsvOptions options) {
    std::istringstream in("t,P\n");
    return CsvRows::Open(in, options).status().fields().at(0);
  };
  CsvOptions options = Options();
  options.map = {"power=Q"};
  EXPECT_EQ(error(options).field, "--map");
  EXPECT_NE(error(options).message.find("the file has t, P"), std::string::npos);
  options = Options();
  options.scale = {"voltage=2"};
  EXPECT_EQ(error(options).field, "--scale");
  options = Options();
  options.time_format = "%H";
  options.time_zone = "Mars/Base";
  EXPECT_EQ(error(options).field, "--time-zone");
  options.time_format = "iso";
  EXPECT_EQ(error(options).field, "--time-format");
}

TEST(CsvRows, KnowsTheZonesSummerTime) {
  EXPECT_EQ(Times("Europe/Paris", {"2007-02-01 00:00", "2007-07-01 00:00"}),
            (std::vector<std::string>{"2007-01-31T23:00:00Z", "2007-06-30T22:00:00Z"}));
  // Summer time begins at 2:00: that hour does not exist.
  EXPECT_EQ(Times("Europe/Paris", {"2007-03-25 01:59", "2007-03-25 02:30", "2007-03-25 03:00"}),
            (std::vector<std::string>{"2007-03-25T00:59:00Z", "none", "2007-03-25T01:00:00Z"}));
  // It ends at 3:00: the hour from 2:00 comes twice.
  EXPECT_EQ(Times("Europe/Paris", {"2007-10-28 02:00", "2007-10-28 02:30", "2007-10-28 02:00",
                                   "2007-10-28 02:30", "2007-10-28 03:00"}),
            (std::vector<std::string>{"2007-10-28T00:00:00Z", "2007-10-28T00:30:00Z",
                                      "2007-10-28T01:00:00Z", "2007-10-28T01:30:00Z",
                                      "2007-10-28T02:00:00Z"}));
}

}  // namespace
}  // namespace energy::app
