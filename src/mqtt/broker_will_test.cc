#include "mqtt/test_support.h"

namespace energy::mqtt::test {
namespace {

using std::chrono::seconds;

class BrokerWillTest : public BrokerTest {
 protected:
  void Begin() {
    StartBroker(manual_clock);
    watcher = Login(Version::k5, "watcher");
    SubscribeTo(*watcher, Version::k5, "will");
  }
  static Connect WithWill(uint32_t delay_s, uint32_t expiry_s, bool clean_start = true) {
    Connect connect = MakeConnect(Version::k5, "c", clean_start, expiry_s);
    connect.will.emplace();
    connect.will->topic = "will";
    connect.will->payload = "gone";
    connect.will->qos = 1;
    if (delay_s > 0) connect.will->properties.Set(Property::kWillDelayInterval, delay_s);
    connect.will->properties.Set(Property::kContentType, "text");
    return connect;
  }
  // Ends the connection without DISCONNECT.
  void Drop(std::unique_ptr<RawClient>& client) {
    client->Close();
    ASSERT_TRUE(Eventually([&] { return broker->stats().connections == 1; }));
  }
  void ExpectWill() {
    const Arrived arrived = ReadPublish(*watcher, Version::k5);
    EXPECT_EQ(arrived.payload, "gone");
    EXPECT_EQ(arrived.qos, 1);
    watcher->Send(PubackOf(arrived));
    ExpectQuiet(*watcher);
  }
  std::unique_ptr<RawClient> watcher;
};

TEST_F(BrokerWillTest, WaitsForItsDelay) {
  Begin();
  auto client = Login(WithWill(10, 100));
  Drop(client);
  manual_clock.Advance(seconds(9));
  ExpectQuiet(*watcher);
  manual_clock.Advance(seconds(2));
  ExpectWill();
  EXPECT_EQ(broker->stats().sessions, 1U);
}

TEST_F(BrokerWillTest, ComesAtTheEndOfTheSessionIfThatIsEarlier) {
  Begin();
  auto client = Login(WithWill(1000, 10));
  Drop(client);
  manual_clock.Advance(seconds(11));
  ExpectWill();
  client = Login(WithWill(1000, 0));  // ends with the connection
  Drop(client);
  ExpectWill();
  client = Login(WithWill(1000, 10));
  Drop(client);
  client = Login(MakeConnect(Version::k5, "c", true));  // clean start ends it
  ExpectWill();
}

TEST_F(BrokerWillTest, IsCancelledByComingBackInTime) {
  Begin();
  auto client = Login(WithWill(10, 100));
  Drop(client);
  client = Login(MakeConnect(Version::k5, "c", false, 100));
  manual_clock.Advance(seconds(20));
  ExpectQuiet(*watcher);
}

TEST_F(BrokerWillTest, OnTakeoverDependsOnDelayAndCleanStart) {
  Begin();
  auto first = Login(WithWill(10, 100));
  auto second = Login(MakeConnect(Version::k5, "c", false, 100));
  EXPECT_EQ(ToHex(first->ReadPacket().substr(2, 1)), "8e");
  EXPECT_TRUE(first->ReadEnd());
  manual_clock.Advance(seconds(20));
  ExpectQuiet(*watcher);
  second = Login(WithWill(0, 100, false));  // without a delay it is sent at once
  auto third = Login(WithWill(10, 100, false));
  ExpectWill();
  auto fourth = Login(MakeConnect(Version::k5, "c", true));  // the session ends
  ExpectWill();
}

TEST_F(BrokerWillTest, IsKeptWithDisconnectReason04AndNotWithout) {
  Begin();
  auto client = Login(WithWill(0, 0));
  client->SendHex("e0 01 04");
  ExpectWill();
  client = Login(WithWill(10, 100));
  client->SendHex("e0 00");
  EXPECT_TRUE(client->ReadEnd());
  manual_clock.Advance(seconds(200));
  ExpectQuiet(*watcher);
}

// A watcher whose session outlives its connection, and the broker.
class BrokerWillRestartTest : public BrokerWillTest {
 protected:
  void SetUp() override {
    UseStore();
    StartBroker(manual_clock);
    Watch();
    SubscribeTo(*watcher, Version::k5, "will");
  }
  void Watch() { watcher = Login(MakeConnect(Version::k5, "watcher", false, 1'000'000)); }
  void LeaveAWill(uint32_t delay_s, uint32_t expiry_s) {
    auto client = Login(WithWill(delay_s, expiry_s));
    Drop(client);
  }
  void Kill() {
    // CONNACK does not wait for the store; SUBACK does.
    SubscribeTo(*watcher, Version::k5, "will");
    RestartAsAfterAKill();
    Watch();
  }
};

TEST_F(BrokerWillRestartTest, WaitsOnAfterAStopAndAKill) {
  LeaveAWill(100, 1000);
  manual_clock.Advance(seconds(40));
  Restart([&] { manual_clock.Advance(seconds(10)); });
  manual_clock.Advance(seconds(40));
  RestartAsAfterAKill();
  Watch();
  manual_clock.Advance(seconds(9));
  ExpectQuiet(*watcher);
  EXPECT_EQ(handler.count, 0U);
  manual_clock.Advance(seconds(2));
  ExpectWill();
  ASSERT_EQ(handler.messages().size(), 1U);
  EXPECT_EQ(handler.messages()[0].user, "alice");
  EXPECT_EQ(broker->stats().sessions, 2U);
  // And not a second time.
  Kill();
  manual_clock.Advance(seconds(5));
  ExpectQuiet(*watcher);
}

TEST_F(BrokerWillRestartTest, ComesAtOnceWhenItsTimeHasPassed) {
  LeaveAWill(100, 1000);
  Restart([&] { manual_clock.Advance(seconds(101)); });
  Watch();
  ExpectWill();
  EXPECT_EQ(broker->stats().sessions, 2U);
  LeaveAWill(1000, 100);  // the session ends before the delay does
  Restart([&] { manual_clock.Advance(seconds(101)); });
  Watch();
  ExpectWill();
  EXPECT_TRUE(Eventually([&] { return broker->stats().sessions == 1; }));
}

TEST_F(BrokerWillRestartTest, IsCancelledByComingBackBeforeOrAfter) {
  LeaveAWill(100, 1000);
  auto client = Login(MakeConnect(Version::k5, "c", false, 1000));
  Kill();
  manual_clock.Advance(seconds(200));
  ExpectQuiet(*watcher);
  LeaveAWill(100, 1000);
  Kill();
  client = Login(MakeConnect(Version::k5, "c", false, 1000));
  Kill();
  manual_clock.Advance(seconds(200));
  ExpectQuiet(*watcher);
  EXPECT_EQ(handler.count, 0U);
}

TEST_F(BrokerWillRestartTest, ComesWithCleanStartAndOnlyWithTheRightsOfToday) {
  LeaveAWill(100, 1000);
  Restart();
  Watch();
  auto client = Login(MakeConnect(Version::k5, "c", true));
  ExpectWill();
  client->SendHex("e0 00");
  EXPECT_TRUE(client->ReadEnd());
  LeaveAWill(100, 1000);
  authenticator.forbidden = "will";
  Restart([&] { manual_clock.Advance(seconds(200)); });
  ASSERT_TRUE(Eventually([&] { return broker->stats().sessions == 2; }));
  EXPECT_EQ(handler.count, 1U);
}

TEST_F(BrokerWillTest, CarriesRetainAndProperties) {
  Begin();
  Connect connect = WithWill(0, 0);
  connect.will->retain = true;
  connect.will->properties.AddUser("site", "north");
  auto client = Login(connect);
  Drop(client);
  ExpectWill();
  auto late = Login(Version::k5, "late");
  late->Send(SubscribePacket(Version::k5, 1, "will", 0));
  EXPECT_EQ(late->ReadHex(), "90 04 00 01 00 00");
  EXPECT_EQ(late->ReadHex(), "31 20 00 04 " + ToHex("will") + " 15 03 00 04 " + ToHex("text") +
                                 " 26 00 04 " + ToHex("site") + " 00 05 " + ToHex("north") + " " +
                                 ToHex("gone"));
}

TEST_F(BrokerWillTest, OfV311ComesAtOnceAndMayBeRetained) {
  Begin();
  Connect connect = MakeConnect(Version::k311, "old", false);
  connect.will = Will{"will", "gone", 2, true, {}};
  auto client = Login(connect);
  Drop(client);
  ExpectWill();
  EXPECT_EQ(broker->stats().retained_messages, 1U);
}

}  // namespace
}  // namespace energy::mqtt::test
