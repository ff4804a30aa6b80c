#include "http/late_answer.h"

#include <future>
#include <mutex>

#include "http/test_support.h"

namespace energy::http {
namespace {

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

}  // namespace
}  // namespace energy::http
