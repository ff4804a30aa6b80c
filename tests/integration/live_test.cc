#include "http/websocket_client.h"
#include "integration/api_fixture.h"

namespace energy::integration {
namespace {

using std::chrono::hours;
using std::chrono::seconds;

class Live : public Api {
 protected:
  base::Result<http::WebSocketClient> Open(const std::string& device,
                                           const std::vector<std::string>& subprotocols,
                                           const http::Headers& headers = {}) {
    http::WebSocketOptions options;
    options.port = platform().http_port();
    options.target = "/api/data/telemetry/" + device + "/live";
    options.subprotocols = subprotocols;
    options.headers = headers;
    options.timeout = kPatience;
    return http::WebSocketClient::Connect(options);
  }
};

TEST_F(Live, SendsTheNewestReadingFirstAndThenWhatIsCommitted) {
  const Credential device = api().MakeDevice("D1");
  const auto client = Connect(device);
  const Reading old{NowMs() - seconds(20)};
  const Reading newest{NowMs() - seconds(10), 231};
  ASSERT_TRUE(Publish(*client, device, old).ok());
  ASSERT_TRUE(Publish(*client, device, newest).ok());

  auto live = Open("D1", {"bearer", api().token()});
  ASSERT_TRUE(live.ok()) << live.status().ToString();
  EXPECT_EQ(live->subprotocol(), "bearer");
  auto also = Open("D1", {}, {{"Authorization", "Bearer " + api().token()}});
  ASSERT_TRUE(also.ok()) << also.status().ToString();
  EXPECT_EQ(also->subprotocol(), "");

  const auto next = [](http::WebSocketClient& socket) {
    const auto message = socket.Receive(kPatience);
    if (!message.ok()) throw std::runtime_error(message.status().ToString());
    return ToReading(base::Json::parse(*message));
  };
  for (http::WebSocketClient* socket : {&*live, &*also}) {
    Reading first = next(*socket);
    // The feed may still hold them when the socket opens; the newest comes last in any case.
    while (first != newest) first = next(*socket);
  }
  // It may come twice: as the newest, and out of the feed.
  const auto next_after = [&](http::WebSocketClient& socket) {
    Reading reading = next(socket);
    while (reading == newest) reading = next(socket);
    return reading;
  };
  for (int i = 0; i < 50; ++i) {
    const Reading reading{NowMs(), 230, 0.01 * i};
    ASSERT_TRUE(Publish(*client, device, reading).ok());
    EXPECT_EQ(next_after(*live), reading);
    EXPECT_EQ(next_after(*also), reading);
  }
  // Another device's readings, and refused ones, are not seen.
  const Credential other = api().MakeDevice("D2");
  ASSERT_TRUE(Publish(*Connect(other), other, {NowMs()}).ok());
  ASSERT_TRUE(Publish(*client, device.topic, "no JSON").ok());
  const Reading last{NowMs(), 240};
  ASSERT_TRUE(Publish(*client, device, last).ok());
  EXPECT_EQ(next(*live), last);
  live->Close();
  EXPECT_EQ(live->close_code(), 1000);
  ASSERT_TRUE(Publish(*client, device, {NowMs(), 220}).ok());
}

TEST_F(Live, NeedsATokenADeviceAndAPageOfThisServer) {
  api().MakeDevice("D1");
  EXPECT_EQ(Open("D1", {}).status().code(), base::Code::kUnauthenticated);
  EXPECT_EQ(Open("D1", {"bearer"}).status().code(), base::Code::kUnauthenticated);
  EXPECT_EQ(Open("D1", {"bearer", "nonsense"}).status().code(), base::Code::kUnauthenticated);
  EXPECT_EQ(Open("D9", {"bearer", api().token()}).status().code(), base::Code::kNotFound);
  EXPECT_EQ(
      Open("D1", {"bearer", api().token()}, {{"Origin", "http://evil.example"}}).status().code(),
      base::Code::kPermissionDenied);
  const std::string own = "http://127.0.0.1:" + std::to_string(platform().http_port());
  EXPECT_TRUE(Open("D1", {"bearer", api().token()}, {{"Origin", own}}).ok());
}

TEST_F(Live, ASlowReaderIsToldWhatItMissedAndHoldsNobody) {
  const Credential device = api().MakeDevice("D1", "counter");
  auto slow = Open("D1", {"bearer", api().token()});
  ASSERT_TRUE(slow.ok()) << slow.status().ToString();
  const auto client = Connect(device);
  constexpr int kReadings = 100'000;
  const base::Timestamp start = NowMs() - hours(1);
  for (int i = 0; i < kReadings; ++i) {
    const std::string payload = R"({"device_id":"D1","timestamp":")" +
                                base::FormatTimestamp(start + std::chrono::milliseconds(i)) +
                                R"(","n":)" + std::to_string(i) + "}";
    ASSERT_TRUE(client->Publish(device.topic, payload, 1).ok());
    if (i % 10'000 == 9'999) {
      ASSERT_TRUE(client->Flush(kPatience).ok());
    }
  }
  ASSERT_TRUE(client->Flush(kPatience).ok());
  int64_t received = 0;
  int64_t missed = 0;
  int64_t newest = -1;
  while (newest < kReadings - 1) {
    const auto message = slow->Receive(kPatience);
    ASSERT_TRUE(message.ok()) << message.status().ToString() << " after " << received << " and "
                              << missed << " missed";
    const base::Json json = base::Json::parse(*message);
    if (json.contains("missed")) {
      missed += json.at("missed").get<int64_t>();
      continue;
    }
    ++received;
    const auto n = json.at("n").get<int64_t>();
    EXPECT_GT(n, newest) << "out of order";
    newest = n;
  }
  EXPECT_GT(received, 0);
  EXPECT_LE(received + missed, kReadings);
}

class LiveLimited : public Live {
 protected:
  void SetUp() override {
    Start({{"ENERGY_LIMITS__ENABLED", "true"},
           {"ENERGY_LIMITS__LIVE_PER_USER", "2"},
           {"ENERGY_LIMITS__LIVE_PER_ADDRESS", "3"}});
    api().MakeDevice("D1");
  }
};

TEST_F(LiveLimited, SoManyConnectionsOfAUserAndOfAnAddress) {
  const auto key = [&](const char* name) {
    return api()
        .PostData("/api/api-keys", {{"name", name}, {"scopes", {"read_telemetry"}}})
        .at("secret")
        .get<std::string>();
  };
  const std::string other = key("other");
  auto first = Open("D1", {"bearer", api().token()});
  auto second = Open("D1", {"bearer", api().token()});
  ASSERT_TRUE(first.ok() && second.ok());
  const base::Status third = Open("D1", {"bearer", api().token()}).status();
  EXPECT_EQ(third.code(), base::Code::kRateLimited) << third.ToString();
  // As an answer of HTTP it says what to do.
  const Answer refused = api().Call(http::Method::kGet, "/api/data/telemetry/D1/live", "",
                                    {{"Connection", "Upgrade"},
                                     {"Upgrade", "websocket"},
                                     {"Sec-WebSocket-Version", "13"},
                                     {"Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ=="}});
  ExpectError(refused, 429, "RATE_LIMITED", {"limit", "retry_after_s"});
  EXPECT_EQ(refused.response.Header("Retry-After"), "5");
  EXPECT_NE(refused.error().at("message").get<std::string>().find("2 live connections"),
            std::string::npos)
      << refused.body;

  auto of_another = Open("D1", {"bearer", other});
  EXPECT_TRUE(of_another.ok());
  EXPECT_EQ(Open("D1", {"bearer", key("third")}).status().code(), base::Code::kRateLimited);
  first->Close();
  EXPECT_TRUE(WaitUntil([&] { return Open("D1", {"bearer", api().token()}).ok(); }));
}

}  // namespace
}  // namespace energy::integration
