#include "mqtt/websocket.h"

#include "mqtt/test_support.h"

namespace energy::mqtt::test {
namespace {

constexpr std::string_view kKey = "dGhlIHNhbXBsZSBub25jZQ==";  // RFC 6455 §1.3

std::string Request(std::string_view target = "/mqtt", std::string_view protocol = "mqtt") {
  return "GET " + std::string(target) +
         " HTTP/1.1\r\nHost: 127.0.0.1\r\nupgrade: WebSocket\r\nConnection: keep-alive, Upgrade\r\n"
         "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: " +
         std::string(kKey) + "\r\nSec-WebSocket-Protocol: chat, " + std::string(protocol) +
         "\r\n\r\n";
}

std::string ClientFrame(std::string_view payload, unsigned opcode = 2, bool final = true) {
  std::string frame(1, static_cast<char>(opcode | (final ? 0x80U : 0U)));
  if (payload.size() < 126) {
    frame += static_cast<char>(0x80U | payload.size());
  } else {
    frame += static_cast<char>(0xFE);
    frame += static_cast<char>(payload.size() >> 8U);
    frame += static_cast<char>(payload.size() & 0xFFU);
  }
  constexpr std::string_view kMask = "\x37\xfa\x21\x3d";
  frame += kMask;
  for (size_t i = 0; i < payload.size(); ++i) {
    frame += static_cast<char>(payload[i] ^ kMask[i % 4]);
  }
  return frame;
}

// Feeds `bytes` in pieces of `step`; what came out, and whether the stream goes on.
struct Decoded {
  std::string bytes;
  bool open = true;
};
Decoded Feed(WebSocket& socket, std::string bytes, size_t step = SIZE_MAX) {
  Decoded result;
  for (size_t at = 0; at < bytes.size() && result.open; at += step) {
    std::string piece = bytes.substr(at, step);
    const auto count = socket.Decode(piece);
    result.open = count.has_value();
    if (count) result.bytes += piece.substr(0, *count);
    if (step == SIZE_MAX) break;
  }
  return result;
}

std::string TakeHead(WebSocket& socket, size_t data = 0) {
  socket.Prepare(data);
  std::string head(socket.head());
  socket.Written(head.size());
  return head;
}

WebSocket Opened() {
  WebSocket socket;
  EXPECT_TRUE(Feed(socket, Request()).open);
  TakeHead(socket);
  return socket;
}

TEST(WebSocket, AnswersTheHandshakeOfTheStandard) {
  for (const size_t step : {size_t{1}, size_t{7}, SIZE_MAX}) {
    WebSocket socket;
    EXPECT_TRUE(Feed(socket, Request(), step).open);
    const std::string answer = TakeHead(socket);
    EXPECT_TRUE(answer.starts_with("HTTP/1.1 101 ")) << answer;
    EXPECT_NE(answer.find("Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n"),
              std::string::npos);
    EXPECT_NE(answer.find("Sec-WebSocket-Protocol: mqtt\r\n"), std::string::npos);
  }
}

TEST(WebSocket, RefusesWhatIsNoMqttHandshake) {
  const std::vector<std::pair<std::string, std::string>> cases{
      {Request("/other"), "404"},
      {Request("/mqtt", "soap"), "400"},
      {"GET /mqtt HTTP/1.1\r\nHost: x\r\n\r\n", "426"},
      {"POST /mqtt HTTP/1.1\r\n\r\n", "400"},
      {"GET /mqtt HTTP/1.1\r\n" + std::string(9000, 'a'), "431"},
  };
  for (const auto& [request, status] : cases) {
    WebSocket socket;
    EXPECT_FALSE(Feed(socket, request).open) << status;
    EXPECT_TRUE(TakeHead(socket).starts_with("HTTP/1.1 " + status)) << status;
    EXPECT_FALSE(socket.problem().empty());
  }
}

TEST(WebSocket, PacketsMaySpanFramesAndFramesHoldSeveral) {
  const std::string long_part(300, 'x');
  const std::string stream = Request() + ClientFrame("ab", 2, false) + ClientFrame("", 0, false) +
                             ClientFrame("ping", 9) + ClientFrame("cd", 0, true) +
                             ClientFrame(long_part) + ClientFrame("e");
  for (const size_t step : {size_t{1}, size_t{2}, size_t{3}, size_t{64}, SIZE_MAX}) {
    WebSocket socket;
    const Decoded decoded = Feed(socket, stream, step);
    EXPECT_TRUE(decoded.open) << socket.problem();
    EXPECT_EQ(decoded.bytes, "abcd" + long_part + "e") << step;
  }
}

TEST(WebSocket, AnswersPingAndClose) {
  WebSocket socket = Opened();
  EXPECT_TRUE(Feed(socket, ClientFrame("hello", 9)).open);
  EXPECT_EQ(TakeHead(socket), std::string("\x8A\x05") + "hello");
  EXPECT_FALSE(Feed(socket, ClientFrame(std::string("\x03\xE8", 2), 8)).open);
  EXPECT_EQ(TakeHead(socket), std::string("\x88\x02\x03\xE8", 4));
  EXPECT_TRUE(socket.problem().empty());
}

TEST(WebSocket, BytesBeforeACloseFrameCount) {
  WebSocket socket = Opened();
  EXPECT_EQ(Feed(socket, ClientFrame("bye") + ClientFrame("", 8)).bytes, "bye");
  EXPECT_FALSE(Feed(socket, "x").open);
}

TEST(WebSocket, BrokenFramesCloseWithTheStandardsCode) {
  std::string unmasked = ClientFrame("a");
  unmasked[1] = 1;
  std::string reserved = ClientFrame("a");
  reserved[0] = static_cast<char>(0xC2);
  const std::string huge = Hex("82 ff 00 00 00 01 00 00 00 00 00 00 00 00");
  const std::vector<std::pair<std::string, std::string>> cases{
      {unmasked, "88 02 03 ea"},
      {reserved, "88 02 03 ea"},
      {ClientFrame("a", 1), "88 02 03 eb"},
      {ClientFrame("a", 0), "88 02 03 ea"},
      {ClientFrame("a", 2, false) + ClientFrame("b", 2), "88 02 03 ea"},
      {ClientFrame("a", 9, false), "88 02 03 ea"},
      {ClientFrame(std::string(126, 'a'), 9), "88 02 03 ea"},
      {ClientFrame("a", 11), "88 02 03 ea"},
      {huge, "88 02 03 f1"},
  };
  for (const auto& [bytes, close] : cases) {
    WebSocket socket = Opened();
    EXPECT_FALSE(Feed(socket, bytes).open) << ToHex(bytes);
    EXPECT_EQ(ToHex(TakeHead(socket)), close) << socket.problem();
  }
}

TEST(WebSocket, AnAnswerWaitsForTheOpenFrame) {
  WebSocket socket = Opened();
  socket.Prepare(300);
  EXPECT_EQ(ToHex(socket.head()), "82 7e 01 2c");
  EXPECT_EQ(socket.Written(10), 6U);
  EXPECT_TRUE(Feed(socket, ClientFrame("", 9)).open);
  socket.Prepare(294);
  EXPECT_EQ(socket.head(), "");
  EXPECT_EQ(socket.Written(294), 294U);
  EXPECT_EQ(ToHex(TakeHead(socket)), "8a 00");
  EXPECT_FALSE(socket.unsent());
}

class WebSocketBrokerTest : public BrokerTest {
 protected:
  void SetUp() override {
    options.web_socket = true;
    options.web_socket_port = 0;
    StartBroker();
  }
};

TEST_F(WebSocketBrokerTest, CarriesMqtt) {
  RawClient client(broker->port(Transport::kWebSocket));
  client.Send(Request());
  const std::string answer = client.ReadBytes("\r\n\r\n");
  ASSERT_TRUE(answer.starts_with("HTTP/1.1 101 ")) << answer;
  const std::string connect = ConnectPacket(Version::k311, "ws1");
  // CONNECT in two frames, then two packets in one.
  client.Send(ClientFrame(connect.substr(0, 5), 2, false) + ClientFrame(connect.substr(5), 0));
  EXPECT_EQ(ToHex(client.ReadBytes(6)), "82 04 20 02 00 00");
  client.Send(ClientFrame(PublishPacket(Version::k311, "a", "1", 1, 7) +
                          PublishPacket(Version::k311, "a", "2", 1, 8)));
  EXPECT_EQ(ToHex(client.ReadBytes(10)), "82 08 40 02 00 07 40 02 00 08");
  EXPECT_EQ(handler.messages().size(), 2U);
  client.Send(ClientFrame("?", 9));
  EXPECT_EQ(client.ReadBytes(3), "\x8A\x01?");
  client.Send(ClientFrame(Hex("e0 00")));
  EXPECT_EQ(ToHex(client.ReadBytes(4)), "88 02 03 e8");
  EXPECT_TRUE(client.ReadEnd());
}

TEST_F(WebSocketBrokerTest, LargeMessagesArriveWhole) {
  RawClient subscriber(broker->port(Transport::kWebSocket));
  subscriber.Send(Request());
  subscriber.ReadBytes("\r\n\r\n");
  subscriber.Send(ClientFrame(ConnectPacket(Version::k311, "ws2")));
  subscriber.ReadBytes(6);
  subscriber.Send(ClientFrame(SubscribePacket(Version::k311, 1, "big")));
  subscriber.ReadBytes(7);
  const std::string payload(300'000, 'p');
  ASSERT_TRUE(broker->Publish("big", payload, 0).ok());
  const std::string packet = PublishPacket(Version::k311, "big", payload);
  std::string received;
  while (received.size() < packet.size()) {
    const std::string head = subscriber.ReadBytes(2);
    ASSERT_EQ(head.size(), 2U);
    size_t size = static_cast<unsigned char>(head[1]);
    if (size >= 126) {
      const std::string longer = subscriber.ReadBytes(size == 126 ? 2 : 8);
      size = 0;
      for (const char c : longer) size = size << 8U | static_cast<unsigned char>(c);
    }
    received += subscriber.ReadBytes(size);
  }
  EXPECT_EQ(received, packet);
}

TEST_F(WebSocketBrokerTest, ABrokenFrameClosesOnlyThatClient) {
  RawClient client(broker->port(Transport::kWebSocket));
  client.Send(Request());
  client.ReadBytes("\r\n\r\n");
  client.Send(ClientFrame("text", 1));
  EXPECT_EQ(ToHex(client.ReadBytes(4)), "88 02 03 eb");
  EXPECT_TRUE(client.ReadEnd());
  EXPECT_EQ(broker->stats().protocol_errors, 1U);
  Login(Version::k311, "other");
}

}  // namespace
}  // namespace energy::mqtt::test
