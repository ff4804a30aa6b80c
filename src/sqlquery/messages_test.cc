#include "sqlquery/messages.h"

#include <gtest/gtest.h>
#include <sys/socket.h>

#include <array>
#include <cmath>
#include <thread>

#include "sqlquery/channel.h"
#include "sqlquery/statement_text.h"

namespace energy::sqlquery {
namespace {

TEST(Messages, SurviveTheirEncoding) {
  StartMessage start{
      .request = {.sql = "SELECT 1", .time_zone = "Europe/Zurich", .format = ResultFormat::kCsv},
      .limits = {.memory_bytes = 5,
                 .time = std::chrono::milliseconds(7),
                 .rows = 8,
                 .result_bytes = 9},
      .tables = {{.name = "t",
                  .columns = {{"a", ColumnType::kTime}},
                  .estimated_rows = 3,
                  .filtered = true}}};
  const auto got = DecodeStart(Encode(start));
  ASSERT_TRUE(got.ok());
  EXPECT_EQ(got->request.sql, "SELECT 1");
  EXPECT_EQ(got->request.time_zone, "Europe/Zurich");
  EXPECT_EQ(got->request.format, ResultFormat::kCsv);
  EXPECT_EQ(got->limits.rows, 8u);
  EXPECT_EQ(got->limits.result_bytes, 9u);
  EXPECT_EQ(got->limits.time, std::chrono::milliseconds(7));
  ASSERT_EQ(got->tables.size(), 1u);
  EXPECT_TRUE(got->tables[0].filtered);
  EXPECT_EQ(got->tables[0].columns[0].type, ColumnType::kTime);

  const OpenScanMessage open{
      .scan = 1,
      .table = 2,
      .columns = {3, 4},
      .filter = {.devices = std::vector<std::string>{"x"}, .start_us = 5, .end_us = 6}};
  const auto opened = DecodeOpenScan(Encode(open));
  ASSERT_TRUE(opened.ok());
  EXPECT_EQ(opened->columns, open.columns);
  EXPECT_EQ(opened->filter, open.filter);

  Block block{.rows = 2, .columns = {}};
  block.columns.emplace_back(TextRuns{{{"first", 1}, {"second", 2}}});
  block.columns.emplace_back(std::vector<std::optional<std::string>>{"a", std::nullopt});
  block.columns.emplace_back(std::vector<int64_t>{1, kNullInteger});
  block.columns.emplace_back(std::vector<double>{2.5, -0.0});
  block.columns.emplace_back(InRoom{kRoomBytes - 16, ColumnType::kTime});
  const auto same = DecodeBlock(Encode(BlockMessage{7, block}));
  ASSERT_TRUE(same.ok());
  EXPECT_EQ(same->scan, 7u);
  EXPECT_EQ(same->block.rows, 2u);
  EXPECT_EQ(same->block.columns, block.columns);

  const base::Status status = base::InvalidField("sql", "is wrong");
  const auto failed = DecodeScanFailed(Encode(ScanFailedMessage{9, status}));
  ASSERT_TRUE(failed.ok());
  EXPECT_EQ(failed->scan, 9u);
  const base::Status& back = failed->status;
  EXPECT_EQ(back.code(), status.code());
  EXPECT_EQ(back.message(), status.message());
  EXPECT_EQ(back.fields(), status.fields());
}

TEST(Messages, CutOrLongOnesAreRefused) {
  Block block{.rows = 1, .columns = {}};
  block.columns.emplace_back(std::vector<std::optional<std::string>>{"text"});
  block.columns.emplace_back(std::vector<double>{1});
  const std::string bytes = Encode(BlockMessage{0, block});
  for (size_t size = 0; size < bytes.size(); ++size) {
    EXPECT_FALSE(DecodeBlock(bytes.substr(0, size)).ok()) << size;
  }
  EXPECT_FALSE(DecodeBlock(bytes + "x").ok());
  block.rows = 2;  // more than the columns have
  EXPECT_FALSE(DecodeBlock(Encode(BlockMessage{0, block})).ok());
  for (const ColumnData& bad :
       {ColumnData(InRoom{kRoomBytes - 8, ColumnType::kDouble}),
        ColumnData(InRoom{0, ColumnType::kText}), ColumnData(TextRuns{{{"a", 1}}}),
        ColumnData(TextRuns{{{"a", 1}, {"b", 1}, {"c", 2}}})}) {
    block.columns = {bad};
    EXPECT_FALSE(DecodeBlock(Encode(BlockMessage{0, block})).ok()) << bad.index();
  }
  EXPECT_FALSE(DecodeScanFailed("ab").ok());
  EXPECT_EQ(DecodeStatus("").code(), base::Code::kInternal);
  EXPECT_FALSE(DecodeStart(std::string(40, '\xff')).ok());
}

TEST(Channel, CarriesMessagesLargerThanTheSocketHolds) {
  std::array<int, 2> ends{};
  ASSERT_EQ(socketpair(AF_UNIX, SOCK_STREAM, 0, ends.data()), 0);
  Channel left(ends[0]);
  const std::string large(5 << 20, 'x');
  std::thread sender([&] {
    EXPECT_TRUE(left.Send(7, large).ok());
    EXPECT_TRUE(left.Send(8, "").ok());
  });
  {
    Channel right(ends[1]);
    const auto first = right.Receive();
    ASSERT_TRUE(first.ok());
    EXPECT_EQ(first->type, 7);
    EXPECT_EQ(first->content, large);
    EXPECT_EQ(right.Receive()->type, 8);
    sender.join();
    right.SetCheck([] { return base::TooLarge("enough"); });
    EXPECT_EQ(right.Receive().status().code(), base::Code::kTooLarge);
  }
  EXPECT_EQ(left.Receive().status().code(), base::Code::kUnavailable);
  EXPECT_EQ(left.Send(1, "x").code(), base::Code::kUnavailable);
}

TEST(StatementText, BeginsAsASelect) {
  for (const char* sql : {"SELECT 1", " \n select 1", "with a as (select 1) select * from a",
                          "/* a /* b */ */ -- c\n (SELECT 1)"}) {
    EXPECT_TRUE(CheckBegin(sql).ok()) << sql;
  }
  for (const char* sql : {"", "PRAGMA version", "SELECTION", "/* SELECT 1", "COPY t TO 'x'",
                          "EXPLAIN SELECT 1", "-- SELECT 1", "FROM telemetry"}) {
    EXPECT_EQ(CheckBegin(sql).code(), base::Code::kInvalidArgument) << sql;
  }
}

TEST(StatementText, ErrorsSayWhere) {
  const base::Status status = StatementError("SELECT 'ü',\n  foo", "no foo", 15);
  ASSERT_EQ(status.fields().size(), 1u);
  EXPECT_EQ(status.fields()[0], (base::FieldError{"sql", "line 2, column 3: no foo"}));
}

}  // namespace
}  // namespace energy::sqlquery
