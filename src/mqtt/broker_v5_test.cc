#include <cstring>
#include <set>

#include "mqtt/test_support.h"

namespace energy::mqtt::test {
namespace {

using BrokerV5Test = BrokerTest;

void SubscribeWithId(RawClient& client, std::string_view filter, uint32_t id, uint8_t qos = 1) {
  Subscribe packet;
  packet.packet_id = 3;
  packet.properties.Set(Property::kSubscriptionIdentifier, id);
  packet.filters.push_back({filter, qos});
  std::string bytes;
  Encode(packet, Version::k5, bytes);
  client.Send(bytes);
  EXPECT_EQ(ToHex(client.ReadPacket().substr(0, 1)), "90");
}

TEST_F(BrokerV5Test, SubscriptionIdentifiersOfAllThatMatch) {
  StartBroker();
  auto client = Login(Version::k5, "c");
  SubscribeWithId(*client, "a/#", 1, 0);
  SubscribeWithId(*client, "a/+", 268'435'455);
  SubscribeTo(*client, Version::k5, "a/b", 0);
  PublishTo(*client, Version::k5, "a/c", "r", true);
  Arrived arrived = ReadPublish(*client, Version::k5);
  EXPECT_EQ(std::multiset<uint32_t>(arrived.ids.begin(), arrived.ids.end()),
            (std::multiset<uint32_t>{1, 268'435'455}));
  EXPECT_EQ(arrived.qos, 1);
  // A subscription made again has the new identifier only, and so have retained messages.
  SubscribeWithId(*client, "a/+", 7);
  EXPECT_EQ(ReadPublish(*client, Version::k5).ids, std::vector<uint32_t>{7});
  SubscribeTo(*client, Version::k5, "a/+", 1);
  EXPECT_TRUE(ReadPublish(*client, Version::k5).ids.empty());
}

TEST_F(BrokerV5Test, TopicAliasesFromTheClient) {
  StartBroker();
  auto subscriber = Login(Version::k5, "s");
  SubscribeTo(*subscriber, Version::k5, "#", 0);
  auto client = Login(Version::k5, "c");
  const auto publish = [&](std::string_view topic, uint32_t alias) {
    Publish packet;
    packet.topic = topic;
    packet.payload = "x";
    packet.properties.Set(Property::kTopicAlias, alias);
    packet.properties.AddUser("k", "v");
    std::string bytes;
    Encode(packet, Version::k5, bytes);
    client->Send(bytes);
  };
  publish("one", 1);
  publish("two", 16);
  publish("", 1);
  publish("", 16);
  publish("other", 1);
  publish("", 1);
  for (const char* topic : {"one", "two", "one", "two", "other", "other"}) {
    // The alias is the publisher's own; the other properties pass.
    EXPECT_EQ(subscriber->ReadHex(),
              ToHex(std::string("\x30") + static_cast<char>(11 + std::strlen(topic)) +
                    std::string("\0", 1) + static_cast<char>(std::strlen(topic)) + topic) +
                  " 07 26 00 01 6b 00 01 76 78");
  }
  EXPECT_EQ(handler.messages().at(2).topic, "one");
  // Aliases end with the connection.
  client = Login(Version::k5, "c");
  publish("", 1);
  EXPECT_EQ(ToHex(client->ReadPacket().substr(2, 1)), "82");
}

TEST_F(BrokerV5Test, TopicAliasesToTheClient) {
  StartBroker();
  Connect connect = MakeConnect(Version::k5, "c", true);
  connect.properties.Set(Property::kTopicAliasMaximum, 1);
  auto client = Login(connect);
  SubscribeTo(*client, Version::k5, "#", 0);
  for (int i = 0; i < 2; ++i) {
    client->Send(PublishPacket(Version::k5, "TopicA", "x"));
    client->Send(PublishPacket(Version::k5, "TopicB", "x"));
    Arrived arrived = ReadPublish(*client, Version::k5);
    EXPECT_EQ(arrived.topic, i == 0 ? "TopicA" : "");
    EXPECT_EQ(arrived.alias, 1U);
    arrived = ReadPublish(*client, Version::k5);
    EXPECT_EQ(arrived.topic, "TopicB");
    EXPECT_EQ(arrived.alias, 0U);
  }
}

TEST_F(BrokerV5Test, BoundsTheTopicsOfAliases) {
  StartBroker();
  auto client = Login(Version::k5, "c");
  const std::string topic(60'000, 't');
  for (uint32_t alias = 1; alias <= 2; ++alias) {
    Publish packet;
    packet.topic = topic;
    packet.properties.Set(Property::kTopicAlias, alias);
    std::string bytes;
    Encode(packet, Version::k5, bytes);
    client->Send(bytes);
  }
  EXPECT_EQ(ToHex(client->ReadPacket().substr(2, 1)), "97");
}

TEST_F(BrokerV5Test, SharedSubscriptionsShare) {
  StartBroker();
  auto publisher = Login(Version::k311, "p");
  auto one = Login(Version::k5, "one");
  auto two = Login(Version::k311, "two");
  SubscribeTo(*one, Version::k5, "$share/g/jobs/+", 1);
  SubscribeTo(*two, Version::k311, "$share/g/jobs/+", 1);
  for (int i = 0; i < 6; ++i) PublishTo(*publisher, Version::k311, "jobs/1", std::to_string(i));
  std::set<std::string> got;
  for (int i = 0; i < 3; ++i) {
    got.insert(ReadPublish(*one, Version::k5).payload);
    got.insert(ReadPublish(*two, Version::k311).payload);
  }
  EXPECT_EQ(got.size(), 6U) << "each once";
  // What one has not acknowledged goes to the other when its session ends.
  one->Close();
  ASSERT_TRUE(Eventually([&] { return broker->stats().connections == 2; }));
  std::set<std::string> again;
  for (int i = 0; i < 3; ++i) again.insert(ReadPublish(*two, Version::k311).payload);
  EXPECT_EQ(again.size(), 3U);
  PublishTo(*publisher, Version::k311, "jobs/1", "rest");
  EXPECT_EQ(ReadPublish(*two, Version::k311).payload, "rest");
}

TEST_F(BrokerV5Test, SharedSubscriptionsPreferWhoIsConnected) {
  StartBroker();
  auto away = Login(MakeConnect(Version::k5, "away", true, 600));
  SubscribeTo(*away, Version::k5, "$share/g/a", 1);
  auto here = Login(Version::k5, "here");
  SubscribeTo(*here, Version::k5, "$share/g/a", 1);
  away->Close();
  ASSERT_TRUE(Eventually([&] { return broker->stats().connections == 1; }));
  auto publisher = Login(Version::k311, "p");
  for (int i = 0; i < 4; ++i) {
    PublishTo(*publisher, Version::k311, "a", "x");
    EXPECT_EQ(ReadPublish(*here, Version::k5).payload, "x");
  }
  here->SendHex("a2 0f 00 04 00 00 0a" + ToHex("$share/g/a"));
  EXPECT_EQ(here->ReadHex(), "b0 04 00 04 00 00");
  PublishTo(*publisher, Version::k311, "a", "for who comes back");
  away = Login(MakeConnect(Version::k5, "away", false, 600));
  EXPECT_EQ(ReadPublish(*away, Version::k5).payload, "for who comes back");
}

TEST_F(BrokerV5Test, RespectsTheClientsMaximumPacketSize) {
  StartBroker();
  Connect connect = MakeConnect(Version::k5, "c", true);
  connect.properties.Set(Property::kMaximumPacketSize, 20);
  auto client = Login(connect);
  SubscribeTo(*client, Version::k5, "a", 1);
  auto publisher = Login(Version::k5, "p");
  PublishTo(*publisher, Version::k5, "a", std::string(40, 'x'));
  PublishTo(*publisher, Version::k5, "a", "fits");
  EXPECT_EQ(ReadPublish(*client, Version::k5).payload, "fits");
  // Its reason string would not fit into the DISCONNECT.
  client->SendHex("34 07 0001 61 0001 00 78");
  EXPECT_EQ(client->ReadHex(), "e0 01 9b");
  connect.username = "mallory";
  connect.properties.Set(Property::kMaximumPacketSize, 12);
  std::string bytes;
  Encode(connect, bytes);
  RawClient refused(broker->port());
  refused.Send(bytes);
  EXPECT_EQ(refused.ReadHex(), "20 03 00 87 00");
  // Nor is anything else sent that is larger: here CONNACK, a refusal and SUBACK.
  for (const auto& [username, largest] : {std::pair("user", 17), {"mallory", 4}}) {
    connect.username = username;
    connect.properties.Set(Property::kMaximumPacketSize, largest);
    bytes.clear();
    Encode(connect, bytes);
    RawClient closed(broker->port());
    closed.Send(bytes);
    EXPECT_TRUE(closed.ReadEnd()) << username;
  }
  Subscribe many;
  many.packet_id = 1;
  for (int i = 0; i < 20; ++i) many.filters.push_back({"a"});
  bytes.clear();
  Encode(many, Version::k5, bytes);
  connect.username = "user";
  connect.properties.Set(Property::kMaximumPacketSize, 20);
  auto subscriber = Login(connect);
  subscriber->Send(bytes);
  EXPECT_EQ(subscriber->ReadHex(), "e0 01 95");
}

TEST_F(BrokerV5Test, ReceiveMaximumHoldsDeliveriesBack) {
  StartBroker();
  Connect connect = MakeConnect(Version::k5, "c", true);
  connect.properties.Set(Property::kReceiveMaximum, 1);
  auto client = Login(connect);
  SubscribeTo(*client, Version::k5, "a", 1);
  auto publisher = Login(Version::k5, "p");
  for (const char* payload : {"1", "2"}) PublishTo(*publisher, Version::k5, "a", payload);
  EXPECT_EQ(ReadPublish(*client, Version::k5).payload, "1");
  ExpectQuiet(*client);
  client->SendHex("40 03 00 01 80");  // a refusal completes it too
  EXPECT_EQ(ReadPublish(*client, Version::k5).payload, "2");
}

TEST_F(BrokerV5Test, PassesRequestAndResponseThrough) {
  StartBroker();
  auto client = Login(Version::k5, "c");
  SubscribeTo(*client, Version::k5, "ask", 0);
  Publish packet;
  packet.topic = "ask";
  packet.payload = "?";
  packet.properties.Set(Property::kResponseTopic, "answer/c");
  packet.properties.Set(Property::kCorrelationData, std::string_view("\0\1", 2));
  packet.properties.Set(Property::kPayloadFormatIndicator, 1);
  std::string bytes;
  Encode(packet, Version::k5, bytes);
  client->Send(bytes);
  EXPECT_EQ(client->ReadHex(), ToHex(bytes));
}

}  // namespace
}  // namespace energy::mqtt::test
