#include "query/format.h"

#include <cmath>
#include <fstream>

#include "base/json.h"
#include "query/test_support.h"
#include "series/test_support.h"

namespace energy::query {
namespace {

Header Readings() {
  Header header;
  header.columns = {{"voltage", "V"}, {"power", "W"}};
  header.device_id = "D1";
  return header;
}

Header Windows() {
  Header header;
  header.columns = {{"power_mean", "W"}, {"power_count", ""}};
  header.time_zone = "Europe/Berlin";
  header.window = "day";
  header.aggregates = {"mean", "count"};
  header.source = Source::kHourly;
  return header;
}

Block Rows(const std::string& device) {
  return {device,
          {NsAt("2026-02-07T11:26:00Z"), NsAt("2026-02-07T11:26:05.25Z")},
          {{230.5, NAN}, {195.9, 0.1}}};
}

std::string Written(Format format, TimeFormat time, const Header& header,
                    const std::vector<Block>& blocks, Tail tail = {}) {
  const auto writer = MakeWriter(format, time);
  std::string out;
  writer->Begin(header, out);
  for (const Block& block : blocks) {
    EXPECT_TRUE(writer->Rows(header, block, out).ok());
    tail.rows += block.time_ns.size();
  }
  while (writer->End(header, tail, out)) {
  }
  return out;
}

TEST(Format, JsonByRowIsWhatTheDesignShows) {
  EXPECT_EQ(
      Written(Format::kJsonRows, TimeFormat::kRfc3339, Readings(), {Rows("D1")}),
      R"({"device_id":"D1","fields":["voltage","power"],"units":{"voltage":"V","power":"W"},)"
      R"("source":"raw","data":[)"
      R"({"device_id":"D1","timestamp":"2026-02-07T11:26:00Z","voltage":230.5,"power":195.9},)"
      R"({"device_id":"D1","timestamp":"2026-02-07T11:26:05.250Z","power":0.1}],)"
      R"("count":2,"truncated":false,"downsampled":false})");
}

TEST(Format, JsonByRowOfWindowsTellsWhatItCounted) {
  Tail tail;
  tail.truncated = true;
  tail.cursor = "0:5";
  EXPECT_EQ(
      Written(Format::kJsonRows, TimeFormat::kMilliseconds, Windows(), {Rows("D1"), Rows("D2")},
              tail),
      R"({"fields":["power_mean","power_count"],"units":{"power_mean":"W"},"source":"rollup_hourly",)"
      R"("aggregates":["mean","count"],"window":"day","time_zone":"Europe/Berlin","data":[)"
      R"({"device_id":"D1","timestamp":1770463560000,"power_mean":230.5,"power_count":195.9},)"
      R"({"device_id":"D1","timestamp":1770463565250,"power_mean":null,"power_count":0.1},)"
      R"({"device_id":"D2","timestamp":1770463560000,"power_mean":230.5,"power_count":195.9},)"
      R"({"device_id":"D2","timestamp":1770463565250,"power_mean":null,"power_count":0.1}],)"
      R"("count":4,"truncated":true,"next":"0:5"})");
}

TEST(Format, JsonByColumnJoinsTheBlocksOfADevice) {
  Block later = Rows("D1");
  for (int64_t& time : later.time_ns) time += 60 * kSecondNs;
  EXPECT_EQ(Written(Format::kJsonColumns, TimeFormat::kSeconds, Readings(), {Rows("D1"), later}),
            R"({"device_id":"D1","units":{"voltage":"V","power":"W"},"source":"raw",)"
            R"("time":[1770463560,1770463565,1770463620,1770463625],"fields":{)"
            R"("voltage":[230.5,null,230.5,null],"power":[195.9,0.1,195.9,0.1]},)"
            R"("count":4,"truncated":false,"downsampled":false})");
  const auto several = base::Json::parse(
      Written(Format::kJsonColumns, TimeFormat::kNanoseconds, Windows(), {Rows("D1"), Rows("D2")}));
  ASSERT_EQ(several["series"].size(), 2u);
  EXPECT_EQ(several["series"][1]["device_id"], "D2");
  EXPECT_EQ(several["series"][1]["time"][0], 1'770'463'560'000'000'000);
  EXPECT_EQ(several["series"][1]["fields"]["power_mean"].dump(), "[230.5,null]");
  const auto none =
      base::Json::parse(Written(Format::kJsonColumns, TimeFormat::kRfc3339, Readings(), {}));
  EXPECT_EQ(none["fields"].dump(), R"({"voltage":[],"power":[]})");
  EXPECT_EQ(none["time"].size(), 0u);
}

TEST(Format, JsonByColumnHasABound) {
  const auto writer = MakeWriter(Format::kJsonColumns, TimeFormat::kRfc3339);
  Header header = Readings();
  Block block{"D1", std::vector<int64_t>(kMaxColumnCells / 4), {}};
  block.columns.assign(2, std::vector<double>(block.time_ns.size(), 1.0));
  std::string out;
  EXPECT_TRUE(writer->Rows(header, block, out).ok());
  EXPECT_TRUE(writer->Rows(header, block, out).ok());
  EXPECT_EQ(writer->Rows(header, block, out).code(), base::Code::kTooLarge);
}

// A long answer leaves in pieces that are the same text.
TEST(Format, JsonByColumnLeavesInPieces) {
  constexpr size_t kRows = 40'000;
  Block block{"D1", {}, {{}, std::vector<double>(kRows, NAN)}};
  for (size_t row = 0; row < kRows; ++row) {
    block.time_ns.push_back(static_cast<int64_t>(row) * kSecondNs);
    block.columns[0].push_back(static_cast<double>(row) / 8);
  }
  Tail tail;
  tail.rows = kRows;
  const auto writer = MakeWriter(Format::kJsonColumns, TimeFormat::kSeconds);
  std::string out;
  writer->Begin(Readings(), out);
  ASSERT_TRUE(writer->Rows(Readings(), block, out).ok());
  size_t most = out.size();
  for (bool more = true; more;) {
    const size_t before = out.size();
    more = writer->End(Readings(), tail, out);
    most = std::max(most, out.size() - before);
  }
  EXPECT_LT(most, 200'000u);
  const auto json = base::Json::parse(out);
  EXPECT_EQ(json["time"].size(), kRows);
  EXPECT_EQ(json["time"].back(), kRows - 1);
  EXPECT_EQ(json["fields"]["voltage"].get<std::vector<double>>(), block.columns[0]);
  EXPECT_EQ(json["fields"]["power"].size(), kRows);
  EXPECT_EQ(json["fields"]["power"].back(), nullptr);
  EXPECT_EQ(json["count"], kRows);
}

TEST(Format, CsvIsRfc4180) {
  EXPECT_EQ(Written(Format::kCsv, TimeFormat::kRfc3339, Readings(), {Rows("D1")}),
            "time,voltage,power\r\n2026-02-07T11:26:00Z,230.5,195.9\r\n"
            "2026-02-07T11:26:05.250Z,,0.1\r\n");
  Header header = Windows();
  header.columns[0].name = "a \"b\", c";
  EXPECT_EQ(Written(Format::kCsv, TimeFormat::kSeconds, header, {Rows("D,1")}),
            "time,device_id,\"a \"\"b\"\", c\",power_count\r\n1770463560,\"D,1\",230.5,195.9\r\n"
            "1770463565,\"D,1\",,0.1\r\n");
}

TEST(TimeWriter, WritesAsBaseDoes) {
  TimeWriter writer(TimeFormat::kRfc3339);
  for (const char* text :
       {"1969-12-31T23:59:59.999999999Z", "1970-01-01T00:00:00Z", "1678-01-01T00:00:00.000001Z",
        "2026-02-07T11:26:00.100Z", "2026-02-07T23:59:59.000000001Z", "2026-02-08T00:00:00.123456Z",
        "2261-12-31T23:59:59Z"}) {
    std::string out;
    writer.Append(out, NsAt(text));
    EXPECT_EQ(out, text);
  }
  std::string out;
  TimeWriter(TimeFormat::kSeconds).Append(out, -1);
  EXPECT_EQ(out, "-1");
}

// Compares with the file of this name in testdata, or writes it where ENERGY_WRITE_GOLDEN says.
void ExpectGolden(const std::string& name, const std::string& bytes) {
  if (const char* folder = std::getenv("ENERGY_WRITE_GOLDEN")) {
    std::ofstream(std::string(folder) + "/" + name, std::ios::binary) << bytes;
    return;
  }
  std::ifstream file(std::string(ENERGY_QUERY_TESTDATA) + "/" + name, std::ios::binary);
  const std::string golden((std::istreambuf_iterator<char>(file)), {});
  EXPECT_EQ(series::Hex(bytes), series::Hex(golden)) << name;
}

// pyarrow 26.0.1 reads these bytes back and finds them valid; golden, so that a change is seen.
TEST(Format, ArrowIsTheStreamThatOtherReadersKnow) {
  const std::string one = Written(Format::kArrow, TimeFormat::kRfc3339, Readings(), {Rows("D1")});
  EXPECT_EQ(one.size() % 8, 0u);
  ExpectGolden("one.arrow", one);
  ExpectGolden("several.arrow", Written(Format::kArrow, TimeFormat::kRfc3339, Windows(),
                                        {Rows("D1"), Rows("Pump 2"), {"D3", {}, {{}, {}}}}));
}

// Readings at an uneven pace; a column of few values, one of many, one with gaps, one without any.
Block ManyRows(const std::string& device, size_t rows) {
  Block block{device, {}, {{}, {}, {}, {}}};
  int64_t time_ns = NsAt("2026-02-07T00:00:00Z");
  uint64_t random = 1;
  for (size_t row = 0; row < rows; ++row) {
    random = random * 6364136223846793005U + 1442695040888963407U;
    time_ns += 5 * kSecondNs + static_cast<int64_t>(random >> 40);
    block.time_ns.push_back(time_ns);
    block.columns[0].push_back(static_cast<double>(random >> 58) / 4);
    block.columns[1].push_back(static_cast<double>(random >> 12) / 3);
    block.columns[2].push_back(row % 3 == 0 ? NAN : -static_cast<double>(row));
    block.columns[3].push_back(NAN);
  }
  return block;
}

// pyarrow 26.0.1 and DuckDB 2.0.1 read these files back as they were written; src/sqlquery reads
// them in a test. Golden, so that a change is seen.
TEST(Format, ParquetIsTheFileThatOtherReadersKnow) {
  ExpectGolden("one.parquet",
               Written(Format::kParquet, TimeFormat::kRfc3339, Readings(), {Rows("D1")}));
  ExpectGolden("several.parquet", Written(Format::kParquet, TimeFormat::kRfc3339, Windows(),
                                          {Rows("D1"), Rows("Pump 2"), {"D3", {}, {{}, {}}}}));
  ExpectGolden("none.parquet", Written(Format::kParquet, TimeFormat::kRfc3339, Readings(), {}));
  Header many;
  many.columns = {{"few", ""}, {"many", "W"}, {"gaps", ""}, {"nothing", ""}};
  const std::string bytes = Written(Format::kParquet, TimeFormat::kRfc3339, many,
                                    {ManyRows("D1", 300), ManyRows("Pumpe \u00fc", 45)});
  ExpectGolden("many.parquet", bytes);
}

// Its memory is that of a row group, whatever comes: rows leave while others are to come.
TEST(Format, ParquetLeavesInRowGroups) {
  Header header;
  header.columns = {{"few", ""}, {"many", "W"}, {"gaps", ""}, {"nothing", ""}};
  const auto writer = MakeWriter(Format::kParquet, TimeFormat::kRfc3339);
  std::string out;
  writer->Begin(header, out);
  size_t most = 0;
  size_t rows = 0;
  for (int i = 0; i < 60; ++i) {
    const size_t before = out.size();
    ASSERT_TRUE(writer->Rows(header, ManyRows("D1", 16'384), out).ok());
    rows += 16'384;
    most = std::max(most, out.size() - before);
    out.clear();
  }
  EXPECT_GT(most, 500'000u);
  EXPECT_LT(most, 122'880u * 4 * 8);
  Tail tail;
  tail.rows = rows;
  EXPECT_FALSE(writer->End(header, tail, out));
  EXPECT_LT(out.size(), 2'000'000u);
  EXPECT_EQ(out.substr(out.size() - 4), "PAR1");
}

}  // namespace
}  // namespace energy::query
