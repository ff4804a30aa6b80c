#include "http/client.h"

#include <latch>

#include "http/test_support.h"

namespace energy::http {
namespace {

using std::chrono::milliseconds;

TEST(Client, NamesWhatItCannotReach) {
  uint16_t port = 0;
  {
    TestServer server;
    port = server.Start().port();
  }
  const auto answer = Get("http://127.0.0.1:" + std::to_string(port) + "/a");
  ASSERT_FALSE(answer.ok());
  EXPECT_EQ(answer.status().code(), base::Code::kUnavailable);
  EXPECT_NE(answer.status().message().find(std::to_string(port)), std::string::npos);
  EXPECT_EQ(Get("https://127.0.0.1/").status().code(), base::Code::kInvalidArgument);
}

TEST(Client, TimesOut) {
  std::latch release(1);
  TestServer server;
  server.router.Add(Method::kGet, "/slow", [&](Request&) {
    release.wait();
    return Text("slow");
  });
  Client client("127.0.0.1", server.Start().port(), milliseconds(50));
  EXPECT_EQ(client.Get("/slow").status().code(), base::Code::kUnavailable);
  release.count_down();
}

}  // namespace
}  // namespace energy::http
