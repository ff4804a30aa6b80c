#include <filesystem>

#include "mqtt/test_support.h"

namespace energy::mqtt::test {
namespace {

using std::chrono::seconds;

class BrokerSessionTest : public BrokerTest {
 protected:
  void Advance(std::chrono::milliseconds by) { manual_clock.Advance(by); }
};

TEST_F(BrokerSessionTest, KeepsASessionAndItsMessagesForAClientThatIsAway) {
  StartBroker();
  for (const Version version : {Version::k311, Version::k5}) {
    const auto connect = MakeConnect(version, "keeps", false, version == Version::k5 ? 60 : 0);
    std::unique_ptr<RawClient> client;
    EXPECT_FALSE(SessionPresent(connect, client));
    SubscribeTo(*client, version, "a/+");
    client->SendHex("e0 00");
    EXPECT_TRUE(client->ReadEnd());
    auto publisher = Login(Version::k311, "p");
    PublishTo(*publisher, Version::k311, "a/1", "one");
    publisher->Send(PublishPacket(Version::k311, "a/0", "QoS 0 is not kept"));
    PublishTo(*publisher, Version::k311, "a/2", "two");
    EXPECT_EQ(broker->stats().sessions, 1U);
    EXPECT_TRUE(SessionPresent(connect, client));
    for (const char* payload : {"one", "two"}) {
      const Arrived arrived = ReadPublish(*client, version);
      EXPECT_EQ(arrived.payload, payload);
      EXPECT_EQ(arrived.qos, 1);
      EXPECT_FALSE(arrived.dup);
    }
    // Clean start ends it.
    auto clean = connect;
    clean.clean_start = true;
    clean.properties.Clear();
    EXPECT_FALSE(SessionPresent(clean, client));
    ExpectQuiet(*client);
    EXPECT_EQ(broker->stats().subscriptions, 0U);
    client->SendHex("e0 00");
    EXPECT_TRUE(client->ReadEnd());
    EXPECT_FALSE(SessionPresent(connect, client));
    client->SendHex(version == Version::k5 ? "e0 07 00 05 11 00000000" : "e0 00");
    EXPECT_TRUE(client->ReadEnd());
    clean = MakeConnect(version, "keeps", true);
    client = Login(clean);
    client->SendHex("e0 00");
    EXPECT_TRUE(client->ReadEnd());
    EXPECT_TRUE(Eventually([&] { return broker->stats().sessions == 0; }));
  }
}

TEST_F(BrokerSessionTest, SessionsExpireAsAskedAndAsChangedInDisconnect) {
  options.max_session_expiry_s = 100;
  StartBroker(manual_clock);
  struct Case {
    uint32_t expiry_s;
    const char* disconnect;
    int away_s;
    bool present;
  };
  const Case cases[] = {{0, "e0 00", 0, false},
                        {10, "e0 00", 9, true},
                        {10, "e0 00", 11, false},
                        {10, "", 9, true},  // the connection just ends
                        {10, "e0 07 00 05 11 0000001e", 29, true},
                        {10, "e0 07 00 05 11 0000001e", 31, false},
                        {10, "e0 07 00 05 11 00000000", 0, false},
                        {UINT32_MAX, "e0 00", 99, true},
                        {UINT32_MAX, "e0 00", 101, false}};
  for (const Case& c : cases) {
    SCOPED_TRACE(std::to_string(c.expiry_s) + " " + c.disconnect + " " + std::to_string(c.away_s));
    auto client = Login(MakeConnect(Version::k5, "expires", true, c.expiry_s));
    client->SendHex(c.disconnect);
    if (*c.disconnect != '\0') {
      EXPECT_TRUE(client->ReadEnd());
    }
    client->Close();
    ASSERT_TRUE(Eventually([&] { return broker->stats().connections == 0; }));
    Advance(seconds(c.away_s));
    EXPECT_EQ(SessionPresent(MakeConnect(Version::k5, "expires", false, 10), client), c.present);
    client->SendHex("e0 00");
    EXPECT_TRUE(client->ReadEnd());
  }
  // Without anybody coming back it goes by itself.
  Advance(seconds(1000));
  EXPECT_TRUE(Eventually([&] { return broker->stats().sessions == 0; }));
}

TEST_F(BrokerSessionTest, TellsWhenASessionIsKeptShorterThanAsked) {
  options.max_session_expiry_s = 100;
  StartBroker();
  RawClient client(broker->port());
  std::string bytes;
  Encode(MakeConnect(Version::k5, "c", true, 1000), bytes);
  client.Send(bytes);
  EXPECT_NE(client.ReadHex().find("11 00 00 00 64"), std::string::npos);
}

TEST_F(BrokerSessionTest, RedeliversWhatWasNotAcknowledgedInOrderWithDup) {
  StartBroker();
  const auto connect = MakeConnect(Version::k5, "again", false, 60);
  auto client = Login(connect);
  SubscribeTo(*client, Version::k5, "a");
  auto publisher = Login(Version::k311, "p");
  for (const char* payload : {"1", "2", "3"}) PublishTo(*publisher, Version::k311, "a", payload);
  std::vector<uint16_t> ids;
  for (int i = 0; i < 3; ++i) ids.push_back(ReadPublish(*client, Version::k5).packet_id);
  client->SendHex("40 02 00 02");
  ExpectQuiet(*client);
  client->Close();
  ASSERT_TRUE(Eventually([&] { return broker->stats().connections == 1; }));
  PublishTo(*publisher, Version::k311, "a", "4");
  Connect small = connect;
  small.properties.Set(Property::kReceiveMaximum, 2);
  client = Login(small);
  for (const char* payload : {"1", "3"}) {
    const Arrived arrived = ReadPublish(*client, Version::k5);
    EXPECT_EQ(arrived.payload, payload);
    EXPECT_TRUE(arrived.dup);
    EXPECT_EQ(arrived.packet_id, ids[payload[0] - '1']);
  }
  ExpectQuiet(*client);  // the window of two is full
  client->SendHex("40 02 00 01");
  const Arrived last = ReadPublish(*client, Version::k5);
  EXPECT_EQ(last.payload, "4");
  EXPECT_FALSE(last.dup);
}

// The session moves to another connection, on the same and on other threads, while messages come.
TEST_F(BrokerSessionTest, TakeoverLosesNothing) {
  StartBroker();
  const auto connect = MakeConnect(Version::k5, "moves", false, 60);
  auto client = Login(connect);
  SubscribeTo(*client, Version::k5, "a");
  std::atomic<bool> end{false};
  std::atomic<int> published{0};
  std::thread load([&] {
    auto publisher = Login(Version::k311, "p");
    while (!end && published < 5000) {
      PublishTo(*publisher, Version::k311, "a", std::to_string(published));
      ++published;
    }
  });
  int next = 0;
  for (int round = 0; round < 20; ++round) {
    auto taken = Login(connect);
    std::swap(client, taken);
    // The one before goes without a word of its own; what it had may come again.
    for (int i = 0; i < 20; ++i) {
      const Arrived arrived = ReadPublish(*client, Version::k5);
      ASSERT_EQ(arrived.qos, 1);
      const int number = std::stoi(arrived.payload);
      ASSERT_LE(number, next) << "a message is missing";
      next = std::max(next, number + 1);
      client->Send(PubackOf(arrived));
    }
  }
  end = true;
  load.join();
  while (next < published) {
    const int number = std::stoi(ReadPublish(*client, Version::k5).payload);
    ASSERT_LE(number, next);
    next = std::max(next, number + 1);
  }
}

TEST_F(BrokerSessionTest, AnotherUserDoesNotGetTheSession) {
  StartBroker();
  auto connect = MakeConnect(Version::k5, "mine", false, 60);
  auto client = Login(connect);
  SubscribeTo(*client, Version::k5, "secret");
  client->Close();
  connect.username = "bob";
  EXPECT_FALSE(SessionPresent(connect, client));
  EXPECT_TRUE(Eventually([&] { return broker->stats().subscriptions == 0; }));
}

TEST_F(BrokerSessionTest, KeepsAsManySessionsAsAllowed) {
  options.max_sessions = 1;
  StartBroker();
  auto one = Login(MakeConnect(Version::k5, "one", true, 60));
  std::string bytes;
  Encode(MakeConnect(Version::k5, "two", true, 60), bytes);
  RawClient two(broker->port());
  two.Send(bytes);
  EXPECT_EQ(ToHex(two.ReadPacket().substr(2, 2)), "00 97");
  bytes.clear();
  Encode(MakeConnect(Version::k311, "three", false), bytes);
  RawClient three(broker->port());
  three.Send(bytes);
  EXPECT_EQ(three.ReadHex(), "20 02 00 03");
  auto clean = Login(Version::k311, "clean");
  one = Login(MakeConnect(Version::k5, "one", true, 60));  // its own place is free again
}

TEST_F(BrokerSessionTest, DropsTheOldestOfAClientThatIsAway) {
  options.max_queued_messages = 2;
  StartBroker();
  const auto connect = MakeConnect(Version::k311, "away", false);
  auto client = Login(connect);
  SubscribeTo(*client, Version::k311, "a");
  client->Close();
  ASSERT_TRUE(Eventually([&] { return broker->stats().connections == 0; }));
  auto publisher = Login(Version::k311, "p");
  for (const char* payload : {"1", "2", "3"}) PublishTo(*publisher, Version::k311, "a", payload);
  EXPECT_EQ(broker->stats().messages_dropped, 1U);
  client = Login(connect);
  EXPECT_EQ(ReadPublish(*client, Version::k311).payload, "2");
  EXPECT_EQ(ReadPublish(*client, Version::k311).payload, "3");
}

TEST_F(BrokerSessionTest, MessagesExpireWhileTheyWait) {
  StartBroker(manual_clock);
  const auto connect = MakeConnect(Version::k5, "late", false, 600);
  auto client = Login(connect);
  SubscribeTo(*client, Version::k5, "a");
  client->Close();
  ASSERT_TRUE(Eventually([&] { return broker->stats().connections == 0; }));
  auto publisher = Login(Version::k5, "p");
  for (const uint32_t expiry_s : {5U, 60U}) {
    Publish packet;
    packet.topic = "a";
    packet.payload = "x";
    packet.properties.Set(Property::kMessageExpiryInterval, expiry_s);
    PublishTo(*publisher, Version::k5, packet);
  }
  Advance(seconds(20));
  client = Login(connect);
  EXPECT_EQ(ReadPublish(*client, Version::k5).expiry_s, 40U);
  ExpectQuiet(*client);
}

// ---- Across a restart.

TEST_F(BrokerSessionTest, EverythingComesBackAfterARestart) {
  UseStore();
  StartBroker();
  const auto connect = MakeConnect(Version::k5, "keeps", false, 600);
  auto client = Login(connect);
  Subscribe packet;
  packet.packet_id = 1;
  packet.properties.Set(Property::kSubscriptionIdentifier, 300);
  packet.filters.push_back({"a/+", 1, true, true});
  packet.filters.push_back({"gone", 1});
  std::string bytes;
  Encode(packet, Version::k5, bytes);
  client->Send(bytes);
  EXPECT_EQ(client->ReadHex(), "90 05 00 01 00 01 01");
  client->SendHex("a2 09 00 02 00 00 04" + ToHex("gone"));
  EXPECT_EQ(client->ReadHex(), "b0 04 00 02 00 00");
  auto publisher = Login(Version::k5, "p");
  PublishTo(*publisher, Version::k5, "a/1", "sent");
  const Arrived sent = ReadPublish(*client, Version::k5);
  PublishTo(*publisher, Version::k5, "a/1", "acknowledged");
  const Arrived acknowledged = ReadPublish(*client, Version::k5);
  client->SendHex("40 02 00 02");
  ExpectQuiet(*client);
  client->Close();
  ASSERT_TRUE(Eventually([&] { return broker->stats().connections == 1; }));
  PublishTo(*publisher, Version::k5, "a/2", "queued", true);
  auto clean = Login(Version::k5, "clean");
  SubscribeTo(*clean, Version::k5, "a/+");
  EXPECT_EQ(ReadPublish(*clean, Version::k5).payload, "queued");
  Restart();
  EXPECT_EQ(broker->stats().sessions, 1U);
  EXPECT_EQ(broker->stats().subscriptions, 1U);
  EXPECT_EQ(broker->stats().retained_messages, 1U);
  EXPECT_TRUE(SessionPresent(connect, client));
  Arrived arrived = ReadPublish(*client, Version::k5);
  EXPECT_EQ(arrived.payload, "sent");
  EXPECT_TRUE(arrived.dup);
  EXPECT_EQ(arrived.ids, std::vector<uint32_t>{300});
  arrived = ReadPublish(*client, Version::k5);
  EXPECT_EQ(arrived.payload, "queued");
  EXPECT_TRUE(arrived.retain) << "retain as published";
  EXPECT_FALSE(arrived.dup);
  ExpectQuiet(*client);
  // Its number is not given to another: what is published now is kept too.
  publisher = Login(Version::k5, "p");
  client->SendHex("40 02 00 01");
  client->SendHex("40 02 00 02");
  ExpectQuiet(*client);
  client->Close();
  ASSERT_TRUE(Eventually([&] { return broker->stats().connections == 1; }));
  PublishTo(*publisher, Version::k5, "a/3", "later");
  PublishTo(*publisher, Version::k5, "a/2", "", true);
  Restart();
  EXPECT_EQ(broker->stats().retained_messages, 0U);
  EXPECT_TRUE(SessionPresent(connect, client));
  EXPECT_EQ(ReadPublish(*client, Version::k5).payload, "later");
  EXPECT_EQ(ReadPublish(*client, Version::k5).payload, "");
}

TEST_F(BrokerSessionTest, SessionsThatExpiredMeanwhileDoNotComeBack) {
  UseStore();
  StartBroker(manual_clock);
  auto client = Login(MakeConnect(Version::k5, "short", true, 5));
  auto other = Login(MakeConnect(Version::k5, "long", true, 500));
  SubscribeTo(*client, Version::k5, "a");
  broker->Stop();
  broker.reset();
  manual_clock.Advance(seconds(10));
  broker = std::make_unique<Broker>(options, io, authenticator, handler, manual_clock,
                                    base::NullLogger(), metrics);
  ASSERT_TRUE(broker->Start().ok());
  EXPECT_EQ(broker->stats().sessions, 1U);
  EXPECT_EQ(broker->stats().subscriptions, 0U);
}

}  // namespace
}  // namespace energy::mqtt::test
