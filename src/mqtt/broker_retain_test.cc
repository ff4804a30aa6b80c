#include <set>

#include "mqtt/test_support.h"

namespace energy::mqtt::test {
namespace {

using std::chrono::seconds;

class BrokerRetainTest : public BrokerTest {
 protected:
  static void SubscribeWith(RawClient& client, std::string_view filter, RetainHandling handling,
                            bool as_published = false) {
    Subscribe packet;
    packet.packet_id = 5;
    packet.filters.push_back({filter, 1, false, as_published, handling});
    std::string bytes;
    Encode(packet, Version::k5, bytes);
    client.Send(bytes);
    EXPECT_EQ(client.ReadHex(), "90 04 00 05 00 01");
  }
};

TEST_F(BrokerRetainTest, SetsReplacesAndDeletes) {
  StartBroker();
  auto publisher = Login(Version::k311, "p");
  auto live = Login(Version::k5, "live");
  SubscribeTo(*live, Version::k5, "s/#");
  PublishTo(*publisher, Version::k311, "s/1", "old", true);
  PublishTo(*publisher, Version::k311, "s/1", "new", true);
  publisher->Send(Hex("31 06 0003 732f32") + "0");  // QoS 0
  PublishTo(*publisher, Version::k311, "s/3", "not retained");
  for (int i = 0; i < 4; ++i) {
    const Arrived arrived = ReadPublish(*live, Version::k5);
    EXPECT_FALSE(arrived.retain) << "to an existing subscription: " << arrived.payload;
    if (arrived.qos > 0) live->Send(PubackOf(arrived));
  }
  for (const Version version : {Version::k311, Version::k5}) {
    auto late = Login(version, "late");
    SubscribeTo(*late, version, "s/#");
    Arrived arrived = ReadPublish(*late, version);
    EXPECT_EQ(arrived.topic, "s/1");
    EXPECT_EQ(arrived.payload, "new");
    EXPECT_EQ(arrived.qos, 1);
    EXPECT_TRUE(arrived.retain);
    arrived = ReadPublish(*late, version);
    EXPECT_EQ(arrived.topic, "s/2");
    EXPECT_EQ(arrived.qos, 0);
    EXPECT_TRUE(arrived.retain);
    ExpectQuiet(*late);
  }
  EXPECT_EQ(broker->stats().retained_messages, 2U);
  PublishTo(*publisher, Version::k311, "s/1", "", true);
  EXPECT_EQ(ReadPublish(*live, Version::k5).payload, "") << "the deletion is a message too";
  EXPECT_EQ(broker->stats().retained_messages, 1U);
}

TEST_F(BrokerRetainTest, ObeysRetainHandlingAndRetainAsPublished) {
  StartBroker();
  auto client = Login(Version::k5, "c");
  PublishTo(*client, Version::k5, "t", "r", true);
  SubscribeWith(*client, "t", RetainHandling::kDontSend);
  ExpectQuiet(*client);
  SubscribeWith(*client, "t", RetainHandling::kSendIfNew);
  ExpectQuiet(*client);
  SubscribeWith(*client, "t", RetainHandling::kSend);
  EXPECT_TRUE(ReadPublish(*client, Version::k5).retain);
  SubscribeWith(*client, "+", RetainHandling::kSendIfNew, true);
  EXPECT_TRUE(ReadPublish(*client, Version::k5).retain);
  client->Send(PublishPacket(Version::k5, "t", "plain"));
  EXPECT_FALSE(ReadPublish(*client, Version::k5).retain);
  client->Send(Hex("31 05 0001 74 00") + "x");
  EXPECT_TRUE(ReadPublish(*client, Version::k5).retain);
  client->Send(SubscribePacket(Version::k5, 9, "$share/g/t", 1));
  EXPECT_EQ(client->ReadHex(), "90 04 00 09 00 01");
  ExpectQuiet(*client);  // none for a shared subscription
}

TEST_F(BrokerRetainTest, ExpiryCountsDown) {
  StartBroker(manual_clock);
  auto client = Login(Version::k5, "c");
  Publish packet;
  packet.topic = "t";
  packet.payload = "x";
  packet.retain = true;
  packet.properties.Set(Property::kMessageExpiryInterval, 100);
  packet.properties.AddUser("k", "v");
  PublishTo(*client, Version::k5, packet);
  manual_clock.Advance(seconds(30));
  SubscribeWith(*client, "t", RetainHandling::kSend);
  EXPECT_EQ(ReadPublish(*client, Version::k5).expiry_s, 70U);
  manual_clock.Advance(seconds(71));
  SubscribeWith(*client, "#", RetainHandling::kSend);
  ExpectQuiet(*client);
}

TEST_F(BrokerRetainTest, IsBounded) {
  options.max_retained_messages = 2;
  StartBroker(manual_clock);
  auto v5 = Login(Version::k5, "v5");
  Publish packet;
  packet.topic = "expires";
  packet.payload = "x";
  packet.retain = true;
  packet.properties.Set(Property::kMessageExpiryInterval, 1);
  PublishTo(*v5, Version::k5, packet);
  PublishTo(*v5, Version::k5, "a", "x", true);
  EXPECT_EQ(PublishTo(*v5, Version::k5, "b", "x", true), 0x97);
  EXPECT_EQ(PublishTo(*v5, Version::k5, "a", "y", true), 0) << "replacing needs no room";
  auto v311 = Login(Version::k311, "v311");
  PublishTo(*v311, Version::k311, "b", "x", true);
  EXPECT_EQ(broker->stats().messages_dropped, 2U);
  manual_clock.Advance(seconds(2));
  EXPECT_EQ(PublishTo(*v5, Version::k5, "b", "x", true), 0) << "what has expired makes room";
}

// More retained messages than may wait for a subscriber, and a client that takes few at a time.
TEST_F(BrokerRetainTest, FeedsManyToASlowSubscriber) {
  options.max_outbound_bytes = 20'000;
  options.max_queued_messages = 100;
  StartBroker();
  auto publisher = Login(Version::k311, "p");
  constexpr int kCount = 2000;
  for (int i = 0; i < kCount; ++i) {
    publisher->Send(Hex("31 44") + std::string("\0\x06", 2) + std::to_string(100'000 + i) +
                    std::string(60, 'x'));
  }
  ExpectQuiet(*publisher);
  EXPECT_EQ(broker->stats().retained_messages, size_t{kCount});
  auto slow = Login(Version::k5, "slow");
  slow->Send(SubscribePacket(Version::k5, 1, "#", 1));
  EXPECT_EQ(slow->ReadHex(), "90 04 00 01 00 01");
  std::set<std::string> topics;
  for (int i = 0; i < kCount; ++i) topics.insert(ReadPublish(*slow, Version::k5).topic);
  EXPECT_EQ(topics.size(), size_t{kCount});
  ExpectQuiet(*slow);
}

}  // namespace
}  // namespace energy::mqtt::test
