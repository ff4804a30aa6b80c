#include "http/server.h"
#include "http/test_support.h"

namespace energy::http {
namespace {

TEST(Server, AsksForTheBodyOnExpect) {
  TestServer server({.body_limit = 1000});
  server.router.Add(Method::kPost, "/a", [](Request& request) { return Text(request.body); });
  RawConnection raw(server.Start().port());
  raw.Send("POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nExpect: 100-continue\r\n\r\n");
  EXPECT_EQ(raw.ReadUntil("\r\n\r\n"), "HTTP/1.1 100 Continue\r\n\r\n");
  raw.Send("abc");
  EXPECT_EQ(StatusOf(raw.ReadUntil("\r\n\r\nabc")), "200");
  // Too much is refused before it is sent.
  raw.Send("POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 3000\r\nExpect: 100-continue\r\n\r\n");
  EXPECT_EQ(StatusOf(raw.ReadAll()), "413");
}

TEST(Server, RefusesWhatIsTooLarge) {
  TestServer server({.body_limit = 1000, .header_limit = 2000});
  server.router.Add(Method::kPost, "/a", Says("taken"));
  server.Start();
  const std::string head = "POST /a HTTP/1.1\r\nHost: x\r\n";
  const std::string chunk = "200\r\n" + std::string(512, 'x') + "\r\n";
  const std::pair<std::string, std::string> cases[] = {
      {head + "Content-Length: 1001\r\n\r\n" + std::string(1001, 'x'), "413"},
      {head + "Transfer-Encoding: chunked\r\n\r\n" + chunk + chunk + "0\r\n\r\n", "413"},
      {head + "X: " + std::string(3000, 'x') + "\r\n\r\n", "431"},
      {"GET /" + std::string(3000, 'x') + " HTTP/1.1\r\nHost: x\r\n\r\n", "414"},
      {head + "Transfer-Encoding: chunked\r\n\r\n1;" + std::string(40'000, 'x'), "400"},
  };
  for (const auto& [request, status] : cases) {
    RawConnection raw(server.port());
    raw.Send(request);
    EXPECT_EQ(StatusOf(raw.ReadAll()), status) << request.substr(0, 60);
    EXPECT_TRUE(raw.closed());
  }
  EXPECT_EQ(server.NewClient().Post("/a", std::string(1000, 'x'))->status, 200);
}

TEST(Server, RefusalReachesAClientThatIsStillSending) {
  TestServer server({.body_limit = 1000});
  server.router.Add(Method::kPost, "/a", Says("taken"));
  RawConnection raw(server.Start().port());
  raw.Send("POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 5000000\r\n\r\n");
  EXPECT_TRUE(raw.Send(std::string(5'000'000, 'x')));
  EXPECT_EQ(StatusOf(raw.ReadAll()), "413");
}

TEST(Server, RefusesWhatIsMalformed) {
  TestServer server;
  server.router.Add(Method::kGet, "/a", Says("taken"));
  server.router.Add(Method::kPost, "/a", Says("taken"));
  server.Start();
  const std::pair<std::string_view, std::string_view> cases[] = {
      {"\x16\x03\x01 tls hello\r\n\r\n", "400"},
      {"GET\r\n\r\n", "400"},
      {"GET /a HTTP/1.1\r\nno colon\r\nHost: x\r\n\r\n", "400"},
      {"GET /a HTTP/1.1\r\nHost : x\r\n\r\n", "400"},
      {"GET /a HTTP/2.0\r\nHost: x\r\n\r\n", "505"},
      {"GET /a HTTP/1.1\r\n\r\n", "400"},
      {"GET /a HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n", "400"},
      {"GET /%zz HTTP/1.1\r\nHost: x\r\n\r\n", "400"},
      {"CONNECT x:443 HTTP/1.1\r\nHost: x\r\n\r\n", "400"},
      {"POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n", "400"},
      {"POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab", "400"},
      {"POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n"
       "0\r\n\r\n",
       "400"},
      {"POST /a HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: gzip\r\n\r\n", "501"},
      {"POST /a HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", "400"},
  };
  for (const auto& [request, status] : cases) {
    RawConnection raw(server.port());
    raw.Send(request);
    EXPECT_EQ(StatusOf(raw.ReadAll()), status) << request;
    EXPECT_TRUE(raw.closed());
  }
}

TEST(Server, ARouteMayTakeLargerBodiesWithinTheBudget) {
  ServerOptions options;
  options.body_limit = 1000;
  options.large_body_budget = 5000;
  TestServer server(options);
  AddEcho(server);
  server.router.Add(
      Method::kPost, "/large", [](Request& request) { return Text(request.body); }, Run::kWorker,
      4000);
  auto client = server.Start().NewClient();
  const std::string body(4000, 'x');
  EXPECT_EQ(client.Post("/echo", body)->status, 413);
  EXPECT_EQ(client.Post("/large", body)->body, body);
  EXPECT_EQ(client.Post("/large", body + "x")->status, 413);

  // One that is under way holds its part of the budget until it is answered.
  RawConnection slow(server.port());
  const std::string head = "POST /large HTTP/1.1\r\nHost: x\r\nContent-Length: 4000\r\n";
  ASSERT_TRUE(slow.Send(head + "Expect: 100-continue\r\n\r\n"));
  slow.ReadUntil("\r\n\r\n");
  const auto refused = client.Post("/large", body);
  EXPECT_EQ(refused->status, 503);
  EXPECT_EQ(refused->Header("Retry-After"), "1");
  ASSERT_TRUE(slow.Send(body));
  slow.ReadUntil(body);
  EXPECT_EQ(client.Post("/large", body)->status, 200);
}

TEST(Server, RefusesMoreConnectionsThanAllowed) {
  TestServer server({.max_connections = 1});
  server.router.Add(Method::kGet, "/a", Says("hello"));
  auto first = server.Start().NewClient();
  EXPECT_EQ(first.Get("/a")->status, 200);
  RawConnection second(server.port());
  EXPECT_EQ(StatusOf(second.ReadAll()), "503");
  EXPECT_EQ(first.Get("/a")->status, 200);
}

}  // namespace
}  // namespace energy::http
