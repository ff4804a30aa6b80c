#include "http/websocket.h"

#include <future>
#include <mutex>
#include <stdexcept>

#include "http/test_support.h"

namespace energy::http {
namespace {

using namespace std::chrono_literals;
using SendResult = WebSocketSession::SendResult;

std::shared_ptr<const std::string> Shared(std::string text) {
  return std::make_shared<const std::string>(std::move(text));
}

WebSocketAccept AcceptAll(Request&) {
  WebSocketAccept accept;
  accept.accept = true;
  accept.missed_message = [](uint64_t missed) { return "missed " + std::to_string(missed); };
  return accept;
}

// Hands the session of the first connection, and the end of it, to the test.
struct Opened {
  std::promise<std::shared_ptr<WebSocketSession>> session;
  std::promise<void> closed;

  WebSocketHandler Handler() {
    return {
        .authorize = AcceptAll,
        .on_open = [this](const Request&, auto opened) { session.set_value(std::move(opened)); },
        .on_message =
            [](const auto& from, std::string_view text) {
              from->Send(Shared("echo " + std::string(text)));
            },
        .on_close = [this](const auto&) { closed.set_value(); }};
  }
  bool WaitClosed() { return closed.get_future().wait_for(10s) == std::future_status::ready; }
};

TEST(WebSocket, AnswersMessagesAndTheSubprotocol) {
  Opened opened;
  auto handler = opened.Handler();
  std::string offered;
  std::string parameter;
  TestServer server;
  handler.authorize = [&](Request& request) {
    offered = request.Header("Sec-WebSocket-Protocol");
    parameter = request.Param("id");
    auto accept = AcceptAll(request);
    accept.subprotocol = "bearer";
    return accept;
  };
  server.router.AddWebSocket("/live/{id}", handler);
  auto options = server.Start().WebSocketAt("/live/D7");
  options.subprotocols = {"bearer", "token123"};
  Response answer;
  auto client = WebSocketClient::Connect(options, &answer);
  ASSERT_TRUE(client.ok()) << client.status().ToString();
  EXPECT_EQ(answer.status, 101);
  EXPECT_EQ(answer.Header("Server"), "energy");
  EXPECT_EQ(client->subprotocol(), "bearer");
  EXPECT_EQ(offered, "bearer, token123");
  EXPECT_EQ(parameter, "D7");
  ASSERT_TRUE(client->Send("hello").ok());
  EXPECT_EQ(*client->Receive(10s), "echo hello");
  client->Close(1000);
  EXPECT_TRUE(opened.WaitClosed());
  EXPECT_FALSE(opened.session.get_future().get()->open());
}

TEST(WebSocket, IsRefusedBeforeTheUpgrade) {
  TestServer server;
  WebSocketHandler plain;
  plain.authorize = [](Request&) {
    WebSocketAccept refuse;
    refuse.refuse_status = 401;
    return refuse;
  };
  server.router.AddWebSocket("/plain", plain);
  WebSocketHandler own;
  own.authorize = [](Request&) {
    WebSocketAccept refuse;
    refuse.refusal = Text("your role may not");
    refuse.refusal.status = 403;
    return refuse;
  };
  server.router.AddWebSocket("/own", own);
  WebSocketHandler throws;
  throws.authorize = [](Request&) -> WebSocketAccept { throw std::runtime_error("oops"); };
  server.router.AddWebSocket("/throws", throws);
  server.Start();
  Response answer;
  EXPECT_EQ(WebSocketClient::Connect(server.WebSocketAt("/plain"), &answer).status().code(),
            base::Code::kUnauthenticated);
  EXPECT_EQ(answer.status, 401);
  EXPECT_FALSE(WebSocketClient::Connect(server.WebSocketAt("/own"), &answer).ok());
  EXPECT_EQ(answer.status, 403);
  EXPECT_EQ(answer.Header("Content-Type"), "text/plain");
  EXPECT_FALSE(WebSocketClient::Connect(server.WebSocketAt("/throws"), &answer).ok());
  EXPECT_EQ(answer.status, 500);
  EXPECT_FALSE(WebSocketClient::Connect(server.WebSocketAt("/none"), &answer).ok());
  EXPECT_EQ(answer.status, 404);
  const auto no_upgrade = server.NewClient().Get("/plain");
  EXPECT_EQ(no_upgrade->status, 426);
  EXPECT_EQ(no_upgrade->Header("Upgrade"), "websocket");
}

TEST(WebSocket, MiddlewaresMayRefuseIt) {
  WebSocketHandler handler;
  handler.authorize = AcceptAll;
  TestServer server;
  server.router.Use([](Request& request, const Handler& next) {
    Response response = next(request);
    EXPECT_EQ(response.status, 200);
    if (request.Header("X-Busy") == "1") response.status = 429;
    return response;
  });
  server.router.AddWebSocket("/live", handler);
  auto options = server.Start().WebSocketAt("/live");
  EXPECT_TRUE(WebSocketClient::Connect(options).ok());
  options.headers = {{"X-Busy", "1"}};
  Response answer;
  EXPECT_FALSE(WebSocketClient::Connect(options, &answer).ok());
  EXPECT_EQ(answer.status, 429);
}

TEST(WebSocket, SlowReaderGetsTheNewestAndHowManyItMissed) {
  Opened opened;
  TestServer server;
  server.router.AddWebSocket("/live", opened.Handler());
  auto client = WebSocketClient::Connect(server.Start().WebSocketAt("/live"));
  ASSERT_TRUE(client.ok());
  const auto session = opened.session.get_future().get();
  // More than the sockets' buffers hold, each message with its number.
  constexpr size_t kMessages = 2000;
  size_t dropped = 0;
  for (size_t i = 1; i <= kMessages; ++i) {
    std::string text = std::to_string(i);
    text.resize(64 << 10, ' ');
    if (session->Send(Shared(std::move(text))) == SendResult::kDroppedOldest) ++dropped;
  }
  EXPECT_GT(dropped, 0u);
  size_t received = 0;
  size_t told = 0;
  size_t last = 0;
  while (last < kMessages) {
    const auto message = client->Receive(10s);
    ASSERT_TRUE(message.ok()) << message.status().ToString();
    if (message->starts_with("missed ")) {
      told += std::stoul(message->substr(7));
      continue;
    }
    const size_t number = std::stoul(*message);
    EXPECT_GT(number, last);
    EXPECT_EQ(number, received + told + 1) << "what is missing has been told before";
    last = number;
    ++received;
  }
  EXPECT_EQ(told, dropped);
  EXPECT_EQ(received + told, kMessages);
  EXPECT_NE(server.metrics.Text().find("websocket_messages_dropped_total " +
                                       std::to_string(dropped) + "\n"),
            std::string::npos);
}

TEST(WebSocket, OversizeAndBinaryMessagesCloseIt) {
  TestServer server({.websocket_message_limit = 1000});
  WebSocketHandler handler;
  handler.authorize = AcceptAll;
  server.router.AddWebSocket("/live", handler);
  server.Start();
  auto large = WebSocketClient::Connect(server.WebSocketAt("/live"));
  ASSERT_TRUE(large->Send(std::string(1000, 'x')).ok());
  ASSERT_TRUE(large->Send(std::string(1001, 'x')).ok());
  EXPECT_FALSE(large->Receive(10s).ok());
  EXPECT_EQ(large->close_code(), 1009);
  auto binary = WebSocketClient::Connect(server.WebSocketAt("/live"));
  ASSERT_TRUE(binary->SendBinary("x").ok());
  EXPECT_FALSE(binary->Receive(10s).ok());
  EXPECT_EQ(binary->close_code(), 1003);
  auto garbled = WebSocketClient::Connect(server.WebSocketAt("/live"));
  ASSERT_TRUE(garbled->Send("\xC0\xAF").ok());
  EXPECT_FALSE(garbled->Receive(10s).ok());
  EXPECT_EQ(garbled->close_code(), 1007);
}

TEST(WebSocket, PingsKeepItOpen) {
  Opened opened;
  TestServer server({.websocket_ping_interval = 50ms});
  server.router.AddWebSocket("/live", opened.Handler());
  auto client = WebSocketClient::Connect(server.Start().WebSocketAt("/live"));
  ASSERT_TRUE(client.ok());
  while (client->pings() < 4) {
    ASSERT_EQ(client->Receive(20ms).status().code(), base::Code::kUnavailable)
        << "closed after " << client->pings() << " pings";
  }
  EXPECT_TRUE(opened.session.get_future().get()->open());
}

TEST(WebSocket, DeadPeersAreDropped) {
  Opened opened;
  TestServer server({.websocket_ping_interval = 50ms});
  server.router.AddWebSocket("/live", opened.Handler());
  auto client = WebSocketClient::Connect(server.Start().WebSocketAt("/live"));
  ASSERT_TRUE(client.ok());
  // The client answers pings only while it receives.
  EXPECT_TRUE(opened.WaitClosed());
  EXPECT_EQ(opened.session.get_future().get()->Send(Shared("x")), SendResult::kClosed);
}

TEST(WebSocket, CloseSendsWhatIsQueuedFirst) {
  Opened opened;
  TestServer server;
  server.router.AddWebSocket("/live", opened.Handler());
  auto client = WebSocketClient::Connect(server.Start().WebSocketAt("/live"));
  const auto session = opened.session.get_future().get();
  for (int i = 0; i < 100; ++i) session->Send(Shared(std::to_string(i)));
  session->Close(4001, "token expired");
  for (int i = 0; i < 100; ++i) EXPECT_EQ(*client->Receive(10s), std::to_string(i));
  EXPECT_FALSE(client->Receive(10s).ok());
  EXPECT_EQ(client->close_code(), 4001);
  EXPECT_EQ(client->close_reason(), "token expired");
  EXPECT_TRUE(opened.WaitClosed());
}

TEST(WebSocket, CallbackThatThrowsClosesIt) {
  TestServer server;
  WebSocketHandler handler;
  handler.authorize = AcceptAll;
  handler.on_message = [](const auto&, std::string_view) { throw std::runtime_error("oops"); };
  server.router.AddWebSocket("/live", handler);
  auto client = WebSocketClient::Connect(server.Start().WebSocketAt("/live"));
  ASSERT_TRUE(client->Send("x").ok());
  EXPECT_FALSE(client->Receive(10s).ok());
  EXPECT_EQ(client->close_code(), 1011);
}

TEST(WebSocket, StopClosesSessions) {
  Opened opened;
  TestServer server({.stop_timeout = 10s});
  server.router.AddWebSocket("/live", opened.Handler());
  auto client = WebSocketClient::Connect(server.Start().WebSocketAt("/live"));
  ASSERT_TRUE(client.ok());
  auto received = std::async(std::launch::async, [&] { return client->Receive(10s).ok(); });
  server.Stop();
  EXPECT_FALSE(received.get());
  EXPECT_EQ(client->close_code(), 1001);
  EXPECT_TRUE(opened.WaitClosed());
  EXPECT_NE(server.metrics.Text().find("websocket_connections 0"), std::string::npos);
}

TEST(WebSocket, StopCutsOffPeersThatDoNotAnswer) {
  Opened opened;
  TestServer server({.stop_timeout = 50ms});
  server.router.AddWebSocket("/live", opened.Handler());
  auto client = WebSocketClient::Connect(server.Start().WebSocketAt("/live"));
  ASSERT_TRUE(client.ok());
  server.Stop();
  EXPECT_TRUE(opened.WaitClosed());
}

}  // namespace
}  // namespace energy::http
