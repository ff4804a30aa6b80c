#include "http/access_log.h"

#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

#include "base/json.h"
#include "base/temporary_folder.h"

namespace energy::http {
namespace {

Request Asked() {
  Request request;
  request.method = Method::kPost;
  request.target = "/api/x%22y?p=hunter2";
  request.path = "/api/x\"y";
  request.query = {{"p", "hunter2"}};
  request.headers = {{"Authorization", "Bearer hunter2"}, {"Cookie", "energy_refresh=hunter2"}};
  request.body = R"({"password":"hunter2"})";
  request.remote_address = "10.1.2.3";
  request.id = "r-1";
  request.route = "/api/{name}";
  request.user = "u-1";
  return request;
}

TEST(AccessLine, SaysWhoAskedForWhatAndNoSecret) {
  Response response;
  response.status = 201;
  response.body = "hunter2";
  const std::string line =
      AccessLine(Asked(), response, base::Timestamp(std::chrono::seconds(1'800'000'000)),
                 std::chrono::microseconds(1500));
  EXPECT_EQ(line.find("hunter2"), std::string::npos) << line;
  EXPECT_EQ(base::Json::parse(line), base::Json({{"time", "2027-01-15T08:00:00Z"},
                                                 {"request_id", "r-1"},
                                                 {"remote", "10.1.2.3"},
                                                 {"user", "u-1"},
                                                 {"method", "POST"},
                                                 {"path", "/api/x\"y"},
                                                 {"route", "/api/{name}"},
                                                 {"status", 201},
                                                 {"bytes", 7},
                                                 {"duration_ms", 1.5}}));
}

class AccessLogTest : public ::testing::Test {
 protected:
  std::string Read(const std::string& name) {
    std::ifstream file(folder_ / name);
    std::stringstream text;
    text << file.rdbuf();
    return text.str();
  }
  base::TemporaryFolder temporary_;
  const std::filesystem::path& folder_ = temporary_.path();
  base::Metrics metrics_;
};

TEST_F(AccessLogTest, WritesAllLinesBeforeItStopsAndGoesOnAfterARestart) {
  for (const char* round : {"a", "b"}) {
    AccessLog log(folder_ / "log", 1 << 20, base::NullLogger(), metrics_);
    ASSERT_TRUE(log.Start().ok());
    for (int i = 0; i < 1000; ++i) log.Add(round);
    log.Stop();
  }
  std::string expected;
  for (const char* line : {"a\n", "b\n"}) {
    for (int i = 0; i < 1000; ++i) expected += line;
  }
  EXPECT_EQ(Read("log"), expected);
}

TEST_F(AccessLogTest, KeepsTwoFilesOfBoundedSize) {
  for (int i = 0; i < 5; ++i) {
    AccessLog log(folder_ / "log", 100, base::NullLogger(), metrics_);
    ASSERT_TRUE(log.Start().ok());
    log.Add(std::string(60, static_cast<char>('a' + i)));
    log.Stop();
  }
  EXPECT_EQ(Read("log"), std::string(60, 'e') + "\n");
  EXPECT_EQ(Read("log.1"), std::string(60, 'd') + "\n");
}

TEST_F(AccessLogTest, SaysWhenTheFileCannotBeOpened) {
  AccessLog log(folder_ / "no/log", 100, base::NullLogger(), metrics_);
  EXPECT_EQ(log.Start().code(), base::Code::kUnavailable);
}

}  // namespace
}  // namespace energy::http
