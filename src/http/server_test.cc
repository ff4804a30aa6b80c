#include "http/server.h"

#include <pthread.h>
#include <zlib.h>

#include <atomic>
#include <future>
#include <latch>
#include <mutex>
#include <stdexcept>

#include "http/gzip.h"
#include "http/late_answer.h"
#include "http/test_support.h"

namespace energy::http {
namespace {

using std::chrono::milliseconds;

std::string Unzip(const std::string& data) {
  z_stream stream{};
  inflateInit2(&stream, 15 + 16);
  std::string out(1 << 20, '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(data.data()));
  stream.avail_in = static_cast<uInt>(data.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  EXPECT_EQ(inflate(&stream, Z_FINISH), Z_STREAM_END);
  out.resize(stream.total_out);
  inflateEnd(&stream);
  return out;
}

// The status line's code of a raw answer.
std::string StatusOf(const std::string& answer) {
  return answer.size() < 12 ? "no answer: '" + answer + "'" : answer.substr(9, 3);
}

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

TEST(Server, EndsSlowAndIdleConnections) {
  TestServer server({.header_timeout = milliseconds(200),
                     .body_timeout = milliseconds(200),
                     .idle_timeout = milliseconds(200)});
  server.router.Add(Method::kPost, "/a", Says("taken"));
  server.Start();
  RawConnection silent(server.port());
  RawConnection half_header(server.port());
  half_header.Send("POST /a HTTP/1.1\r\nHost: x\r\n");
  RawConnection half_body(server.port());
  half_body.Send("POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nab");
  RawConnection idle(server.port());
  idle.Send("POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n");
  EXPECT_EQ(StatusOf(half_header.ReadAll()), "408");
  EXPECT_EQ(StatusOf(half_body.ReadAll()), "408");
  EXPECT_TRUE(idle.ReadAll().ends_with("taken"));
  EXPECT_EQ(silent.ReadAll(), "");
  for (const auto* raw : {&silent, &half_header, &half_body, &idle}) EXPECT_TRUE(raw->closed());
}

TEST(Server, SlowClientsAndHandlersHoldNobodyUp) {
  std::latch started(1);
  std::latch release(1);
  TestServer server;
  server.router.Add(Method::kGet, "/slow", [&](Request&) {
    started.count_down();
    release.wait();
    return Text("slow");
  });
  server.router.Add(Method::kGet, "/fast", Says("fast"), Run::kInline);
  RawConnection partial(server.Start().port());
  partial.Send("GET /fast HT");
  RawConnection slow(server.port());
  slow.Send("GET /slow HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
  started.wait();
  // Two loops: one of these shares its loop with the slow ones.
  for (int i = 0; i < 4; ++i) EXPECT_EQ(server.NewClient().Get("/fast")->body, "fast");
  release.count_down();
  EXPECT_TRUE(slow.ReadAll().ends_with("slow"));
  partial.Send("TP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
  EXPECT_TRUE(partial.ReadAll().ends_with("fast"));
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

TEST(Server, AnswersUnavailableWhenTheWorkersAreBehind) {
  std::latch started(1);
  std::latch release(1);
  std::atomic<bool> first = true;
  TestServer server({}, 1, 1);
  server.router.Add(Method::kGet, "/slow", [&](Request&) {
    if (first.exchange(false)) started.count_down();
    release.wait();
    return Text("slow");
  });
  constexpr std::string_view kRequest =
      "GET /slow HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
  RawConnection running(server.Start().port());
  running.Send(kRequest);
  started.wait();
  // One of the two is queued, the other refused.
  RawConnection a(server.port());
  RawConnection b(server.port());
  a.Send(kRequest);
  b.Send(kRequest);
  RawConnection c(server.port());
  c.Send(kRequest);
  std::future<std::string> answers[] = {
      std::async(std::launch::async, [&] { return a.ReadAll(); }),
      std::async(std::launch::async, [&] { return b.ReadAll(); }),
      std::async(std::launch::async, [&] { return c.ReadAll(); })};
  // Two answers come while the worker is still held up.
  size_t refused = 0;
  while (refused < 2) {
    for (auto& answer : answers) {
      if (!answer.valid() || answer.wait_for(milliseconds(1)) != std::future_status::ready)
        continue;
      const std::string text = answer.get();
      EXPECT_EQ(StatusOf(text), "503");
      EXPECT_NE(text.find("Retry-After: 1\r\n"), std::string::npos);
      ++refused;
    }
  }
  release.count_down();
  EXPECT_TRUE(running.ReadAll().ends_with("slow"));
  for (auto& answer : answers) {
    if (!answer.valid()) continue;
    EXPECT_TRUE(answer.get().ends_with("slow"));
  }
}

TEST(Server, LimitsPendingRequests) {
  std::latch started(1);
  std::latch release(1);
  TestServer server({.max_pending_requests = 1}, 2, 64);
  server.router.Add(Method::kGet, "/slow", [&](Request&) {
    started.count_down();
    release.wait();
    return Text("slow");
  });
  server.router.Add(Method::kGet, "/other", Says("other"));
  RawConnection running(server.Start().port());
  running.Send("GET /slow HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
  started.wait();
  EXPECT_EQ(server.NewClient().Get("/other")->status, 503);
  release.count_down();
  EXPECT_TRUE(running.ReadAll().ends_with("slow"));
  EXPECT_EQ(server.NewClient().Get("/other")->status, 200);
}

TEST(Server, CompressesLargeTextForThoseWhoTakeIt) {
  const std::string large(5000, 'x');
  TestServer server;
  server.router.Add(Method::kGet, "/large", [&](Request&) {
    Response response = Text(large);
    response.SetHeader("ETag", "\"1\"");
    return response;
  });
  server.router.Add(Method::kGet, "/small", Says("x"));
  server.router.Add(Method::kGet, "/image", [&](Request&) {
    Response response;
    response.SetHeader("Content-Type", "image/png");
    response.body = large;
    return response;
  });
  auto client = server.Start().NewClient();
  const Headers gzip{{"Accept-Encoding", "gzip"}};
  const auto compressed = client.Get("/large", gzip);
  EXPECT_EQ(compressed->Header("Content-Encoding"), "gzip");
  EXPECT_EQ(compressed->Header("Vary"), "Accept-Encoding");
  EXPECT_EQ(compressed->Header("ETag"), "W/\"1\"");
  EXPECT_LT(compressed->body.size(), 500u);
  EXPECT_EQ(Unzip(compressed->body), large);
  EXPECT_EQ(client.Get("/large")->body, large);
  EXPECT_EQ(client.Get("/large")->Header("ETag"), "\"1\"");
  EXPECT_EQ(client.Get("/small", gzip)->body, "x");
  EXPECT_EQ(client.Get("/image", gzip)->body, large);
}

std::string Compressed(const std::string& data) { return Gzip(data, 1).value(); }

void AddEcho(TestServer& server) {
  server.router.Add(Method::kPost, "/echo", [](Request& request) { return Text(request.body); });
}

TEST(Server, ExpandsCompressedBodies) {
  TestServer server;
  AddEcho(server);
  auto client = server.Start().NewClient();
  const Headers gzip{{"Content-Encoding", "gzip"}};
  std::string body;
  for (int i = 0; i < 30'000; ++i) body += std::to_string(i);
  EXPECT_EQ(client.Post("/echo", Compressed(body), gzip)->body, body);
  EXPECT_EQ(client.Post("/echo", Compressed("a") + Compressed("b"), gzip)->body, "ab");
  EXPECT_EQ(client.Post("/echo", "no gzip", gzip)->status, 400);
  const std::string whole = Compressed(body);
  EXPECT_EQ(client.Post("/echo", whole.substr(0, whole.size() - 9), gzip)->status, 400);
  EXPECT_EQ(client.Post("/echo", "x", {{"Content-Encoding", "br"}})->status, 415);
}

TEST(Server, RefusesABodyThatExpandsBeyondTheLimit) {
  ServerOptions options;
  options.body_limit = 100'000;
  TestServer server(options);
  AddEcho(server);
  auto client = server.Start().NewClient();
  const Headers gzip{{"Content-Encoding", "gzip"}};
  EXPECT_EQ(client.Post("/echo", Compressed(std::string(100'000, 'x')), gzip)->status, 200);
  EXPECT_EQ(client.Post("/echo", Compressed(std::string(100'001, 'x')), gzip)->status, 413);
  EXPECT_EQ(client.Post("/echo", Compressed(std::string(64 << 20, 'x')), gzip)->status, 413);
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

TEST(Server, TellsALateAnswerThatItsClientLeft) {
  TestServer server;
  std::promise<std::shared_ptr<LateAnswer>> made;
  server.router.Add(Method::kGet, "/later", [&](Request&) {
    Response response;
    response.later = std::make_shared<LateAnswer>();
    made.set_value(response.later);
    return response;
  });
  server.Start();
  std::shared_ptr<LateAnswer> answer;
  {
    RawConnection client(server.port());
    client.Send("GET /later HTTP/1.1\r\nHost: x\r\n\r\n");
    answer = made.get_future().get();
    EXPECT_FALSE(answer->abandoned());
  }
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(30);
  while (!answer->abandoned() && std::chrono::steady_clock::now() < end) std::this_thread::yield();
  EXPECT_TRUE(answer->abandoned());
  answer->Complete(Text("in vain"));
}

TEST(Server, AnswersLaterWithoutAThreadThatWaits) {
  TestServer server({}, 1);
  std::mutex mutex;
  std::vector<std::shared_ptr<LateAnswer>> waiting;
  server.router.Use([](Request& request, const Handler& next) {
    Response response = next(request);
    response.SetHeader("X-Middleware", "yes");
    return response;
  });
  server.router.Add(Method::kPost, "/later", [&](Request&) {
    Response response;
    response.later = std::make_shared<LateAnswer>();
    std::lock_guard lock(mutex);
    waiting.push_back(response.later);
    return response;
  });
  server.router.Add(Method::kPost, "/never", [](Request&) {
    Response response;
    response.later = std::make_shared<LateAnswer>();
    return response;
  });
  server.router.Add(Method::kGet, "/now", Says("now"));
  server.Start();
  const auto later = [&] { return server.NewClient().Post("/later", "x"); };
  auto first = std::async(std::launch::async, later);
  auto second = std::async(std::launch::async, later);
  while (true) {
    std::lock_guard lock(mutex);
    if (waiting.size() == 2) break;
  }
  EXPECT_EQ(server.NewClient().Get("/now")->body, "now");
  for (const auto& answer : waiting) {
    Response response = Text("done");
    response.status = 201;
    answer->Complete(std::move(response));
    answer->Complete(Text("twice"));
  }
  for (auto* answer : {&first, &second}) {
    const auto response = answer->get();
    ASSERT_TRUE(response.ok());
    EXPECT_EQ(response->status, 201);
    EXPECT_EQ(response->body, "done");
    EXPECT_EQ(response->Header("X-Middleware"), "yes");
  }
  EXPECT_EQ(server.NewClient().Post("/never", "")->status, 503);
  EXPECT_FALSE(waiting[0]->abandoned());
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

TEST(Server, RefusesMoreConnectionsThanAllowed) {
  TestServer server({.max_connections = 1});
  server.router.Add(Method::kGet, "/a", Says("hello"));
  auto first = server.Start().NewClient();
  EXPECT_EQ(first.Get("/a")->status, 200);
  RawConnection second(server.port());
  EXPECT_EQ(StatusOf(second.ReadAll()), "503");
  EXPECT_EQ(first.Get("/a")->status, 200);
}

TEST(Server, StopFinishesWhatIsInFlight) {
  std::latch started(1);
  std::latch release(1);
  TestServer server;
  server.router.Add(Method::kGet, "/slow", [&](Request&) {
    started.count_down();
    release.wait();
    return Text("slow");
  });
  server.router.Add(Method::kGet, "/fast", Says("fast"));
  auto idle = server.Start().NewClient();
  EXPECT_EQ(idle.Get("/fast")->body, "fast");
  RawConnection busy(server.port());
  busy.Send("GET /slow HTTP/1.1\r\nHost: x\r\n\r\n");
  started.wait();
  auto stopped = std::async(std::launch::async, [&] { server.Stop(); });
  // The idle connection is closed and no new one is taken: the server is stopping.
  while (idle.Get("/fast").ok()) {
  }
  release.count_down();
  const std::string answer = busy.ReadAll();
  EXPECT_TRUE(answer.ends_with("slow")) << answer;
  EXPECT_NE(answer.find("Connection: close\r\n"), std::string::npos);
  stopped.get();
}

TEST(Server, StopCutsOffWhatTakesTooLong) {
  std::latch started(1);
  std::latch release(1);
  TestServer server({.stop_timeout = milliseconds(50)});
  server.router.Add(Method::kGet, "/slow", [&](Request&) {
    started.count_down();
    release.wait();
    return Text("slow");
  });
  RawConnection busy(server.Start().port());
  busy.Send("GET /slow HTTP/1.1\r\nHost: x\r\n\r\n");
  started.wait();
  server.Stop();
  EXPECT_EQ(busy.ReadAll(), "");
  EXPECT_TRUE(busy.closed());
  release.count_down();
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
