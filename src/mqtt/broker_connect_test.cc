#include "mqtt/test_support.h"

namespace energy::mqtt::test {
namespace {

using BrokerConnectTest = BrokerTest;

TEST_F(BrokerConnectTest, AcceptsV311) {
  StartBroker();
  RawClient client(broker->port());
  client.Send(ConnectPacket(Version::k311, "c"));
  EXPECT_EQ(client.ReadHex(), "20 02 00 00");
  client.SendHex("c0 00");
  EXPECT_EQ(client.ReadHex(), "d0 00");
  EXPECT_EQ(broker->stats().connections, 1U);
  client.SendHex("e0 00");
  EXPECT_TRUE(client.ReadEnd());
  EXPECT_TRUE(Eventually([&] { return broker->stats().connections == 0; }));
}

TEST_F(BrokerConnectTest, TellsV5WhatIsAvailable) {
  options.receive_maximum = 77;
  options.max_packet_bytes = 5000;
  options.max_keep_alive_s = 30;
  StartBroker();
  RawClient client(broker->port());
  client.Send(ConnectPacket(Version::k5, ""));
  const std::string bytes = client.ReadPacket();
  Frame frame;
  size_t size = 0;
  ASSERT_EQ(ParseFrame(bytes, 1000, frame, size), FrameStatus::kComplete);
  Connack connack;
  ASSERT_FALSE(Decode(frame, Version::k5, connack));
  EXPECT_EQ(connack.reason, ReasonCode::kSuccess);
  EXPECT_FALSE(connack.session_present);
  const Properties& p = connack.properties;
  EXPECT_EQ(p.Number(Property::kMaximumQos, 9), 1U);
  // Absent means available, and a session that ends with the connection as asked.
  for (const Property absent :
       {Property::kRetainAvailable, Property::kWildcardSubscriptionAvailable,
        Property::kSharedSubscriptionAvailable, Property::kSubscriptionIdentifierAvailable,
        Property::kSessionExpiryInterval}) {
    EXPECT_FALSE(p.Has(absent)) << static_cast<int>(absent);
  }
  EXPECT_EQ(p.Number(Property::kTopicAliasMaximum), 16U);
  EXPECT_EQ(p.Number(Property::kReceiveMaximum), 77U);
  EXPECT_EQ(p.Number(Property::kMaximumPacketSize), 5000U);
  EXPECT_EQ(p.Number(Property::kServerKeepAlive), 30U);
  EXPECT_TRUE(p.Text(Property::kAssignedClientIdentifier).starts_with("auto-"));
}

struct Refused {
  const char* user;
  const char* password;
  const char* v311;
  const char* v5;  // flags and reason
};

TEST_F(BrokerConnectTest, RefusesWithTheRightCodes) {
  StartBroker();
  const Refused cases[] = {{"alice", "wrong", "20 02 00 04", "00 86"},
                           {"mallory", "secret", "20 02 00 05", "00 87"},
                           {"down", "secret", "20 02 00 03", "00 88"},
                           {"", "", "20 02 00 05", "00 87"}};
  for (const Refused& c : cases) {
    RawClient old_client(broker->port());
    old_client.Send(ConnectPacket(Version::k311, "c", c.user, c.password));
    EXPECT_EQ(old_client.ReadHex(), c.v311) << c.user;
    EXPECT_TRUE(old_client.ReadEnd());
    RawClient new_client(broker->port());
    new_client.Send(ConnectPacket(Version::k5, "c", c.user, c.password));
    EXPECT_EQ(ToHex(new_client.ReadPacket().substr(2, 2)), c.v5) << c.user;
    EXPECT_TRUE(new_client.ReadEnd());
  }
  EXPECT_EQ(broker->stats().connections, 0U);
  EXPECT_NE(metrics.Text().find("mqtt_connects_total{result=\"bad_credentials\"} 2"),
            std::string::npos);
}

TEST_F(BrokerConnectTest, LetsAnonymousInWhenAllowed) {
  options.allow_anonymous = true;
  StartBroker();
  RawClient client(broker->port());
  client.Send(ConnectPacket(Version::k311, "c", "", ""));
  EXPECT_EQ(client.ReadHex(), "20 02 00 00");
  client.Send(PublishPacket(Version::k311, "t", "x", 1, 1));
  EXPECT_EQ(client.ReadHex(), "40 02 00 01");
  EXPECT_EQ(handler.messages().at(0).user, "anonymous");
}

struct FirstPacket {
  const char* what;
  std::string bytes;
  const char* answer;  // start of the answer; "" when the connection just closes
};

TEST_F(BrokerConnectTest, AnswersBadFirstPackets) {
  StartBroker();
  const FirstPacket cases[] = {
      {"PINGREQ first", Hex("c0 00"), ""},
      {"an HTTP request", "GET / HTTP/1.1\r\n\r\n", ""},
      {"MQTT 3.1", Hex("10 0e 0006 4d5149736470 03 02 0000 0000"), "20 02 00 01"},
      {"level 3", Hex("10 0c 0004 4d515454 03 02 0000 0000"), "20 02 00 01"},
      {"level 6", Hex("10 0c 0004 4d515454 06 02 0000 0000"), "20 3d 00 84"},
      {"other protocol", Hex("10 0c 0004 4d515458 04 02 0000 0000"), "20 02 00 01"},
      {"reserved flag", Hex("10 0c 0004 4d515454 04 03 0000 0000"), ""},
      {"reserved flag v5", Hex("10 0d 0004 4d515454 05 03 0000 00 0000"), "20 26 00 81"},
      {"empty id, old session", Hex("10 0c 0004 4d515454 04 00 0000 0000"), "20 02 00 02"},
      {"CONNECT flags", Hex("11 0c 0004 4d515454 04 02 0000 0000"), ""},
      {"duplicate property", Hex("10 13 0004 4d515454 05 02 0000 06 210001 210001 0000"),
       "20 1c 00 82"},
      {"authentication method", Hex("10 11 0004 4d515454 05 02 0000 04 150001 78 0000"),
       "20 31 00 8c"},
      {"will QoS 2", Hex("10 13 0004 4d515454 05 16 0000 00 0000 00 0001 61 0000"), "20 23 00 9b"},
  };
  for (const FirstPacket& c : cases) {
    RawClient client(broker->port());
    client.Send(c.bytes);
    const std::string answer = client.ReadHex();
    // Of a v5 answer only the length differs with the text of its reason.
    if (answer.size() > 11) {
      EXPECT_EQ(answer.substr(0, 2) + answer.substr(5, 6),
                std::string(c.answer).substr(0, 2) + std::string(c.answer).substr(5))
          << c.what;
    } else {
      EXPECT_EQ(answer, c.answer) << c.what;
    }
    EXPECT_TRUE(client.ReadEnd()) << c.what;
  }
}

TEST_F(BrokerConnectTest, AcceptsAConnectThatArrivesByteByByte) {
  StartBroker();
  RawClient client(broker->port());
  for (const char c : ConnectPacket(Version::k311, "slow")) client.Send(std::string_view(&c, 1));
  EXPECT_EQ(client.ReadHex(), "20 02 00 00");
}

TEST_F(BrokerConnectTest, ClosesOnASecondConnect) {
  StartBroker();
  auto old_client = Login(Version::k311, "a");
  old_client->Send(ConnectPacket(Version::k311, "a"));
  EXPECT_TRUE(old_client->ReadEnd());
  auto new_client = Login(Version::k5, "b");
  new_client->Send(ConnectPacket(Version::k5, "b"));
  EXPECT_EQ(ToHex(new_client->ReadPacket().substr(0, 3)).substr(0, 2), "e0");
  EXPECT_TRUE(new_client->ReadEnd());
}

TEST_F(BrokerConnectTest, TakesTheSessionOver) {
  StartBroker();
  for (int round = 0; round < 4; ++round) {  // on the same and on different I/O threads
    auto first = Login(Version::k5, "same");
    auto second = Login(Version::k311, "same");
    EXPECT_EQ(ToHex(first->ReadPacket().substr(2, 1)), "8e");
    EXPECT_TRUE(first->ReadEnd());
    second->SendHex("c0 00");
    EXPECT_EQ(second->ReadHex(), "d0 00");
    auto third = Login(Version::k5, "same");
    EXPECT_TRUE(second->ReadEnd());
    EXPECT_TRUE(Eventually([&] { return broker->stats().connections == 1; }));
  }
}

TEST_F(BrokerConnectTest, ClosesWhoDoesNotConnectInTime) {
  StartBroker(manual_clock);
  RawClient client(broker->port());
  // A byte proves that the broker has the connection, and that trickling does not extend the time.
  client.SendHex("10");
  auto other = Login(Version::k311, "other");
  manual_clock.Advance(std::chrono::seconds(11));
  EXPECT_TRUE(client.ReadEnd());
  other->SendHex("c0 00");
  EXPECT_EQ(other->ReadHex(), "d0 00");
}

TEST_F(BrokerConnectTest, ClosesAfterOneAndAHalfKeepAlives) {
  StartBroker(manual_clock);
  auto old_client = Login(Version::k311, "old", 10);
  auto new_client = Login(Version::k5, "new", 10);
  auto patient = Login(Version::k5, "patient", 0);
  manual_clock.Advance(std::chrono::seconds(14));
  for (auto* client : {old_client.get(), new_client.get()}) {
    client->SendHex("c0 00");
    EXPECT_EQ(client->ReadHex(), "d0 00");
  }
  manual_clock.Advance(std::chrono::seconds(16));
  EXPECT_TRUE(old_client->ReadEnd());
  EXPECT_EQ(ToHex(new_client->ReadPacket().substr(2, 1)), "8d");
  EXPECT_TRUE(new_client->ReadEnd());
  patient->SendHex("c0 00");
  EXPECT_EQ(patient->ReadHex(), "d0 00");
}

TEST_F(BrokerConnectTest, CutsTheKeepAliveOfV5) {
  options.max_keep_alive_s = 5;
  StartBroker(manual_clock);
  auto client = Login(Version::k5, "new", 0);
  manual_clock.Advance(std::chrono::seconds(8));
  EXPECT_EQ(ToHex(client->ReadPacket().substr(2, 1)), "8d");
}

TEST_F(BrokerConnectTest, RefusesConnectionsBeyondTheLimit) {
  options.admission.max_connections = 2;
  StartBroker();
  auto a = Login(Version::k311, "a");
  auto b = Login(Version::k311, "b");
  RawClient c(broker->port());
  c.Send(ConnectPacket(Version::k311, "c"));
  EXPECT_EQ(c.ReadHex(), "20 02 00 03");
  EXPECT_TRUE(c.ReadEnd());
  RawClient c5(broker->port());
  c5.Send(ConnectPacket(Version::k5, "c5"));
  EXPECT_EQ(ToHex(c5.ReadPacket().substr(2, 2)), "00 89");
  EXPECT_TRUE(c5.ReadEnd());
  EXPECT_EQ(broker->stats().connections, 2U);
  a->SendHex("e0 00");
  EXPECT_TRUE(a->ReadEnd());
  EXPECT_TRUE(Eventually([&] {
    RawClient d(broker->port());
    d.Send(ConnectPacket(Version::k311, "d"));
    return d.ReadHex() == "20 02 00 00";
  }));
}

TEST_F(BrokerConnectTest, DisconnectsAUser) {
  StartBroker();
  auto a = Login(Version::k5, "a");
  auto b = Login(Version::k311, "b");
  broker->DisconnectUsers({"bob"});
  broker->DisconnectUsers({"alice"});
  EXPECT_EQ(ToHex(a->ReadPacket().substr(2, 1)), "98");
  EXPECT_TRUE(a->ReadEnd());
  EXPECT_TRUE(b->ReadEnd());
}

TEST_F(BrokerConnectTest, SaysWhyItCannotListen) {
  StartBroker();
  BrokerOptions same = options;
  same.port = broker->port();
  base::Metrics other_metrics;
  Broker second(same, io, authenticator, handler, system_clock, base::NullLogger(), other_metrics);
  const base::Status status = second.Start();
  EXPECT_EQ(status.code(), base::Code::kUnavailable);
  EXPECT_NE(status.message().find(std::to_string(same.port)), std::string::npos);
  same.address = "localhost.example";
  Broker third(same, io, authenticator, handler, system_clock, base::NullLogger(), other_metrics);
  EXPECT_EQ(third.Start().code(), base::Code::kInvalidArgument);
}

}  // namespace
}  // namespace energy::mqtt::test
