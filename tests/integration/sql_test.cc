#include <thread>

#include "integration/api_fixture.h"
#include "integration/load.h"

namespace energy::integration {
namespace {

class Sql : public Api {
 protected:
  void SetUp() override { Start({{"ENERGY_QUERY__SQL_TIME_S", "6"}}); }

  Answer Ask(const std::string& sql) { return api().Post("/api/data/query", {{"sql", sql}}); }
  base::Json Rows(const std::string& sql) {
    const Answer answer = Ask(sql);
    EXPECT_EQ(answer.status, 200) << sql << answer.response.Body();
    return answer.status == 200 ? answer.data().at("rows") : base::Json();
  }
  // Publishes `count` readings of a bulb, one a second, the first at `from`; voltage is 200 + i
  // % 50.
  void Fill(const std::string& device, base::Timestamp from, int count) {
    const Credential credential = api().MakeDevice(device);
    const auto client = Connect(credential);
    for (int i = 0; i < count; ++i) {
      const Reading reading{.time = from + std::chrono::seconds(i), .voltage = 200.0 + i % 50};
      ASSERT_TRUE(Publish(*client, credential, reading).ok());
    }
  }
};

TEST_F(Sql, AnswersWhatTheReadingsSay) {
  const auto from = std::chrono::floor<std::chrono::hours>(NowMs()) - std::chrono::hours(3);
  Fill("B1", from, 120);
  Fill("B2", from, 30);
  double sum = 0;
  for (int i = 0; i < 120; ++i) sum += 200.0 + i % 50;
  const std::string start = base::FormatTimestamp(from);
  EXPECT_EQ(Rows("SELECT sum(voltage), count(*) FROM telemetry WHERE device_id = 'B1'"),
            base::Json::parse("[[" + std::to_string(sum) + ", 120]]"));
  EXPECT_EQ(Rows("SELECT count(*) FROM telemetry WHERE time >= '" + start +
                 "' AND time < TIMESTAMPTZ '" + start + "' + INTERVAL 10 SECOND"),
            base::Json::parse("[[20]]"));
  EXPECT_EQ(
      Rows("SELECT device_id, time FROM telemetry WHERE device_id = 'B2' ORDER BY time LIMIT 1"),
      base::Json::parse(R"([["B2", ")" + start + R"("]])"));
  EXPECT_EQ(
      Rows("SELECT d.device_id, d.type, count(*) FROM telemetry t JOIN devices d USING (device_id) "
           "GROUP BY ALL ORDER BY ALL"),
      base::Json::parse(R"([["B1", "bulb", 120], ["B2", "bulb", 30]])"));
  EXPECT_EQ(Rows("SELECT max(step) FROM (SELECT epoch(time - lag(time) OVER "
                 "(PARTITION BY device_id ORDER BY time)) AS step FROM telemetry)"),
            base::Json::parse("[[1.0]]"));
  EXPECT_EQ(Rows("SELECT count(*) FROM alerts a JOIN telemetry t USING (device_id)"),
            base::Json::parse("[[0]]"));
}

TEST_F(Sql, SeesAlertsAndNoSecrets) {
  const Credential credential = api().MakeDevice("B1");
  api().PostData("/api/rules", RuleFor("B1"));
  const auto client = Connect(credential);
  ASSERT_TRUE(Publish(*client, credential, {.time = NowMs(), .temperature = 60}).ok());
  ASSERT_TRUE(
      WaitUntil([&] { return Rows("SELECT count(*) FROM alerts") == base::Json::parse("[[1]]"); }));
  EXPECT_EQ(Rows("SELECT a.device_id, a.property, a.status, t.temperature FROM alerts a "
                 "JOIN telemetry t ON t.device_id = a.device_id AND t.time = a.created_at"),
            base::Json::parse(R"([["B1", "temperature", "open", 60.0]])"));
  for (const char* table :
       {"users", "mqtt_credentials", "refresh_tokens", "rules", "sqlite_master_"}) {
    ExpectError(Ask(std::string("SELECT * FROM ") + table), 400, "VALIDATION_ERROR", {"sql"});
  }
}

TEST_F(Sql, GivesCsvAndParquet) {
  const std::string body = R"({"sql": "SELECT 1 AS a, 'x' AS b"})";
  const Answer csv =
      api().Call(http::Method::kPost, "/api/data/query", body, {{"Accept", "text/csv"}});
  EXPECT_EQ(csv.response.Body(), "a,b\r\n1,x\r\n");
  EXPECT_EQ(csv.response.Header("X-Row-Count"), "1");
  const Answer parquet = api().Call(http::Method::kPost, "/api/data/query", body,
                                    {{"Accept", "application/vnd.apache.parquet"}});
  ASSERT_EQ(parquet.status, 200);
  EXPECT_EQ(parquet.response.Header("Content-Type"), "application/vnd.apache.parquet");
  EXPECT_EQ(parquet.response.Body().substr(0, 4), "PAR1");
}

TEST_F(Sql, NobodyWithoutATokenMayAsk) {
  ExpectError(Anonymous().Post("/api/data/query", {{"sql", "SELECT 1"}}), 401, "UNAUTHENTICATED");
}

TEST_F(Sql, WhatItMustNotReachIsRefused) {
  for (const char* sql :
       {"SELECT * FROM read_csv('/etc/passwd')", "COPY (SELECT 1) TO '/tmp/x'",
        "ATTACH '/tmp/x.db'", "INSTALL httpfs", "LOAD httpfs", "PRAGMA version", "SET threads = 8",
        "SELECT getenv('HOME')", "SELECT * FROM 'https://example.com/x.csv'", "SELECT 1; SELECT 2",
        "SELECT * FROM glob('/*')"}) {
    ExpectError(Ask(sql), 400, "VALIDATION_ERROR", {"sql"});
  }
}

#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
class SqlMemory : public Sql {
 protected:
  void SetUp() override { Start({{"ENERGY_QUERY__SQL_MEMORY_BYTES", "134217728"}}); }
};

// One that the engine itself ends, one that the limit of the process ends, one that is sorted.
TEST_F(SqlMemory, MoreMemoryThanOneMayUseIsRefused) {
  Fill("B1", std::chrono::floor<std::chrono::hours>(NowMs()) - std::chrono::hours(1), 20);
  for (const char* sql :
       {"SELECT list(r) FROM range(100000000) t(r)", "SELECT repeat('x', 1000000000)",
        "SELECT * FROM range(100000) a, range(100000) b ORDER BY random()"}) {
    const Answer answer = Ask(sql);
    ExpectError(answer, 413, "PAYLOAD_TOO_LARGE");
    const std::string message = answer.error().at("message");
    EXPECT_NE(message.find("memory"), std::string::npos) << message;
    EXPECT_EQ(Rows("SELECT count(*) FROM telemetry"), base::Json::parse("[[20]]")) << sql;
  }
}
#endif

// Abuse ends within its limits, and readings are stored and answered all the while.
TEST_F(Sql, AbuseHarmsNobody) {
  const Credential credential = api().MakeDevice("load", "any");
  Load load({credential});
  load.Start(platform().mqtt_port());
  std::thread abuse([&] {
    ApiClient other(platform().http_port());
    other.set_token(api().token());
    for (const char* sql :
         {"WITH RECURSIVE t(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM t) SELECT max(n) FROM t",
          "SELECT count(*) FROM range(10000000) a, range(10000000) b"}) {
      const Answer answer = other.Post("/api/data/query", {{"sql", sql}});
      EXPECT_EQ(answer.status, 413) << answer.response.Body();
    }
    const Answer cut = other.Post("/api/data/query", {{"sql", "SELECT * FROM range(1000000)"}});
    EXPECT_EQ(cut.status, 200);
    EXPECT_EQ(cut.data().at("row_count"), 100'000);
    EXPECT_EQ(cut.data().at("truncated"), true);
  });
  int64_t last = 0;
  for (int i = 0; i < 20; ++i) {
    const int64_t count = Rows("SELECT count(*) FROM telemetry")[0][0];
    EXPECT_GE(count, last);
    last = count;
  }
  abuse.join();
  EXPECT_TRUE(load.Finish());
  EXPECT_EQ(Rows("SELECT count(*) FROM telemetry"),
            base::Json::array({base::Json::array({load.acknowledged()})}));
}

}  // namespace
}  // namespace energy::integration
