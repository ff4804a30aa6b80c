#include <csignal>
#include <iostream>
#include <set>

#include "http/websocket_client.h"
#include "integration/platform_test.h"

namespace energy::integration {
namespace {

using std::chrono::seconds;

class DemoTest : public testing::Test {
 protected:
  void StartDemo(const Arguments& arguments = {}) {
    platform_ = std::make_unique<Platform>(
        Platform::Options{.data_dir = data_dir_, .command = "demo", .arguments = arguments});
    api_ = std::make_unique<ApiClient>(platform_->http_port());
    api_->LoginAsAdmin(data_dir_);
  }
  // Readings of D1 in the last `age`, and whether they are a reading each five seconds.
  int64_t CountHistory(std::chrono::hours age) {
    const auto now = std::chrono::floor<std::chrono::hours>(NowMs());
    int64_t count = 0;
    constexpr std::chrono::hours kStep{24};  // 17,280 readings
    for (auto start = now - age; start < now; start += kStep) {
      count += api_->GetData("/api/data/telemetry/D1?fields=power&limit=100000&start=" +
                             base::FormatTimestamp(start) +
                             "&end=" + base::FormatTimestamp(std::min(start + kStep, now)))
                   .at("count")
                   .get<int64_t>();
    }
    return count;
  }

  TemporaryFolder folder_;
  const std::filesystem::path data_dir_ = folder_.path() / "data";
  std::unique_ptr<Platform> platform_;
  std::unique_ptr<ApiClient> api_;
};

TEST_F(DemoTest, HasADeviceTwoWeeksOfHistoryRulesAndLiveReadings) {
  StartDemo();
  std::cout << "first start: " << platform_->start_time().count() << " ms\n";
  EXPECT_EQ(api_->GetData("/api/devices").at("total"), 1);
  EXPECT_EQ(api_->GetData("/api/devices/D1").at("type"), "bulb");
  EXPECT_EQ(CountHistory(std::chrono::hours(24 * 13)), 13 * 17'280);
  // The first and the last day are not whole.
  const int64_t all = CountHistory(std::chrono::hours(24 * 15));
  EXPECT_GE(all, 241'920 - 720);
  EXPECT_LE(all, 241'920);
  std::set<std::string> rules;
  const base::Json listed = api_->GetData("/api/rules");
  for (const base::Json& rule : listed.at("rules")) {
    rules.insert(rule.at("property").get<std::string>() + rule.at("operator").get<std::string>() +
                 rule.at("threshold").dump());
  }
  EXPECT_EQ(rules, (std::set<std::string>{"temperature>50.0", "voltage>245.0"}));
  EXPECT_GT(api_->GetData("/api/alerts").at("total"), 0);

  http::WebSocketOptions options;
  options.port = platform_->http_port();
  options.target = "/api/data/telemetry/D1/live";
  options.subprotocols = {"bearer", api_->token()};
  auto live = http::WebSocketClient::Connect(options);
  ASSERT_TRUE(live.ok()) << live.status().ToString();
  const auto first = live->Receive(seconds(7));
  ASSERT_TRUE(first.ok()) << first.status().ToString();
  const auto next = live->Receive(seconds(7));
  ASSERT_TRUE(next.ok()) << next.status().ToString();
  EXPECT_LT(std::chrono::abs(ToReading(base::Json::parse(*next)).time - NowMs()), seconds(2));
  EXPECT_EQ(api_->GetData("/api/devices/D1/status").at("online"), true);
  EXPECT_EQ(api_->GetData("/api/data/dead-letters").at("total"), 0);
  // The history was not sent: it says nothing of how the device reports.
  const base::Json arrivals = api_->GetData("/api/devices/D1/ingest");
  EXPECT_GT(arrivals.at("received"), 241'000);
  for (const char* count : {"late", "out_of_order"}) EXPECT_EQ(arrivals.at(count), 0) << count;

  const auto memory = api_->GetData("/api/system").at("memory_bytes").get<int64_t>();
  std::cout << "memory: " << memory / 1'000'000 << " MB\n";
  EXPECT_GT(memory, 1'000'000);
  if (!kSanitized) {
    EXPECT_LT(memory, 120'000'000);
  }
}

TEST_F(DemoTest, ALaterStartIsReadyWithin2SecondsAndKeepsWhatIsThere) {
  StartDemo();
  ASSERT_EQ(api_->Put("/api/devices/D1", {{"name", "My lamp"}}).status, 200);
  const int64_t before = CountHistory(std::chrono::hours(24 * 13));
  for (const int signal : {SIGINT, SIGKILL}) {
    SCOPED_TRACE(signal);
    platform_->process().Signal(signal);
    ASSERT_TRUE(platform_->process().Wait());
    StartDemo();
    std::cout << "later start: " << platform_->start_time().count() << " ms\n";
    if (!kSanitized) {
      EXPECT_LT(platform_->start_time(), seconds(2));
    }
    EXPECT_EQ(CountHistory(std::chrono::hours(24 * 13)), before);
    EXPECT_EQ(api_->GetData("/api/devices/D1").at("name"), "My lamp");
    EXPECT_EQ(api_->GetData("/api/rules").at("total"), 2);
  }
  if (kSanitized) return;
  const auto memory = api_->GetData("/api/system").at("memory_bytes").get<int64_t>();
  std::cout << "memory: " << memory / 1'000'000 << " MB\n";
  EXPECT_LT(memory, 120'000'000);
}

TEST_F(DemoTest, AStopDuringTheFirstStartLeavesAFolderThatWorks) {
  for (const int signal : {SIGKILL, SIGINT}) {
    SCOPED_TRACE(signal);
    Platform starting({.data_dir = data_dir_, .command = "demo"}, Platform::DoNotWait{});
    // It is writing its history then.
    ASSERT_TRUE(WaitUntil([&] {
      return starting.process().Err().find("[http] listening") != std::string::npos;
    })) << starting.process().Err();
    starting.process().Signal(signal);
    ASSERT_TRUE(starting.process().Wait());
  }
  StartDemo();
  EXPECT_EQ(CountHistory(std::chrono::hours(24 * 13)), 13 * 17'280)
      << "the history of a first start that was cut off is never completed";
  EXPECT_EQ(api_->GetData("/api/rules").at("total"), 2);
}

}  // namespace
}  // namespace energy::integration
