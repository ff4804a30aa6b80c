#include "api/query_answer.h"

#include <fstream>

#include "http/test_support.h"
#include "telemetry/test_support.h"

namespace energy::api {
namespace {

constexpr int64_t kSecondNs = 1'000'000'000;
constexpr int64_t kStartNs = 1'770'000'000 * kSecondNs;

class QueryAnswerTest : public ::testing::Test {
 protected:
  void Store(int64_t readings) {
    platform_.AddDevice("D1");
    const series::DeviceRef device = *platform_.store->OpenDevice("D1");
    const series::FieldRef fields[] = {*platform_.store->OpenField("power"),
                                       *platform_.store->OpenField("voltage")};
    series::Batch batch;
    for (int64_t i = 0; i < readings; ++i) {
      const double values[] = {static_cast<double>(i % 50'000) / 100, 230.5};
      batch.Add(device, kStartNs + i * kSecondNs, fields, values);
      if (batch.rows.size() < 100'000 && i + 1 < readings) continue;
      ASSERT_TRUE(platform_.store->Append(batch).ok());
      batch.Clear();
    }
    ASSERT_TRUE(platform_.store->Seal().ok());
  }

  http::Response Answer(http::Request& request) {
    QueryInput input(request);
    const AnswerForm form = ReadForm(input, request);
    if (const base::Status status = input.Check(); !status.ok()) return envelope_.Error(status);
    auto answer = engine_.Range({.device_id = "D1",
                                 .start = base::Timestamp(std::chrono::nanoseconds(kStartNs)),
                                 .end = base::Timestamp(std::chrono::seconds(3'000'000'000)),
                                 .fields = {},
                                 .limit = {},
                                 .max_points = {}});
    if (!answer.ok()) return envelope_.Error(answer.status());
    return Respond(std::move(answer).value(), form, envelope_);
  }
  void Serve() {
    server_.router.Add(http::Method::kGet, "/a",
                       [this](http::Request& request) { return Answer(request); });
    server_.Start();
  }

  telemetry::TestPlatform platform_;
  base::SystemClock clock_;
  Envelope envelope_{clock_};
  query::Engine engine_{*platform_.store, platform_.registry, clock_};
  http::TestServer server_;
};

TEST_F(QueryAnswerTest, TakesTheFormFromParametersAndAccept) {
  Store(2);
  Serve();
  auto client = server_.NewClient();
  const auto type = [&](const std::string& target, const std::string& accept) {
    const auto answer = client.Get(target, {{"Accept", accept}});
    return answer.ok() ? std::string(answer->Header("Content-Type").substr(0, 20)) : "nothing";
  };
  EXPECT_EQ(type("/a", "*/*"), "application/json; ch");
  EXPECT_EQ(type("/a", "text/csv"), "text/csv; charset=ut");
  EXPECT_EQ(type("/a", "text/html, text/csv;q=0.5, application/json;q=0.4"),
            "text/csv; charset=ut");
  EXPECT_EQ(type("/a", "application/json, text/csv;q=0.9"), "application/json; ch");
  EXPECT_EQ(type("/a", "application/vnd.apache.arrow.stream"), "application/vnd.apac");
  EXPECT_EQ(type("/a", "application/vnd.apache.parquet"), "application/vnd.apac");
  EXPECT_EQ(client.Get("/a?format=parquet")->body.substr(0, 4), "PAR1");
  EXPECT_EQ(client.Get("/a?format=parquet")->Header("X-Source"), "raw");
  EXPECT_EQ(type("/a?format=json", "text/csv"), "application/json; ch");
  EXPECT_EQ(client.Get("/a?format=xml")->status, 400);
  EXPECT_EQ(client.Get("/a?layout=heap")->status, 400);
  const auto columns = base::Json::parse(client.Get("/a?layout=columns&time=s")->body);
  EXPECT_EQ(columns["data"]["time"].dump(), "[1770000000,1770000001]");
  EXPECT_EQ(columns["data"]["fields"]["power"].dump(), "[0,0.01]");
  EXPECT_EQ(columns["success"], true);
}

TEST_F(QueryAnswerTest, ALongAnswerIsWholeInEachForm) {
  constexpr int64_t kReadings = 60'000;
  Store(kReadings);
  Serve();
  auto client = server_.NewClient();
  const auto rows = client.Get("/a");
  ASSERT_TRUE(rows.ok());
  EXPECT_EQ(rows->Header("Transfer-Encoding"), "chunked");
  const auto json = base::Json::parse(rows->body);
  EXPECT_EQ(json["data"]["count"], kReadings);
  EXPECT_EQ(json["data"]["data"].size(), static_cast<size_t>(kReadings));
  EXPECT_EQ(json["data"]["data"].back()["power"], 99.99);
  const auto csv = client.Get("/a?format=csv");
  EXPECT_EQ(std::count(csv->body.begin(), csv->body.end(), '\n'), kReadings + 1);
  const auto columns = client.Get("/a?layout=columns");
  EXPECT_EQ(columns->Header("Transfer-Encoding"), "chunked");
  EXPECT_EQ(base::Json::parse(columns->body)["data"]["count"], kReadings);
}

size_t ResidentBytes() {
  std::ifstream file("/proc/self/statm");
  size_t total = 0;
  size_t resident = 0;
  file >> total >> resident;
  return resident * static_cast<size_t>(sysconf(_SC_PAGESIZE));
}

// Nothing of the answer is kept: it is several times as long as memory may grow.
TEST_F(QueryAnswerTest, AStreamNeedsNoMemoryForItsLength) {
  constexpr int64_t kReadings = 1'000'000;
  Store(kReadings);
  Serve();
  http::RawConnection raw(server_.port());
  raw.Send("GET /a HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
  raw.ReadUntil("\"data\":[");
  const size_t before = ResidentBytes();
  size_t most = before;
  size_t bytes = 0;
  while (!raw.closed()) {
    bytes += raw.ReadUntil("}").size();
    if (bytes % 4096 < 64) most = std::max(most, ResidentBytes());
  }
  EXPECT_GT(bytes, size_t{70} << 20);
#if !defined(__SANITIZE_ADDRESS__)  // which keeps freed memory for a while
  // Blocks of the store's cache, buffers of the allocator, two pieces.
  EXPECT_LT(most - before, size_t{40} << 20) << bytes;
#endif
}

}  // namespace
}  // namespace energy::api
