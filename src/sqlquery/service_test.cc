#include "sqlquery/service.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <thread>

#include "base/json.h"
#include "sqlquery/helper.h"

namespace energy::sqlquery {
namespace {

// The helpers here are this program: see main below.
struct Numbers {
  uint32_t rows = 0;
  std::vector<ScanFilter> filters;                 // of each scan, as the helper asked
  std::vector<std::vector<uint16_t>> projections;  // the same
};

// `telemetry` with the devices a and b in turns, a reading a second from 1970 on, x = its number.
class NumbersTable final : public Table {
 public:
  explicit NumbersTable(Numbers& numbers) : numbers_(numbers) {
    spec_ = {.name = "telemetry",
             .columns = {{"device_id", ColumnType::kText},
                         {"time", ColumnType::kTime},
                         {"x", ColumnType::kDouble},
                         {"note", ColumnType::kInteger}},
             .estimated_rows = 1000,
             .filtered = true};
  }
  const TableSpec& spec() const override { return spec_; }
  std::unique_ptr<Scan> Open(std::vector<uint16_t> columns, ScanFilter filter, Room room) override {
    numbers_.filters.push_back(filter);
    numbers_.projections.push_back(columns);
    return std::make_unique<NumbersScan>(numbers_.rows, std::move(columns), room);
  }

 private:
  class NumbersScan final : public Scan {
   public:
    NumbersScan(uint32_t rows, std::vector<uint16_t> columns, Room room)
        : rows_(rows), columns_(std::move(columns)), room_(room) {}
    base::Result<Block> Next(const Check& /*check*/) override {
      Block block{.rows = std::min(rows_ - at_, 5000U), .columns = {}};
      for (const uint16_t column : columns_) block.columns.push_back(Fill(column, block.rows));
      at_ += block.rows;
      slot_ = (slot_ + 1) % kRoomSlots;
      return block;
    }

   private:
    // Doubles go into the room.
    ColumnData Fill(uint16_t column, uint32_t rows) const {
      std::vector<std::optional<std::string>> texts;
      std::vector<int64_t> integers;
      std::vector<double> doubles;
      for (uint32_t i = at_; i < at_ + rows; ++i) {
        if (column == 0) texts.emplace_back(i % 2 == 0 ? "a" : "b");
        if (column == 1) integers.push_back(int64_t{i} * 1'000'000);
        if (column == 2) doubles.push_back(i % 10 == 9 ? std::nan("") : i);
        if (column == 3) integers.push_back(i % 2 == 0 ? int64_t{i} : kNullInteger);
      }
      if (column == 0) return texts;
      if (column == 2) {
        const size_t offset = slot_ * kSlotBytes + 64;
        std::copy(doubles.begin(), doubles.end(), reinterpret_cast<double*>(room_.data() + offset));
        return InRoom{static_cast<uint32_t>(offset), ColumnType::kDouble};
      }
      return integers;
    }
    const uint32_t rows_;
    const std::vector<uint16_t> columns_;
    const Room room_;
    size_t slot_ = 0;
    uint32_t at_ = 0;
  };

  Numbers& numbers_;
  TableSpec spec_;
};

class SqlServiceTest : public testing::Test {
 protected:
  SqlService& service() {
    if (!service_) {
      service_ = std::make_unique<SqlService>(
          options_,
          [this]() -> base::Result<Tables> {
            Tables tables;
            tables.push_back(std::make_unique<NumbersTable>(numbers_));
            return tables;
          },
          clock_, base::NullLogger(), metrics_);
    }
    return *service_;
  }
  base::Result<Answer> Ask(const std::string& sql, ResultFormat format = ResultFormat::kJson) {
    return service().Query({.sql = sql, .time_zone = "UTC", .format = format}, {});
  }
  base::Json Rows(const std::string& sql) {
    const auto answer = Ask(sql);
    EXPECT_TRUE(answer.ok()) << sql << ": " << answer.status().message();
    return answer.ok() ? base::Json::parse(answer->body) : base::Json();
  }

  Options options_;
  Numbers numbers_{.rows = 12'000, .filters = {}, .projections = {}};

 private:
  base::SystemClock clock_;
  base::Metrics metrics_;
  std::unique_ptr<SqlService> service_;
};

TEST_F(SqlServiceTest, AggregatesWhatTheTableGives) {
  double sum = 0;
  int64_t values = 0;
  for (uint32_t i = 0; i < numbers_.rows; ++i) {
    if (i % 10 == 9) continue;
    sum += i;
    ++values;
  }
  EXPECT_EQ(Rows("SELECT count(*), count(x), sum(x), count(note) FROM telemetry"),
            base::Json({{12'000, values, sum, 6'000}}));
  EXPECT_EQ(Rows("SELECT device_id, count(*) FROM telemetry GROUP BY ALL ORDER BY 1"),
            base::Json::parse(R"([["a", 6000], ["b", 6000]])"));
  EXPECT_EQ(Rows("SELECT x - lag(x) OVER (ORDER BY time) FROM telemetry ORDER BY time LIMIT 2"),
            base::Json({{nullptr}, {1.0}}));
}

TEST_F(SqlServiceTest, AsksForWhatTheStatementUses) {
  Rows("SELECT sum(x) FROM telemetry");
  EXPECT_EQ(numbers_.projections.at(0), std::vector<uint16_t>{2});
  Rows(
      "SELECT x FROM telemetry WHERE device_id = 'a' AND time >= '1970-01-01 00:00:10' "
      "AND time < '1970-01-01 00:00:20'");
  EXPECT_EQ(numbers_.filters.at(1), (ScanFilter{.devices = std::vector<std::string>{"a"},
                                                .start_us = 10'000'000,
                                                .end_us = 20'000'001}));
}

// The table gives everything whatever is asked, so an answer that is right proves that the engine
// filters too.
// Both are copies of one process.
TEST_F(SqlServiceTest, StatementsDrawNumbersOfTheirOwn) {
  EXPECT_NE(Rows("SELECT random(), uuid()"), Rows("SELECT random(), uuid()"));
}

// Their blocks are asked for ahead, and come in another order than that of their use.
TEST_F(SqlServiceTest, ScansOfOneStatementDoNotMixUp) {
  EXPECT_EQ(
      Rows("SELECT count(*), sum(a.x - b.x), count(DISTINCT a.x), max(c.x) FROM telemetry a "
           "JOIN telemetry b USING (time) JOIN (SELECT max(x) AS x FROM telemetry) c ON true"),
      base::Json({{12'000, 0.0, 10'800, 11'998.0}}));
}

TEST_F(SqlServiceTest, MoreScansThanThereAreRoomsAreRefused) {
  std::string sql = "SELECT 0";
  for (size_t i = 0; i <= kMostScans; ++i)
    sql += " + (SELECT count(x + " + std::to_string(i) + ") FROM telemetry)";
  const auto answer = Ask(sql);
  EXPECT_EQ(answer.status().code(), base::Code::kTooLarge) << answer.status().message();
  EXPECT_EQ(Rows("SELECT 1"), base::Json({{1}}));
}

TEST_F(SqlServiceTest, AFilterIsAHintOnly) {
  EXPECT_EQ(
      Rows("SELECT count(*) FROM telemetry WHERE device_id = 'a' AND time < '1970-01-01 00:00:10'"),
      base::Json({{5}}));
  // Scans of one statement share what they need together.
  EXPECT_EQ(Rows("SELECT (SELECT count(*) FROM telemetry WHERE device_id = 'a'), "
                 "(SELECT count(*) FROM telemetry)"),
            base::Json({{6'000, 12'000}}));
  EXPECT_EQ(numbers_.filters.back(), ScanFilter{});
  EXPECT_EQ(Rows("SELECT count(*) FROM (SELECT time + INTERVAL 1 DAY AS time FROM telemetry) "
                 "WHERE time < '1970-01-02 00:00:10'"),
            base::Json({{10}}));
  EXPECT_EQ(numbers_.filters.back(), ScanFilter{});
}

TEST_F(SqlServiceTest, ShowsEveryType) {
  EXPECT_EQ(Rows("SELECT true, 1::TINYINT, -5::BIGINT, "
                 "170141183460469231731687303715884105727::HUGEINT::VARCHAR, "
                 "1.50::DECIMAL(6,2), -0.05::DECIMAL(4,2), 2.5::FLOAT, 'a\"b\\' || chr(10), DATE "
                 "'2024-02-29', "
                 "TIME '01:02:03.5', TIMESTAMP '2024-01-02 03:04:05', TIMESTAMPTZ '2024-01-02 "
                 "03:04:05.25+02', "
                 "INTERVAL 90 MINUTE, [1, NULL, 3], {'k': 'v', 'n': [1.5]}, NULL, 'nan'::DOUBLE, "
                 "UUID '0123e567-e89b-12d3-a456-426614174000'"),
            base::Json::parse(
                R"([[true, 1, -5, "170141183460469231731687303715884105727", 1.50, -0.05, 2.5,
                "a\"b\\\n", "2024-02-29", "01:02:03.500", "2024-01-02T03:04:05", "2024-01-02T01:04:05.250Z",
                "PT5400.000000S", [1, null, 3], {"k": "v", "n": [1.5]}, null, null,
                "0123e567-e89b-12d3-a456-426614174000"]])"));
  const auto answer =
      Ask("SELECT 1.5::DECIMAL(6,2) AS d, [1] AS l, {'a': 1} AS s, now() AS t, sum(1)");
  ASSERT_TRUE(answer.ok());
  std::vector<std::string> types;
  for (const ResultColumn& column : answer->columns) types.push_back(column.type);
  EXPECT_EQ(types, (std::vector<std::string>{"DECIMAL(6,2)", "INTEGER[]", "STRUCT(\"a\" INTEGER)",
                                             "TIMESTAMP WITH TIME ZONE", "HUGEINT"}));
  const auto odd = Ask("SELECT '101'::BIT AS bits");
  EXPECT_EQ(odd.status().code(), base::Code::kInvalidArgument);
  EXPECT_NE(odd.status().message().find("'bits'"), std::string::npos);
}

TEST_F(SqlServiceTest, WritesCsv) {
  const auto answer =
      Ask("SELECT 'a,\"b' AS \"q,\", '' AS e, NULL AS n, 1.5 AS d", ResultFormat::kCsv);
  ASSERT_TRUE(answer.ok());
  EXPECT_EQ(answer->body, "\"q,\",e,n,d\r\n\"a,\"\"b\",\"\",,1.5\r\n");
}

TEST_F(SqlServiceTest, WritesParquet) {
  const auto answer = Ask("SELECT time, x, x FROM telemetry", ResultFormat::kParquet);
  ASSERT_TRUE(answer.ok()) << answer.status().message();
  EXPECT_EQ(answer->row_count, 12'000u);
  ASSERT_GT(answer->body.size(), 1000u);
  EXPECT_EQ(answer->body.substr(0, 4), "PAR1");
  EXPECT_EQ(answer->body.substr(answer->body.size() - 4), "PAR1");
  options_.limits.rows = 1;  // of statements; a table is written whole
  EXPECT_EQ(Ask("SELECT nothing", ResultFormat::kParquet).status().code(),
            base::Code::kInvalidArgument);
}

TEST_F(SqlServiceTest, CutsOffWhatIsTooMuch) {
  options_.limits.rows = 3'000;
  const auto rows = Ask("SELECT x FROM telemetry");
  ASSERT_TRUE(rows.ok());
  EXPECT_EQ(rows->row_count, 3'000u);
  EXPECT_TRUE(rows->truncated);
  EXPECT_EQ(base::Json::parse(rows->body).size(), 3'000u);
  const auto exact = Ask("SELECT x FROM telemetry LIMIT 3000");
  ASSERT_TRUE(exact.ok());
  EXPECT_FALSE(exact->truncated);
}

TEST_F(SqlServiceTest, CutsOffByBytes) {
  options_.limits.result_bytes = 100'000;
  const auto answer = Ask("SELECT x, 'some more text' FROM telemetry");
  ASSERT_TRUE(answer.ok());
  EXPECT_TRUE(answer->truncated);
  EXPECT_LE(answer->body.size(), 100'000u);
  EXPECT_EQ(base::Json::parse(answer->body).size(), answer->row_count);
  EXPECT_EQ(
      Ask("SELECT x, random() FROM telemetry, range(3)", ResultFormat::kParquet).status().code(),
      base::Code::kTooLarge);
}

TEST_F(SqlServiceTest, EndsWhatTakesTooLong) {
  options_.limits.time = std::chrono::milliseconds(500);
  const auto begin = std::chrono::steady_clock::now();
  const auto answer =
      Ask("WITH RECURSIVE t(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM t) SELECT max(n) FROM t");
  EXPECT_EQ(answer.status().code(), base::Code::kTooLarge);
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(5));
  EXPECT_EQ(Rows("SELECT 1"), base::Json({{1}}));
}

TEST_F(SqlServiceTest, EndsWhatNobodyWaitsFor) {
  std::atomic<bool> left{false};
  std::thread leave([&] { left = true; });
  const auto answer = service().Query({.sql = "SELECT count(*) FROM range(1000000000000)"},
                                      [&] { return left.load(); });
  leave.join();
  EXPECT_EQ(answer.status().code(), base::Code::kUnavailable);
}

TEST_F(SqlServiceTest, RefusesWhatWouldWaitTooLong) {
  options_.concurrent = 1;
  options_.waiting = 1;
  options_.wait = std::chrono::milliseconds(100);
  std::atomic<bool> left{false};
  std::atomic<bool> began{false};
  std::thread running([&] {
    (void)service().Query({.sql = "SELECT count(*) FROM range(1000000000000)"}, [&] {
      began = true;
      return left.load();
    });
  });
  while (!began) std::this_thread::yield();
  const auto refused = Ask("SELECT 1");
  EXPECT_EQ(refused.status().code(), base::Code::kRateLimited);
  left = true;
  running.join();
  EXPECT_TRUE(Ask("SELECT 1").ok());
}

TEST_F(SqlServiceTest, StopEndsARunningQuery) {
  std::atomic<bool> began{false};
  base::Status ended;
  std::thread running([&] {
    ended = service()
                .Query({.sql = "SELECT count(*) FROM range(1000000000000)"},
                       [&] {
                         began = true;
                         return false;
                       })
                .status();
  });
  while (!began) std::this_thread::yield();
  service().Stop();
  running.join();
  EXPECT_EQ(ended.code(), base::Code::kUnavailable);
}

#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
TEST_F(SqlServiceTest, KeepsToItsMemory) {
  options_.limits.memory_bytes = 128 << 20;
  for (const char* sql :
       {"SELECT repeat('x', 1000000000)", "SELECT length(repeat(repeat('x', 100000), 20000))",
        "SELECT list(r) FROM range(100000000) t(r)",
        "SELECT * FROM range(100000) a, range(100000) b ORDER BY random()"}) {
    const auto answer = Ask(sql);
    EXPECT_EQ(answer.status().code(), base::Code::kTooLarge) << sql << answer.status().message();
  }
  EXPECT_EQ(Rows("SELECT 1"), base::Json({{1}}));
}
#endif

TEST_F(SqlServiceTest, RefusesAllButReadingItsTables) {
  for (const char* sql : {"SELECT * FROM read_csv('/etc/passwd')",
                          "SELECT * FROM read_text('/etc/passwd')",
                          "SELECT * FROM read_blob('/proc/self/environ')",
                          "SELECT * FROM '/etc/passwd.csv'",
                          "SELECT * FROM glob('/*')",
                          "SELECT * FROM read_parquet('/proc/self/fd/4')",
                          "SELECT * FROM read_json('https://example.com/x.json')",
                          "SELECT * FROM sniff_csv('/etc/passwd')",
                          "COPY (SELECT 1) TO '/tmp/x.csv'",
                          "SELECT 1; SELECT 2",
                          "ATTACH '/tmp/x.db'",
                          "INSTALL httpfs",
                          "LOAD httpfs",
                          "LOAD '/tmp/x.so'",
                          "PRAGMA version",
                          "PRAGMA table_info('telemetry')",
                          "SET memory_limit = '10GB'",
                          "RESET memory_limit",
                          "SELECT getenv('PATH')",
                          "CREATE TABLE x (a INT)",
                          "INSERT INTO telemetry VALUES (1)",
                          "DROP VIEW telemetry",
                          "CALL enable_logging()",
                          "WITH a AS (SELECT 1) INSERT INTO telemetry SELECT * FROM a",
                          "EXPORT DATABASE '/tmp/x'",
                          "EXPLAIN ANALYZE SELECT 1",
                          "CHECKPOINT",
                          "SELECT ?",
                          "SELECT $1",
                          "",
                          ";",
                          "SELECT 1 /*",
                          "SELECT set_config('memory_limit', '10GB')"}) {
    const auto answer = Ask(sql);
    EXPECT_EQ(answer.status().code(), base::Code::kInvalidArgument)
        << sql << (answer.ok() ? answer->body : answer.status().message());
  }
  EXPECT_EQ(service()
                .Query({.sql = "SELECT 1", .time_zone = "Mars/Phobos"}, {})
                .status()
                .fields()
                .at(0)
                .field,
            "time_zone");
}

TEST_F(SqlServiceTest, TakesTheTimeZoneOfTheRequest) {
  const auto answer =
      service().Query({.sql = "SELECT TIMESTAMPTZ '2024-03-31 12:00:00', date_trunc('day', "
                              "TIMESTAMPTZ '2024-03-31 12:00:00')",
                       .time_zone = "Europe/Zurich"},
                      {});
  ASSERT_TRUE(answer.ok()) << answer.status().message();
  // The day on which summer time begins has 23 hours.
  EXPECT_EQ(answer->body, R"([["2024-03-31T10:00:00Z","2024-03-30T23:00:00Z"]])");
}

}  // namespace
}  // namespace energy::sqlquery

int main(int argc, char** argv) {
  if (argc == 2 && std::strcmp(argv[1], "sql-helper") == 0) return energy::sqlquery::RunHelper();
  testing::InitGoogleTest(&argc, argv);
  return RUN_ALL_TESTS();
}
