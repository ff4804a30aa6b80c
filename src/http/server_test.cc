#include "http/server.h"

#include <pthread.h>

#include <mutex>
#include <stdexcept>

#include "http/gzip.h"
#include "http/test_support.h"

namespace energy::http {
namespace {

TEST(Server, GivesHandlersTheWholeRequest) {
  TestServer server;
  server.router.Add(Method::kPut, "/devices/{id}", [](Request& request) {
    return Text(std::string(MethodName(request.method)) + " " + std::string(request.Param("id")) +
                " " + std::string(*request.Query("q")) + " " + request.body + " " +
                request.remote_address + " " + std::string(request.Header("x-a")));
  });
  auto client = server.Start().NewClient();
  const auto answer = client.Put("/devices/D%207?q=1%262", "body", {{"X-A", "b"}});
  ASSERT_TRUE(answer.ok()) << answer.status().ToString();
  EXPECT_EQ(answer->status, 200);
  EXPECT_EQ(answer->body, "PUT D 7 1&2 body 127.0.0.1 b");
}

TEST(Server, AnswersPipelinedRequestsInOrderOnOneConnection) {
  TestServer server;
  server.router.Add(Method::kGet, "/worker/{n}",
                    [](Request& request) { return Text("w" + std::string(request.Param("n"))); });
  server.router.Add(
      Method::kGet, "/inline/{n}",
      [](Request& request) { return Text("i" + std::string(request.Param("n"))); }, Run::kInline);
  RawConnection raw(server.Start().port());
  std::string requests;
  for (int i = 0; i < 50; ++i) {
    requests += "GET /" + std::string(i % 2 == 0 ? "worker" : "inline") + "/" + std::to_string(i) +
                " HTTP/1.1\r\nHost: x\r\n" + (i == 49 ? "Connection: close\r\n" : "") + "\r\n";
  }
  raw.Send(requests);
  for (int i = 0; i < 50; ++i) {
    const std::string expected = (i % 2 == 0 ? "\r\n\r\nw" : "\r\n\r\ni") + std::to_string(i);
    EXPECT_TRUE(raw.ReadUntil(expected).ends_with(expected)) << i;
  }
  EXPECT_EQ(raw.ReadAll(), "");
  EXPECT_TRUE(raw.closed());
}

TEST(Server, HeadHasTheHeadersOfGetWithoutBody) {
  TestServer server;
  server.router.Add(Method::kGet, "/a", Says("hello"));
  RawConnection raw(server.Start().port());
  raw.Send("HEAD /a HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
  const std::string answer = raw.ReadAll();
  EXPECT_EQ(StatusOf(answer), "200");
  EXPECT_NE(answer.find("Content-Length: 5\r\n"), std::string::npos);
  EXPECT_TRUE(answer.ends_with("\r\n\r\n"));
  EXPECT_EQ(server.NewClient().Head("/a")->Header("Content-Type"), "text/plain");
}

TEST(Server, SpeaksHttp10) {
  TestServer server;
  server.router.Add(Method::kGet, "/a", Says("hello"));
  RawConnection raw(server.Start().port());
  raw.Send("GET /a HTTP/1.0\r\n\r\n");
  const std::string answer = raw.ReadAll();
  EXPECT_EQ(StatusOf(answer), "200");
  EXPECT_TRUE(answer.ends_with("hello"));
}

TEST(Server, JoinsChunkedBodies) {
  TestServer server;
  server.router.Add(Method::kPost, "/a", [](Request& request) { return Text(request.body); });
  RawConnection raw(server.Start().port());
  raw.Send(
      "POST /a HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n");
  raw.Send("3\r\nabc\r\n");
  raw.Send("2;ext=1\r\nde\r\n0\r\n\r\n");
  EXPECT_TRUE(raw.ReadAll().ends_with("\r\n\r\nabcde"));
}

TEST(Server, RunsBySizeWhereTheWorkIsSmallEnough) {
  TestServer server;
  server.router.Add(
      Method::kPost, "/size",
      [](Request&) {
        char name[16] = {};
        pthread_getname_np(pthread_self(), name, sizeof name);
        return Text(name);
      },
      Run::kBySize);
  auto client = server.Start().NewClient();
  EXPECT_TRUE(client.Post("/size", "few")->body.starts_with("io-"));
  EXPECT_TRUE(client.Post("/size", std::string(64 << 10, 'x'))->body.starts_with("io-"));
  EXPECT_EQ(client.Post("/size", std::string((64 << 10) + 1, 'x'))->body, "test");
  const std::string zipped = *Gzip("few", 1);
  EXPECT_EQ(client.Post("/size", zipped, {{"Content-Encoding", "gzip"}})->body, "test");
}

TEST(Server, WrapsItsOwnErrorsInTheErrorBody) {
  TestServer server;
  server.router.SetErrorBody([](int status, std::string_view, const Request& request) {
    return Text("{" + std::to_string(status) + " " + request.path + "}");
  });
  server.router.Add(Method::kGet, "/throws",
                    [](Request&) -> Response { throw std::runtime_error("oops"); });
  server.router.Add(
      Method::kGet, "/odd", [](Request&) -> Response { throw 7; }, Run::kInline);
  auto client = server.Start().NewClient();
  const std::pair<const char*, int> cases[] = {{"/throws", 500}, {"/odd", 500}, {"/none", 404}};
  for (const auto& [path, status] : cases) {
    const auto answer = client.Get(path);
    ASSERT_TRUE(answer.ok());
    EXPECT_EQ(answer->status, status);
    EXPECT_EQ(answer->body, "{" + std::to_string(status) + " " + path + "}");
  }
  const auto not_allowed = client.Post("/throws", "");
  EXPECT_EQ(not_allowed->status, 405);
  EXPECT_EQ(not_allowed->Header("Allow"), "GET, HEAD");
  const auto options = client.Send(Method::kOptions, "/throws", "", {});
  EXPECT_EQ(options->status, 204);
  EXPECT_EQ(options->Header("Allow"), "GET, HEAD");
}

TEST(Server, SendsLargeAnswersWhole) {
  const auto large = std::make_shared<const std::string>(20 << 20, 'x');
  TestServer server;
  server.router.Add(Method::kGet, "/large", [&](Request&) {
    Response response;
    response.shared_body = large;
    return response;
  });
  const auto answer = server.Start().NewClient().Get("/large");
  ASSERT_TRUE(answer.ok()) << answer.status().ToString();
  EXPECT_TRUE(answer->body == *large);
}

TEST(Server, TakesSaneRequestIdsAndMakesOthers) {
  TestServer server;
  server.router.Add(Method::kGet, "/a", [](Request& request) { return Text(request.id); });
  auto client = server.Start().NewClient();
  const auto given = client.Get("/a", {{"X-Request-Id", "abc-1"}});
  EXPECT_EQ(given->body, "abc-1");
  EXPECT_EQ(given->Header("X-Request-Id"), "abc-1");
  const auto odd = client.Get("/a", {{"X-Request-Id", "a b"}});
  EXPECT_TRUE(base::IsUuid(odd->body)) << odd->body;
  EXPECT_EQ(odd->Header("X-Request-Id"), odd->body);
  EXPECT_EQ(client.Get("/none")->Header("X-Request-Id").size(), 36u);
}

TEST(Server, TellsTheObserverAndCounts) {
  std::mutex mutex;
  std::string log;
  TestServer server;
  server.router.Add(Method::kGet, "/a/{id}", Says("hello"));
  server.router.SetObserver([&](const Request& request, const Response& response, auto duration) {
    std::lock_guard lock(mutex);
    log += std::string(MethodName(request.method)) + " " + request.route + " " +
           std::to_string(response.status) + (duration.count() > 0 ? "\n" : " no time\n");
  });
  server.Start();
  {
    auto client = server.NewClient();
    EXPECT_EQ(client.Get("/a/1")->status, 200);
    EXPECT_EQ(client.Post("/a/1", "")->status, 405);
  }
  RawConnection raw(server.port());
  raw.Send("nonsense\r\n\r\n");
  raw.ReadAll();
  server.Stop();
  std::lock_guard lock(mutex);
  EXPECT_EQ(log, "GET /a/{id} 200\nPOST  405\nOTHER  400\n");
  const std::string text = server.metrics.Text();
  EXPECT_NE(text.find("http_requests_total{code=\"2xx\",method=\"GET\"} 1"), std::string::npos)
      << text;
  EXPECT_NE(text.find("http_requests_total{code=\"4xx\",method=\"OTHER\"} 1"), std::string::npos);
  EXPECT_NE(text.find("http_request_duration_seconds_count 3"), std::string::npos);
  EXPECT_NE(text.find("http_connections 0"), std::string::npos);
}

TEST(Server, NamesWhyItCannotListen) {
  TestServer first;
  first.Start();
  Router router;
  base::SystemClock clock;
  base::SystemRandom random;
  base::Metrics metrics;
  base::IoThreads io(1);
  ASSERT_TRUE(io.Start().ok());
  base::WorkerPool workers("test", 1, 1);
  const auto start = [&](ServerOptions options) {
    return Server(options, io, workers, router, clock, random, base::NullLogger(), metrics).Start();
  };
  const std::string where = "127.0.0.1:" + std::to_string(first.port());
  EXPECT_EQ(
      start({.port = first.port()}).message(),
      "another program listens on " + where + ": stop it or choose another with --http ADDR:PORT");
  const base::Status malformed = start({.address = "localhost"});
  EXPECT_EQ(malformed.code(), base::Code::kInvalidArgument);
  EXPECT_NE(malformed.ToString().find("localhost"), std::string::npos);
  EXPECT_NE(start({.address = "192.0.2.1"}).message().find("192.0.2.1"), std::string::npos);
}

}  // namespace
}  // namespace energy::http
