#include <poll.h>

#include "mqtt/test_support.h"

namespace energy::mqtt::test {
namespace {

using BrokerLimitsTest = BrokerTest;

struct Violation {
  const char* what;
  const char* bytes;
  const char* v5_reason;
  bool only_v5 = false;
};

// Each closes its own connection, v5 with the reason; a bystander goes on as if nothing happened.
TEST_F(BrokerLimitsTest, ViolationClosesThatConnectionOnly) {
  options.max_packet_bytes = 2000;
  StartBroker();
  auto bystander = Login(Version::k311, "bystander");
  const Violation cases[] = {
      {"type 0", "00 00", "81"},
      {"PUBLISH QoS 3", "36 06 0001 61 0001 78", "81"},
      {"DUP on QoS 0", "38 05 0001 61 00 78", "81"},
      {"SUBSCRIBE flags", "80 07 0001 00 0001 61 00", "81"},
      {"PINGREQ with body", "c0 01 00", "81"},
      {"remaining length of five bytes", "30 ff ff ff ff 7f", "81"},
      {"too large", "30 d1 0f", "95"},
      {"QoS 2", "34 07 0001 61 0001 00 78", "9b"},
      {"wildcard in topic", "30 05 0001 23 00 78", "90"},
      {"CONNACK from a client", "20 02 00 00", "82"},
      {"PINGRESP from a client", "d0 00", "82"},
      {"topic alias 0", "30 08 0001 61 03 23 0000 78", "94", true},
      {"topic alias above the maximum", "30 08 0001 61 03 23 0011 78", "94", true},
      {"topic alias never set", "30 07 0000 03 23 0001 78", "82", true},
      {"subscription identifier in PUBLISH", "30 07 0001 61 02 0b01 78", "82", true},
      {"subscription identifier 0", "82 09 0001 02 0b00 0001 61 00", "82", true},
      {"no local on a shared subscription", "82 10 0001 00 000a 2473686172652f672f61 04", "82",
       true},
      {"retain handling 3", "82 07 0001 00 0001 61 30", "82", true},
      {"AUTH", "f0 00", "82", true},
      {"session expiry out of nothing", "e0 07 00 05 11 00000001", "82", true},
  };
  for (const Violation& c : cases) {
    auto v5 = Login(Version::k5, "v5");
    v5->SendHex(c.bytes);
    const std::string answer = v5->ReadPacket();
    ASSERT_GE(answer.size(), 3U) << c.what;
    EXPECT_EQ(ToHex(answer.substr(0, 1)), "e0") << c.what;
    EXPECT_EQ(ToHex(answer.substr(2, 1)), c.v5_reason) << c.what;
    EXPECT_TRUE(v5->ReadEnd()) << c.what;
    if (!c.only_v5) {
      auto v311 = Login(Version::k311, "v311");
      v311->SendHex(c.bytes);
      EXPECT_TRUE(v311->ReadEnd()) << c.what;
    }
    bystander->SendHex("c0 00");
    EXPECT_EQ(bystander->ReadHex(), "d0 00") << c.what;
  }
  EXPECT_GT(broker->stats().protocol_errors, 20U);
  EXPECT_EQ(broker->stats().connections, 1U);
}

TEST_F(BrokerLimitsTest, AnswersStrayQos2Packets) {
  StartBroker();
  auto v5 = Login(Version::k5, "v5");
  v5->SendHex("62 02 00 07");
  EXPECT_EQ(v5->ReadHex(), "70 03 00 07 92");
  auto v311 = Login(Version::k311, "v311");
  v311->SendHex("62 02 00 07");
  EXPECT_EQ(v311->ReadHex(), "70 02 00 07");
}

TEST_F(BrokerLimitsTest, AMessageOfQos1IsAcknowledgedWithPubackAlone) {
  StartBroker();
  for (const char* wrong : {"50 02 00 01", "70 02 00 01"}) {
    auto client = Login(Version::k5, "c");
    SubscribeTo(*client, Version::k5, "a");
    ASSERT_TRUE(broker->Publish("a", "x", 1).ok());
    ASSERT_EQ(ReadPublish(*client, Version::k5).packet_id, 1);
    client->SendHex(wrong);
    EXPECT_EQ(ToHex(client->ReadPacket().substr(2, 1)), "82") << wrong;
    EXPECT_TRUE(client->ReadEnd());
  }
}

TEST_F(BrokerLimitsTest, EnforcesReceiveMaximum) {
  options.receive_maximum = 3;
  StartBroker();
  auto client = Login(Version::k5, "c");
  for (uint16_t id = 1; id <= 3; ++id) client->Send(PublishPacket(Version::k5, "defer", "", 1, id));
  client->SendHex("c0 00");
  EXPECT_EQ(client->ReadHex(), "d0 00");
  client->Send(PublishPacket(Version::k5, "defer", "", 1, 4));
  EXPECT_EQ(ToHex(client->ReadPacket().substr(2, 1)), "93");
  EXPECT_TRUE(client->ReadEnd());
}

TEST_F(BrokerLimitsTest, HoldsV311BackBeyondItsWindow) {
  options.receive_maximum = 2;  // so 16 for 3.1.1
  StartBroker();
  auto client = Login(Version::k311, "c");
  std::string burst;
  for (uint16_t id = 1; id <= 100; ++id) {
    burst += PublishPacket(Version::k311, "defer", std::string(id, 'x'), 1, id);
  }
  client->Send(burst);
  size_t done = 0;
  uint16_t expected = 1;
  while (done < 100) {
    ASSERT_TRUE(Eventually([&] { return handler.tokens().size() > done; }));
    const auto tokens = handler.tokens();
    ASSERT_LE(tokens.size(), done + 16);
    broker->Complete(std::span(tokens).subspan(done), PublishResult::kSuccess);
    for (; done < tokens.size(); ++done, ++expected) {
      const std::string ack = client->ReadPacket();
      ASSERT_EQ(ack.size(), 4U);
      EXPECT_EQ(static_cast<uint8_t>(ack[3]), expected);
    }
  }
  EXPECT_EQ(handler.messages().back().payload.size(), 100U);
}

// Publishes without reading until the socket is full both ways, and only then reads: the broker
// must hold such a client back, neither cut it off nor collect its acknowledgements without bound.
TEST_F(BrokerLimitsTest, HoldsBackAClientThatDoesNotReadItsAcknowledgements) {
  StartBroker();
  handler.record = false;
  const int receive_bytes = 64 << 10;
  constexpr size_t kCount = 65'000 * 40;
  auto client = Login(Version::k311, "c");
  std::string stream;
  for (size_t i = 0; i < kCount; ++i) {
    stream += PublishPacket(Version::k311, "t", "", 1, static_cast<uint16_t>(i % 65'000 + 1));
  }
  ::setsockopt(client->fd(), SOL_SOCKET, SO_RCVBUF, &receive_bytes, sizeof receive_bytes);
  size_t sent = 0;
  size_t received = 0;
  bool reading = false;
  std::vector<char> buffer(1 << 20);
  while (received < kCount * 4) {
    const auto wanted =
        static_cast<short>((sent < stream.size() ? POLLOUT : 0) | (reading ? POLLIN : 0));
    pollfd poll_fd{client->fd(), wanted, 0};
    if (::poll(&poll_fd, 1, reading ? 10'000 : 300) == 0) {
      ASSERT_FALSE(reading) << "stuck at " << received;
      reading = true;
      continue;
    }
    if ((poll_fd.revents & POLLOUT) != 0) {
      const ssize_t count = ::send(client->fd(), stream.data() + sent, stream.size() - sent,
                                   MSG_NOSIGNAL | MSG_DONTWAIT);
      if (count > 0) sent += static_cast<size_t>(count);
      ASSERT_TRUE(reading || sent < stream.size()) << "the broker read without end";
    }
    if ((poll_fd.revents & POLLIN) != 0) {
      const ssize_t count = ::recv(client->fd(), buffer.data(), buffer.size(), 0);
      ASSERT_GT(count, 0) << "cut off after " << received;
      received += static_cast<size_t>(count);
    }
  }
  EXPECT_EQ(received, kCount * 4);
  EXPECT_EQ(handler.count, kCount);
}

TEST_F(BrokerLimitsTest, CarriesPacketsUpToTheLimit) {
  StartBroker();
  auto client = Login(Version::k5, "c");
  const std::string payload((1 << 20) - 12, 'x');
  const std::string packet = PublishPacket(Version::k5, "a/b", payload, 1, 1);
  ASSERT_EQ(packet.size(), 1U << 20);
  client->Send(packet);
  EXPECT_EQ(client->ReadHex(), "40 02 00 01");
  EXPECT_EQ(handler.messages().at(0).payload.size(), payload.size());
}

TEST_F(BrokerLimitsTest, BoundsIncompletePackets) {
  options.max_partial_bytes_per_thread = 100'000;
  StartBroker();
  auto client = Login(Version::k5, "c");
  std::string packet;
  EncodePublishHead("t", 0, false, false, 0, 900'000, packet);
  client->Send(packet + std::string(300'000, 'x'));
  EXPECT_EQ(ToHex(client->ReadPacket().substr(2, 1)), "89");
}

TEST_F(BrokerLimitsTest, StopsReadingUnderBackpressure) {
  StartBroker(manual_clock);
  auto client = Login(Version::k5, "c", 10);
  // One silent connection on each I/O thread shows that the timeouts were looked at.
  auto silent = Login(Version::k311, "silent1", 10);
  auto also_silent = Login(Version::k311, "silent2", 10);
  handler.saturated = true;
  client->Send(PublishPacket(Version::k5, "a", "", 1, 1));
  auto probe = std::make_unique<RawClient>(broker->port());
  probe->Send(ConnectPacket(Version::k5, "probe"));
  ASSERT_TRUE(Eventually([&] { return handler.saturated_answers == 2; }));
  // Paused connections run neither into their keep-alive nor into the connect timeout.
  manual_clock.Advance(std::chrono::seconds(20));
  EXPECT_TRUE(silent->ReadEnd());
  EXPECT_TRUE(also_silent->ReadEnd());
  EXPECT_EQ(handler.count, 0U);
  handler.saturated = false;
  broker->ResumeReading();
  EXPECT_EQ(client->ReadHex(), "40 02 00 01");
  EXPECT_EQ(ToHex(probe->ReadPacket().substr(2, 2)), "00 00");

  broker->StopReading();
  client->Send(PublishPacket(Version::k5, "a", "", 1, 2));
  handler.record = false;
  EXPECT_EQ(handler.count, 1U);
  broker->ResumeReading();
  EXPECT_EQ(client->ReadHex(), "40 02 00 02");
}

TEST_F(BrokerLimitsTest, DropsForASlowSubscriberAndThenDisconnectsIt) {
  options.max_outbound_bytes = 100'000;
  StartBroker();
  auto slow = Login(Version::k5, "slow");
  slow->Send(SubscribePacket(Version::k5, 1, "a", 1));
  EXPECT_EQ(slow->ReadHex(), "90 04 00 01 00 01");
  auto publisher = Login(Version::k311, "p");
  const std::string big(50'000, 'x');
  // More than the socket buffers of both sides take.
  uint16_t id = 0;
  while (broker->stats().messages_dropped == 0) {
    publisher->Send(PublishPacket(Version::k311, "a", big, 0));
    publisher->Send(PublishPacket(Version::k311, "b", "", 1, ++id));
    ASSERT_EQ(publisher->ReadPacket().size(), 4U);
    ASSERT_LT(id, 5000);
  }
  EXPECT_EQ(broker->stats().connections, 2U) << "QoS 0 is dropped quietly";
  while (broker->stats().connections == 2) {
    publisher->Send(PublishPacket(Version::k311, "a", big, 1, 1));
    ASSERT_EQ(publisher->ReadPacket().size(), 4U);
    ASSERT_LT(++id, 5000);
  }
  EXPECT_TRUE(slow->ReadUntilEnd());
}

// Two subscribers that read nothing, one of them with a session that is kept: whoever publishes is
// acknowledged and whoever reads gets everything meanwhile.
TEST_F(BrokerLimitsTest, ASlowSubscriberDelaysNobody) {
  StartBroker();
  std::vector<std::unique_ptr<RawClient>> stuck;
  stuck.push_back(Login(Version::k5, "stuck"));
  stuck.push_back(Login(MakeConnect(Version::k5, "kept", false, 600)));
  for (auto& client : stuck) SubscribeTo(*client, Version::k5, "a", 1);
  auto fast = Login(Version::k311, "fast");
  SubscribeTo(*fast, Version::k311, "a", 1);
  auto publisher = Login(Version::k311, "p");
  const std::string big(100'000, 'x');
  // Far more than the sockets and queues of the stuck ones hold.
  for (int i = 0; i < 400; ++i) {
    PublishTo(*publisher, Version::k311, "a", big);
    const Arrived arrived = ReadPublish(*fast, Version::k311);
    ASSERT_EQ(arrived.payload.size(), big.size()) << i;
    fast->Send(PubackOf(arrived));
  }
  EXPECT_LE(broker->stats().queued_bytes, 3 * 2 * options.max_outbound_bytes);
  EXPECT_GT(broker->stats().messages_dropped, 0U);
}

TEST_F(BrokerLimitsTest, ServesManyConnections) {
  StartBroker();
  std::vector<std::unique_ptr<RawClient>> clients;
  for (int i = 0; i < 400; ++i) {
    clients.push_back(std::make_unique<RawClient>(broker->port()));
    ASSERT_TRUE(clients.back()->connected());
    clients.back()->Send(ConnectPacket(Version::k311, "c" + std::to_string(i)) +
                         PublishPacket(Version::k311, "t/" + std::to_string(i), "x", 1, 1));
  }
  for (auto& client : clients) {
    EXPECT_EQ(client->ReadHex(), "20 02 00 00");
    EXPECT_EQ(client->ReadHex(), "40 02 00 01");
  }
  EXPECT_EQ(broker->stats().connections, clients.size());
  EXPECT_EQ(handler.count, clients.size());
  clients.clear();
  EXPECT_TRUE(Eventually([&] { return broker->stats().connections == 0; }));
}

TEST_F(BrokerLimitsTest, StopWritesWhatIsCompletedAndSaysGoodbye) {
  StartBroker();
  auto client = Login(Version::k5, "c");
  client->Send(PublishPacket(Version::k5, "defer", "", 1, 1));
  ASSERT_TRUE(Eventually([&] { return handler.tokens().size() == 1; }));
  std::thread stopper([&] { broker->Stop(); });
  // Stop waits for the publish, so this acknowledgement still leaves.
  const auto tokens = handler.tokens();
  broker->Complete(tokens, PublishResult::kSuccess);
  EXPECT_EQ(client->ReadHex(), "40 02 00 01");
  EXPECT_EQ(ToHex(client->ReadPacket().substr(2, 1)), "8b");
  EXPECT_TRUE(client->ReadEnd());
  stopper.join();
  EXPECT_FALSE(RawClient(broker->port()).connected());
  broker->Stop();
}

TEST_F(BrokerLimitsTest, StopEndsInTimeWithoutCompletion) {
  options.stop_timeout = std::chrono::milliseconds(100);
  StartBroker();
  auto client = Login(Version::k5, "c");
  client->Send(PublishPacket(Version::k5, "defer", "", 1, 1));
  ASSERT_TRUE(Eventually([&] { return handler.tokens().size() == 1; }));
  broker->Stop();
  EXPECT_EQ(ToHex(client->ReadPacket().substr(2, 1)), "8b");
}

TEST_F(BrokerLimitsTest, StopsUnderLoad) {
  StartBroker();
  handler.record = false;
  std::atomic<bool> end{false};
  std::vector<std::thread> loads;
  for (int i = 0; i < 3; ++i) {
    loads.emplace_back([&, i] {
      RawClient client(broker->port());
      std::string batch = ConnectPacket(Version::k311, "load" + std::to_string(i));
      client.Send(batch);
      client.ReadPacket();
      batch.clear();
      for (uint16_t id = 1; id <= 100; ++id) {
        batch += PublishPacket(Version::k311, "load", "payload", 1, id);
      }
      while (!end) {
        client.Send(batch);
        for (int k = 0; k < 100; ++k) {
          if (client.ReadPacket().empty()) return;
        }
      }
    });
  }
  ASSERT_TRUE(Eventually([&] { return handler.count > 3000; }));
  broker->Stop();
  const size_t after_stop = handler.count;
  end = true;
  for (auto& load : loads) load.join();
  EXPECT_EQ(handler.count, after_stop) << "no hook may be called after Stop";
  EXPECT_EQ(broker->stats().connections, 0U);
}

}  // namespace
}  // namespace energy::mqtt::test
