#include "mqtt/test_support.h"

namespace energy::mqtt::test {
namespace {

using BrokerPublishTest = BrokerTest;

TEST_F(BrokerPublishTest, HandsPublishesToTheHandler) {
  StartBroker();
  auto client = Login(Version::k311, "c");
  client->Send(PublishPacket(Version::k311, "a", "0") +
               PublishPacket(Version::k311, "b", "1", 1, 9));
  EXPECT_EQ(client->ReadHex(), "40 02 00 09");
  const auto messages = handler.messages();
  ASSERT_EQ(messages.size(), 2U);
  EXPECT_EQ(messages[0].topic, "a");
  EXPECT_EQ(messages[0].qos, 0);
  EXPECT_EQ(messages[1].topic, "b");
  EXPECT_EQ(messages[1].payload, "1");
  EXPECT_EQ(messages[1].user, "alice");
  EXPECT_GE(handler.read_ends, 1U);
  EXPECT_LE(handler.read_ends, 2U);
}

TEST_F(BrokerPublishTest, AcknowledgesInTheOrderOfThePublishes) {
  StartBroker();
  auto client = Login(Version::k5, "c");
  client->Send(PublishPacket(Version::k5, "defer/1", "", 1, 1) +
               PublishPacket(Version::k5, "at-once", "", 1, 2) +
               PublishPacket(Version::k5, "defer/2", "", 1, 3) +
               PublishPacket(Version::k5, "forbidden", "", 1, 4));
  ASSERT_TRUE(Eventually([&] { return handler.tokens().size() == 2; }));
  const auto tokens = handler.tokens();
  broker->Complete(std::span(&tokens[1], 1), PublishResult::kQuotaExceeded);
  client->SendHex("c0 00");
  EXPECT_EQ(client->ReadHex(), "d0 00") << "nothing may overtake the first publish";
  broker->Complete(std::span(&tokens[0], 1), PublishResult::kSuccess);
  EXPECT_EQ(client->ReadHex(), "40 02 00 01");
  EXPECT_EQ(client->ReadHex(), "40 02 00 02");
  EXPECT_EQ(client->ReadHex(), "40 03 00 03 97");
  EXPECT_EQ(client->ReadHex(), "40 03 00 04 87");
  // Completing twice, or for nobody, does nothing.
  broker->Complete(tokens, PublishResult::kSuccess);
  const AckToken nobody{99, 3, 0, 1, 1};
  broker->Complete(std::span(&nobody, 1), PublishResult::kSuccess);
  client->SendHex("c0 00");
  EXPECT_EQ(client->ReadHex(), "d0 00");
}

TEST_F(BrokerPublishTest, CompletesForAConnectionThatIsGone) {
  StartBroker();
  auto client = Login(Version::k311, "c");
  client->Send(PublishPacket(Version::k311, "defer", "", 1, 1));
  ASSERT_TRUE(Eventually([&] { return handler.tokens().size() == 1; }));
  client->Close();
  ASSERT_TRUE(Eventually([&] { return broker->stats().connections == 0; }));
  auto other = Login(Version::k311, "other1");
  auto another = Login(Version::k311, "other2");  // one of them has the slot now
  other->Send(PublishPacket(Version::k311, "defer", "", 1, 7));
  another->Send(PublishPacket(Version::k311, "defer", "", 1, 7));
  ASSERT_TRUE(Eventually([&] { return handler.tokens().size() == 3; }));
  const auto tokens = handler.tokens();
  broker->Complete(std::span(tokens.data(), 1), PublishResult::kSuccess);
  for (auto* c : {other.get(), another.get()}) {
    c->SendHex("c0 00");
    EXPECT_EQ(c->ReadHex(), "d0 00");
  }
}

TEST_F(BrokerPublishTest, RefusesWhatTheAclForbids) {
  StartBroker();
  auto v5 = Login(Version::k5, "v5");
  v5->Send(PublishPacket(Version::k5, "forbidden/x", "x"));
  v5->Send(PublishPacket(Version::k5, "forbidden/x", "x", 1, 5));
  EXPECT_EQ(v5->ReadHex(), "40 03 00 05 87");
  auto v311 = Login(Version::k311, "v311");
  v311->Send(PublishPacket(Version::k311, "forbidden/x", "x", 1, 5));
  EXPECT_TRUE(v311->ReadEnd());
  EXPECT_EQ(handler.count, 0U);
  v5->Send(SubscribePacket(Version::k5, 1, "forbidden/#"));
  EXPECT_EQ(v5->ReadHex(), "90 04 00 01 00 87");
  v311 = Login(Version::k311, "v311");
  v311->Send(SubscribePacket(Version::k311, 1, "forbidden/#"));
  EXPECT_EQ(v311->ReadHex(), "90 03 00 01 80");
}

TEST_F(BrokerPublishTest, TellsV311FailureByClosingButAcknowledgesBadPayload) {
  StartBroker();
  auto client = Login(Version::k311, "c");
  client->Send(PublishPacket(Version::k311, "defer", "", 1, 1) +
               PublishPacket(Version::k311, "defer", "", 1, 2));
  ASSERT_TRUE(Eventually([&] { return handler.tokens().size() == 2; }));
  const auto tokens = handler.tokens();
  broker->Complete(std::span(tokens.data(), 1), PublishResult::kPayloadFormatInvalid);
  EXPECT_EQ(client->ReadHex(), "40 02 00 01");
  broker->Complete(std::span(&tokens[1], 1), PublishResult::kImplementationError);
  EXPECT_TRUE(client->ReadEnd());
}

TEST_F(BrokerPublishTest, RoutesToSubscribersOnEveryThread) {
  StartBroker();
  auto publisher = Login(Version::k311, "p");
  std::vector<std::unique_ptr<RawClient>> subscribers;
  for (int i = 0; i < 4; ++i) {
    const Version version = i % 2 == 0 ? Version::k311 : Version::k5;
    subscribers.push_back(Login(version, "s" + std::to_string(i)));
    subscribers[i]->Send(SubscribePacket(version, 1, "devices/+/telemetry", i < 2 ? 1 : 0));
    const std::string granted = i < 2 ? "01" : "00";
    EXPECT_EQ(subscribers[i]->ReadHex(),
              version == Version::k311 ? "90 03 00 01 " + granted : "90 04 00 01 00 " + granted);
  }
  EXPECT_EQ(broker->stats().subscriptions, 4U);
  publisher->Send(PublishPacket(Version::k311, "devices/D1/telemetry", "x", 1, 1));
  EXPECT_EQ(publisher->ReadHex(), "40 02 00 01");
  const std::string topic = ToHex("devices/D1/telemetry");
  EXPECT_EQ(subscribers[0]->ReadHex(), "32 19 00 14 " + topic + " 00 01 78");
  EXPECT_EQ(subscribers[1]->ReadHex(), "32 1a 00 14 " + topic + " 00 01 00 78");
  EXPECT_EQ(subscribers[2]->ReadHex(), "30 17 00 14 " + topic + " 78");
  EXPECT_EQ(subscribers[3]->ReadHex(), "30 18 00 14 " + topic + " 00 78");
  subscribers[0]->SendHex("40 02 00 01");
  subscribers[0]->SendHex("a2 17 00 02 00 13" + ToHex("devices/+/telemetry"));
  EXPECT_EQ(subscribers[0]->ReadHex(), "b0 02 00 02");
  EXPECT_EQ(broker->stats().subscriptions, 3U);
  subscribers.clear();
  EXPECT_TRUE(Eventually([&] { return broker->stats().subscriptions == 0; }));
}

TEST_F(BrokerPublishTest, NobodyPublishesToTheServersOwnTopics) {
  StartBroker();
  auto watcher = Login(Version::k5, "watcher");
  SubscribeTo(*watcher, Version::k5, "$SYS/#");
  auto client = Login(Version::k5, "c");
  EXPECT_EQ(PublishTo(*client, Version::k5, "$SYS/broker/version", "mine"), 0x87);
  EXPECT_EQ(PublishTo(*client, Version::k5, "$share/g/a", "x"), 0x87);
  EXPECT_EQ(PublishTo(*client, Version::k5, "$other/a", "x"), 0);
  auto old = Login(Version::k311, "old");
  old->Send(PublishPacket(Version::k311, "$SYS/broker/version", "mine", 1, 1));
  EXPECT_TRUE(old->ReadEnd());
  Connect with_will = MakeConnect(Version::k311, "will", true);
  with_will.will = Will{"$SYS/broker/version", "mine", 1, true, {}};
  Login(with_will)->Close();
  ASSERT_TRUE(Eventually([&] { return broker->stats().connections == 2; }));
  ExpectQuiet(*watcher);
  EXPECT_EQ(handler.count, 1U) << "the one to $other";
}

TEST_F(BrokerPublishTest, GrantsQos1WhereQos2IsAsked) {
  StartBroker();
  auto client = Login(Version::k311, "c");
  client->Send(SubscribePacket(Version::k311, 1, "a", 2));
  EXPECT_EQ(client->ReadHex(), "90 03 00 01 01");
}

TEST_F(BrokerPublishTest, OverlappingFiltersDeliverOnce) {
  StartBroker();
  auto client = Login(Version::k5, "c");
  client->SendHex("82 0d 00 01 00 00 01 23 00 00 03 61 2f 2b 01");
  EXPECT_EQ(client->ReadHex(), "90 05 00 01 00 00 01");
  client->Send(PublishPacket(Version::k5, "a/b", "x", 1, 1));
  EXPECT_EQ(client->ReadHex(), "40 02 00 01");
  EXPECT_EQ(client->ReadHex(), "32 09 00 03 61 2f 62 00 01 00 78");
}

TEST_F(BrokerPublishTest, NoLocalAndPropertiesOfV5) {
  StartBroker();
  auto client = Login(Version::k5, "c");
  auto other = Login(Version::k5, "o");
  client->Send(SubscribePacket(Version::k5, 1, "a", 0, true));
  EXPECT_EQ(client->ReadHex(), "90 04 00 01 00 00");
  other->Send(SubscribePacket(Version::k5, 1, "a", 0));
  EXPECT_EQ(other->ReadHex(), "90 04 00 01 00 00");
  Publish packet;
  packet.topic = "a";
  packet.payload = "x";
  packet.properties.Set(Property::kPayloadFormatIndicator, 1);
  packet.properties.Set(Property::kContentType, "json");
  packet.properties.Set(Property::kCorrelationData, "id");
  packet.properties.AddUser("k", "v");
  std::string bytes;
  Encode(packet, Version::k5, bytes);
  client->Send(bytes);
  EXPECT_EQ(other->ReadHex(), ToHex(bytes));
  client->SendHex("c0 00");
  EXPECT_EQ(client->ReadHex(), "d0 00");
}

TEST_F(BrokerPublishTest, UnsubscribeSaysWhatExisted) {
  StartBroker();
  auto client = Login(Version::k5, "c");
  client->Send(SubscribePacket(Version::k5, 1, "a"));
  EXPECT_EQ(client->ReadHex(), "90 04 00 01 00 00");
  client->SendHex("a2 0d 00 02 00 00 01 61 00 01 62 00 02 61 23");
  EXPECT_EQ(client->ReadHex(), "b0 06 00 02 00 00 11 8f");
}

TEST_F(BrokerPublishTest, SaysWhichFiltersItRefuses) {
  StartBroker();
  auto client = Login(Version::k5, "c");
  Subscribe packet;
  packet.packet_id = 1;
  for (const char* filter : {"a#", "$share/g", "$share//a", "$share/+/a", "$share/g/", "a", "",
                             "$share/g/forbidden/a", "$share/g/a"}) {
    packet.filters.push_back({filter, 0});
  }
  std::string bytes;
  Encode(packet, Version::k5, bytes);
  client->Send(bytes);
  EXPECT_EQ(client->ReadHex(), "90 0c 00 01 00 8f 8f 8f 8f 8f 00 8f 87 00");
  auto old_client = Login(Version::k311, "old");
  old_client->Send(SubscribePacket(Version::k311, 1, "a/#/b"));
  EXPECT_TRUE(old_client->ReadEnd());
}

TEST_F(BrokerPublishTest, LimitsSubscriptionsOfAClient) {
  options.max_subscriptions_per_client = 2;
  StartBroker();
  auto client = Login(Version::k5, "c");
  for (const char* filter : {"a", "b", "a"}) {
    client->Send(SubscribePacket(Version::k5, 1, filter));
    EXPECT_EQ(client->ReadHex(), "90 04 00 01 00 00");
  }
  client->Send(SubscribePacket(Version::k5, 1, "c"));
  EXPECT_EQ(client->ReadHex(), "90 04 00 01 00 97");
}

TEST_F(BrokerPublishTest, PublishesTheWillOnAnAbnormalEnd) {
  StartBroker();
  auto watcher = Login(Version::k311, "w");
  watcher->Send(SubscribePacket(Version::k311, 1, "will/#", 1));
  EXPECT_EQ(watcher->ReadHex(), "90 03 00 01 01");
  Connect connect;
  connect.version = Version::k5;
  connect.username = "alice";
  connect.password = "secret";
  connect.client_id = "c";
  connect.will.emplace();
  connect.will->topic = "will/c";
  connect.will->payload = "gone";
  connect.will->properties.Set(Property::kWillDelayInterval, 1000);
  std::string bytes;
  Encode(connect, bytes);
  // Without DISCONNECT, with DISCONNECT 0x04, and with a protocol error: the will is published.
  for (const char* end : {"", "e0 01 04", "00 00"}) {
    RawClient client(broker->port());
    client.Send(bytes);
    EXPECT_EQ(ToHex(client.ReadPacket().substr(2, 2)), "00 00");
    client.SendHex(end);
    if (*end != '\0') client.ReadUntilEnd();
    client.Close();
    EXPECT_EQ(watcher->ReadHex(), "30 0c 00 06 " + ToHex("will/cgone"));
  }
  {
    RawClient client(broker->port());
    client.Send(bytes);
    client.ReadPacket();
    client.SendHex("e0 00");
    EXPECT_TRUE(client.ReadEnd());
  }
  watcher->SendHex("c0 00");
  EXPECT_EQ(watcher->ReadHex(), "d0 00") << "a normal DISCONNECT discards the will";
  EXPECT_EQ(handler.messages().size(), 3U);
}

TEST_F(BrokerPublishTest, SendsMessagesOfTheProgram) {
  StartBroker();
  EXPECT_TRUE(broker->Publish("nobody", "x", 0).ok());
  auto client = Login(Version::k311, "c");
  client->Send(SubscribePacket(Version::k311, 1, "commands/c", 1));
  EXPECT_EQ(client->ReadHex(), "90 03 00 01 01");
  EXPECT_TRUE(broker->Publish("commands/c", "on", 1).ok());
  EXPECT_EQ(client->ReadHex(), "32 10 00 0a " + ToHex("commands/c") + " 00 01 6f 6e");
  EXPECT_FALSE(broker->Publish("commands/+", "on", 1).ok());
  EXPECT_FALSE(broker->Publish("commands", "on", 2).ok());
}

}  // namespace
}  // namespace energy::mqtt::test
