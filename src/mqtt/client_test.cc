#include "mqtt/client.h"

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>

#include "mqtt/test_support.h"

namespace energy::mqtt::test {
namespace {

class ClientTest : public BrokerTest, public ::testing::WithParamInterface<int> {
 protected:
  ClientOptions Options(const std::string& client_id) const {
    ClientOptions client;
    client.client_id = client_id;
    client.username = "alice";
    client.password = "secret";
    client.version = GetParam();
    client.min_backoff = std::chrono::milliseconds(5);
    client.jitter_seed = 1;
    return client;
  }
};

INSTANTIATE_TEST_SUITE_P(Versions, ClientTest, ::testing::Values(4, 5));

TEST_P(ClientTest, PublishesAndSubscribes) {
  StartBroker();
  Client subscriber(Options("s"));
  std::mutex mutex;
  std::vector<std::string> received;
  subscriber.OnMessage([&](const ClientMessage& message) {
    const std::lock_guard lock(mutex);
    received.push_back(std::string(message.topic) + "=" + std::string(message.payload) + "@" +
                       std::to_string(message.qos));
  });
  ASSERT_TRUE(subscriber.Connect("127.0.0.1", broker->port()).ok());
  ASSERT_TRUE(subscriber.Subscribe("a/+", 1).ok());
  Client publisher(Options("p"));
  ASSERT_TRUE(publisher.Connect("localhost", broker->port()).ok());
  EXPECT_TRUE(publisher.Publish("a/1", "x", 0).ok());
  EXPECT_TRUE(publisher.Publish("a/2", "y", 1).ok());
  EXPECT_TRUE(publisher.Disconnect().ok());
  EXPECT_TRUE(Eventually([&] {
    const std::lock_guard lock(mutex);
    return received == std::vector<std::string>{"a/1=x@0", "a/2=y@1"};
  }));
  ASSERT_TRUE(subscriber.Unsubscribe("a/+").ok());
  EXPECT_EQ(broker->stats().subscriptions, 0U);
}

TEST_P(ClientTest, SaysWhyItWasRefused) {
  StartBroker();
  ClientOptions wrong = Options("c");
  wrong.password = "wrong";
  Client client(wrong);
  const base::Status status = client.Connect("127.0.0.1", broker->port());
  EXPECT_EQ(status.code(), base::Code::kUnauthenticated);
  EXPECT_NE(status.message().find("bad user name or password"), std::string::npos);
  ClientOptions locked = Options("c");
  locked.username = "mallory";
  Client other(locked);
  EXPECT_EQ(other.Connect("127.0.0.1", broker->port()).code(), base::Code::kPermissionDenied);
  const uint16_t port = broker->port();
  broker->Stop();
  const base::Status gone = Client(Options("c")).Connect("127.0.0.1", port);
  EXPECT_EQ(gone.code(), base::Code::kUnavailable);
  EXPECT_NE(gone.message().find("is it running"), std::string::npos) << gone.message();
}

TEST_P(ClientTest, RefusesBadInputAndAFullQueue) {
  StartBroker();
  ClientOptions small = Options("c");
  small.max_queued = 3;
  Client client(small);
  EXPECT_EQ(client.Publish("a", "x", 0).code(), base::Code::kUnavailable) << "not connected";
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(client.Publish("a", "x", 1).ok());
  EXPECT_EQ(client.Publish("a", "x", 1).code(), base::Code::kRateLimited);
  EXPECT_EQ(client.Publish("a/#", "x", 1).code(), base::Code::kInvalidArgument);
  EXPECT_EQ(client.Publish("a", "x", 2).code(), base::Code::kInvalidArgument);
  EXPECT_EQ(client.Publish("a", std::string(2 << 20, 'x'), 1).code(), base::Code::kTooLarge);
  ASSERT_TRUE(client.Connect("127.0.0.1", broker->port()).ok());
  EXPECT_TRUE(client.Flush(std::chrono::seconds(5)).ok());
  EXPECT_EQ(handler.count, 3U);
}

TEST_P(ClientTest, KeepsWithinTheWindowAndCompletesInOrder) {
  StartBroker();
  ClientOptions narrow = Options("c");
  narrow.max_in_flight = 4;
  Client client(narrow);
  ASSERT_TRUE(client.Connect("127.0.0.1", broker->port()).ok());
  std::vector<int> done;
  for (int i = 0; i < 12; ++i) {
    ASSERT_TRUE(client
                    .Publish("defer", std::to_string(i), 1,
                             [&done, i](const base::Status& s) {
                               EXPECT_TRUE(s.ok());
                               done.push_back(i);
                             })
                    .ok());
  }
  size_t completed = 0;
  while (completed < 12) {
    ASSERT_TRUE(Eventually([&] { return handler.tokens().size() > completed; }));
    const auto tokens = handler.tokens();
    ASSERT_LE(tokens.size(), completed + 4);
    broker->Complete(std::span(tokens).subspan(completed), PublishResult::kSuccess);
    completed = tokens.size();
  }
  ASSERT_TRUE(client.Disconnect().ok());
  EXPECT_EQ(done, (std::vector{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11}));
}

TEST_P(ClientTest, ReconnectsAndSendsAgain) {
  StartBroker();
  Client client(Options("c"));
  std::atomic<int> lost{0};
  std::atomic<int> messages{0};
  client.OnMessage([&](const ClientMessage&) { ++messages; });
  client.OnConnection([&](bool connected, const base::Status&) { lost += connected ? 0 : 1; });
  ASSERT_TRUE(client.Connect("127.0.0.1", broker->port()).ok());
  ASSERT_TRUE(client.Subscribe("news", 1).ok());
  std::atomic<int> acknowledged{0};
  for (int i = 0; i < 3; ++i) {
    ASSERT_TRUE(
        client
            .Publish("defer", std::to_string(i), 1,
                     [&](const base::Status& status) { acknowledged += status.ok() ? 1 : 0; })
            .ok());
  }
  ASSERT_TRUE(Eventually([&] { return handler.tokens().size() == 3; }));
  // Another connection takes the session over, and loses it again to the returning client.
  auto thief = Login(Version::k311, "c");
  ASSERT_TRUE(Eventually([&] { return handler.tokens().size() == 6; })) << "sent again";
  EXPECT_TRUE(thief->ReadEnd());
  EXPECT_EQ(lost, 1);
  const auto received = handler.messages();
  for (size_t i = 0; i < 3; ++i) {
    EXPECT_FALSE(received[i].dup);
    EXPECT_TRUE(received[i + 3].dup);
    EXPECT_EQ(received[i].payload, received[i + 3].payload);
  }
  broker->Complete(handler.tokens(), PublishResult::kSuccess);
  EXPECT_TRUE(client.Flush(std::chrono::seconds(5)).ok());
  EXPECT_EQ(acknowledged, 3);
  EXPECT_EQ(client.stats().reconnects, 1U);
  EXPECT_EQ(client.stats().resent, 3U);
  // Its subscription was made again.
  ASSERT_TRUE(Eventually([&] { return broker->stats().subscriptions == 1; }));
  EXPECT_TRUE(broker->Publish("news", "x", 1).ok());
  EXPECT_TRUE(Eventually([&] { return messages == 1; }));
}

TEST_P(ClientTest, DisconnectSaysWhatIsLeft) {
  StartBroker();
  Client client(Options("c"));
  ASSERT_TRUE(client.Connect("127.0.0.1", broker->port()).ok());
  base::Status result;
  ASSERT_TRUE(client.Publish("defer", "", 1, [&](const base::Status& s) { result = s; }).ok());
  const base::Status status = client.Disconnect(std::chrono::milliseconds(50));
  EXPECT_EQ(status.code(), base::Code::kUnavailable);
  EXPECT_EQ(result.code(), base::Code::kUnavailable);
  EXPECT_EQ(client.Publish("a", "", 1).code(), base::Code::kUnavailable);
}

TEST_P(ClientTest, ManyClientsShareALoop) {
  StartBroker();
  boost::asio::io_context loop{1};
  auto work = boost::asio::make_work_guard(loop);
  std::thread thread([&] { loop.run(); });
  std::vector<std::unique_ptr<Client>> clients;
  std::atomic<int> acknowledged{0};
  for (int i = 0; i < 50; ++i) {
    clients.push_back(std::make_unique<Client>(Options("c" + std::to_string(i)), loop));
    clients.back()->StartConnect("127.0.0.1", broker->port(), [](const base::Status& status) {
      EXPECT_TRUE(status.ok()) << status.ToString();
    });
    for (int k = 0; k < 20; ++k) {
      EXPECT_TRUE(clients.back()
                      ->Publish("t", "x", 1, [&](const base::Status& s) { acknowledged += s.ok(); })
                      .ok());
    }
  }
  EXPECT_TRUE(Eventually([&] { return acknowledged == 1000; }));
  clients.clear();
  EXPECT_TRUE(Eventually([&] { return broker->stats().connections == 0; }));
  work.reset();
  loop.stop();
  thread.join();
}

TEST_P(ClientTest, TellsTheReasonOfARefusedPublish) {
  StartBroker();
  ClientOptions options_once = Options("c");
  options_once.reconnect = false;
  Client client(options_once);
  ASSERT_TRUE(client.Connect("127.0.0.1", broker->port()).ok());
  std::atomic<bool> called{false};
  base::Code code{};
  ASSERT_TRUE(client
                  .Publish("forbidden", "", 1,
                           [&](const base::Status& status) {
                             code = status.code();
                             called = true;
                           })
                  .ok());
  ASSERT_TRUE(Eventually([&] { return called.load(); }));
  // 3.1.1 has no reason codes: the broker closes.
  EXPECT_EQ(code, GetParam() == 5 ? base::Code::kPermissionDenied : base::Code::kUnavailable);
}

}  // namespace
}  // namespace energy::mqtt::test
