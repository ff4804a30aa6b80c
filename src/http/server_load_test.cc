#include <atomic>
#include <future>
#include <latch>

#include "http/server.h"
#include "http/test_support.h"

namespace energy::http {
namespace {

using std::chrono::milliseconds;

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

}  // namespace
}  // namespace energy::http
