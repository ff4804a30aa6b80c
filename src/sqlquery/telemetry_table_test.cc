#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <map>
#include <thread>

#include "devices/device_service.h"
#include "series/embedded_store.h"
#include "series/test_support.h"
#include "sql/test_database.h"
#include "sqlquery/tables.h"

namespace energy::sqlquery {
namespace {

constexpr int64_t kSecondNs = 1'000'000'000;
constexpr int64_t kFirst = 1'770'000'000 * kSecondNs + 1'999;  // not on a microsecond
constexpr uint16_t kDevice = 0;
constexpr uint16_t kTime = 1;

struct Row {
  std::string device;
  int64_t time_us = 0;
  double a = 0;
  double b = 0;
  bool operator==(const Row&) const = default;
};

// Devices d0 to d299 with some readings each, and "big" with many; field b is not in every reading.
class TelemetryTableTest : public testing::Test {
 protected:
  void SetUp() override {
    series::EmbeddedOptions options;
    options.path = folder_.path() / "series";
    auto opened = series::EmbeddedStore::Open(options, clock_, base::NullLogger(), metrics_);
    ASSERT_TRUE(opened.ok());
    store_ = std::move(*opened);
    ASSERT_TRUE(devices_.Load().ok());
    fields_ = {*store_->OpenField("a"), *store_->OpenField("b")};
    for (int d = 0; d < 300; ++d) Fill("d" + std::to_string(d), 1 + d % 50);
    Fill("big", 100'000);
    ASSERT_TRUE(store_->Seal().ok());
    Fill("big2", 70'000);  // not sealed
  }

  void Fill(const std::string& device, int count) {
    devices::NewDevice registered;
    registered.id = registered.name = device;
    registered.type = "meter";
    ASSERT_TRUE(devices_.Create(registered).ok());
    const series::DeviceRef ref = *store_->OpenDevice(device);
    series::Batch batch;
    for (int i = 0; i < count; ++i) {
      const double values[] = {static_cast<double>(i), i % 3 == 0 ? std::nan("") : i + 0.5};
      batch.Add(ref, kFirst + i * kSecondNs, fields_, values);
      rows_.push_back({device, (kFirst + i * kSecondNs) / 1000, values[0], values[1]});
    }
    ASSERT_TRUE(store_->Append(batch).ok());
  }

  // Reads a scan to its end, as a helper does: a block once the one after it has come.
  std::vector<Row> ReadAll(const std::vector<uint16_t>& columns, const ScanFilter& filter = {}) {
    std::vector<std::byte> room(kRoomBytes);
    const auto table = MakeTelemetryTable(*store_, registry_);
    const auto scan = table->Open(columns, filter, room);
    std::vector<Row> rows;
    std::vector<Block> ahead;
    for (bool more = true; more || !ahead.empty();) {
      if (more) {
        auto block = scan->Next({});
        EXPECT_TRUE(block.ok());
        more = block.ok() && block->rows > 0;
        if (more) ahead.push_back(std::move(*block));
      }
      if (more && ahead.size() < 2) continue;
      if (ahead.empty()) break;
      // The reader has had time to do harm.
      if (rows.empty()) std::this_thread::sleep_for(std::chrono::milliseconds(20));
      AddRows(columns, ahead.front(), room, rows);
      ahead.erase(ahead.begin());
    }
    return rows;
  }

  static void AddRows(const std::vector<uint16_t>& columns, const Block& block, Room room,
                      std::vector<Row>& rows) {
    for (uint32_t i = 0; i < block.rows; ++i) {
      Row row;
      for (size_t c = 0; c < columns.size(); ++c) {
        if (columns[c] == kDevice) {
          const auto& runs = std::get<TextRuns>(block.columns[c]).runs;
          size_t run = 0;
          while (runs[run].end <= i) ++run;
          row.device = runs[run].text;
          continue;
        }
        const InRoom& place = std::get<InRoom>(block.columns[c]);
        EXPECT_LE(place.offset + block.rows * sizeof(double), room.size());
        void* to = columns[c] == kTime ? static_cast<void*>(&row.time_us)
                   : columns[c] == 2   ? static_cast<void*>(&row.a)
                                       : static_cast<void*>(&row.b);
        std::memcpy(to, room.data() + place.offset + i * sizeof(double), sizeof(double));
      }
      rows.push_back(row);
    }
  }

  // Those of one device, in the order of time.
  static std::map<std::string, std::vector<Row>> ByDevice(const std::vector<Row>& rows) {
    std::map<std::string, std::vector<Row>> devices;
    for (const Row& row : rows) devices[row.device].push_back(row);
    return devices;
  }

  base::ManualClock clock_{base::Timestamp(std::chrono::nanoseconds(kFirst))};
  base::Metrics metrics_;
  series::TemporaryFolder folder_;
  sql::TestDatabase database_;
  devices::Registry registry_;
  devices::LastSeenTracker last_seen_{*database_, clock_, base::NullLogger()};
  devices::DeviceService devices_{*database_, clock_, registry_, &last_seen_};
  std::unique_ptr<series::EmbeddedStore> store_;
  std::vector<series::FieldRef> fields_;
  std::vector<Row> rows_;
};

TEST_F(TelemetryTableTest, GivesEveryReadingOnce) {
  std::vector<Row> rows = ReadAll({3, kDevice, kTime, 2});
  ASSERT_EQ(rows.size(), rows_.size());
  std::vector<Row> expected = rows_;
  for (std::vector<Row>* all : {&rows, &expected}) {
    for (Row& row : *all) row.b = std::isnan(row.b) ? -1 : row.b;
  }
  EXPECT_TRUE(ByDevice(rows) == ByDevice(expected));
}

TEST_F(TelemetryTableTest, CountsWithoutANumber) {
  std::map<std::string, size_t> expected;
  for (const Row& row : rows_) ++expected[row.device];
  std::map<std::string, size_t> counted;
  for (const Row& row : ReadAll({kDevice})) ++counted[row.device];
  EXPECT_EQ(counted, expected);
}

TEST_F(TelemetryTableTest, LeavesOutWhatTheFilterExcludes) {
  const std::vector<Row> rows =
      ReadAll({kDevice, kTime}, {.devices = std::vector<std::string>{"big", "d7"},
                                 .start_us = kFirst / 1000 + 5'000'000,
                                 .end_us = kFirst / 1000 + 90'000'000'000});
  const auto devices = ByDevice(rows);
  ASSERT_EQ(devices.size(), 2u);
  EXPECT_NEAR(static_cast<double>(devices.at("big").size()), 90'000 - 5, 1);
  EXPECT_NEAR(static_cast<double>(devices.at("d7").size()), 3, 1);
}

TEST_F(TelemetryTableTest, AScanThatIsLeftEnds) {
  std::vector<std::byte> room(kRoomBytes);
  const auto table = MakeTelemetryTable(*store_, registry_);
  const auto scan = table->Open({kTime, 2}, {}, room);
  EXPECT_TRUE(scan->Next({}).ok());
}

}  // namespace
}  // namespace energy::sqlquery
