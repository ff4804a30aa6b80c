#include "mqtt/session.h"

#include <gtest/gtest.h>

#include "mqtt/router.h"
#include "mqtt/test_support.h"

namespace energy::mqtt {
namespace {

MessagePtr MakeMessage(std::string_view payload, std::string_view topic = "t") {
  return std::make_shared<const Message>(topic, payload, "", std::nullopt, Message::TimePoint{}, 1);
}

class SessionTest : public ::testing::Test {
 protected:
  SessionTest() {
    budget->session_bytes = 1 << 20;
    budget->session_messages = 100;
    budget->total_bytes = 2 << 20;
  }
  std::shared_ptr<Session> Make(bool durable = false) {
    return std::make_shared<Session>(Session::Identity{"c", "alice", 1, durable}, budget);
  }
  static Session::Offered Offer(Session& session, std::string_view payload, uint8_t qos,
                                uint64_t id = 0) {
    Delivery delivery;
    delivery.message = MakeMessage(payload);
    delivery.qos = qos;
    delivery.id = id;
    return session.Offer(std::move(delivery));
  }
  static Session::Sent Fill(Session& session, std::string& out, Message::TimePoint now = {}) {
    return session.Fill(kConnection, 1 << 16, now, nullptr, out);
  }
  static bool Ack(Session& session, uint16_t packet_id) {
    uint64_t stored = 0;
    return session.OnAck(kConnection, packet_id, stored);
  }

  static constexpr ConnectionRef kConnection{0, 1, 1};
  static constexpr ConnectionRef kOther{1, 2, 3};
  std::shared_ptr<QueueBudget> budget = std::make_shared<QueueBudget>();
};

TEST_F(SessionTest, KeepsWithinTheClientsReceiveMaximum) {
  auto session = Make();
  session->Attach(kConnection, {Version::k311, 2, UINT32_MAX});
  for (int i = 0; i < 4; ++i) Offer(*session, "x", 1);
  std::string out;
  EXPECT_EQ(Fill(*session, out).sent, 2U);
  EXPECT_FALSE(Ack(*session, 3));
  EXPECT_TRUE(Ack(*session, 2));
  EXPECT_FALSE(Ack(*session, 2));
  EXPECT_EQ(Fill(*session, out).sent, 1U);
  EXPECT_TRUE(Ack(*session, 1));
  EXPECT_TRUE(Ack(*session, 3));
  EXPECT_EQ(Fill(*session, out).sent, 1U);
  EXPECT_TRUE(Ack(*session, 4));
}

TEST_F(SessionTest, PacketIdsWrapAroundWithoutZero) {
  auto session = Make();
  session->Attach(kConnection, {});
  uint16_t expected = 0;
  for (int i = 0; i < 140'000; ++i) {
    Offer(*session, "x", 1);
    std::string out;
    ASSERT_EQ(Fill(*session, out).sent, 1U);
    expected = expected == UINT16_MAX ? 1 : static_cast<uint16_t>(expected + 1);
    ASSERT_EQ(out.substr(5, 2),
              std::string({static_cast<char>(expected >> 8), static_cast<char>(expected & 0xFF)}));
    ASSERT_TRUE(Ack(*session, expected));
  }
  EXPECT_EQ(budget->used_bytes, 0U);
}

TEST_F(SessionTest, DropsQos0FirstAndThenGivesUp) {
  budget->session_bytes = 1000;
  auto session = Make();
  session->Attach(kConnection, {});
  EXPECT_TRUE(Offer(*session, std::string(5000, 'x'), 0).taken);
  EXPECT_EQ(Offer(*session, "x", 0).dropped, 1U);
  EXPECT_FALSE(session->Overflowed(kConnection));
  const auto offered = Offer(*session, "x", 1);
  EXPECT_FALSE(offered.taken);
  EXPECT_TRUE(offered.wake);
  EXPECT_FALSE(session->Overflowed(kOther));
  EXPECT_TRUE(session->Overflowed(kConnection));
  EXPECT_FALSE(session->Overflowed(kConnection));
  std::string out;
  Fill(*session, out);
  EXPECT_TRUE(Offer(*session, "x", 0).taken);
}

TEST_F(SessionTest, WakesItsConnectionOnceUntilItLooks) {
  auto session = Make();
  session->Attach(kConnection, {});
  std::string out;
  Fill(*session, out);
  EXPECT_TRUE(Offer(*session, "x", 0).wake);
  EXPECT_FALSE(Offer(*session, "x", 0).wake);
  Fill(*session, out);
  EXPECT_TRUE(Offer(*session, "x", 0).wake);
}

TEST_F(SessionTest, OfflineTheOldestGiveWay) {
  budget->session_messages = 3;
  auto session = Make(true);
  EXPECT_FALSE(Offer(*session, "q0", 0).taken);
  for (uint64_t id = 1; id <= 3; ++id) EXPECT_EQ(Offer(*session, "m", 1, id).dropped, 0U);
  const auto offered = Offer(*session, "new", 1, 4);
  EXPECT_TRUE(offered.taken);
  EXPECT_EQ(offered.dropped, 1U);
  EXPECT_EQ(offered.finished, std::vector<uint64_t>{1});
  EXPECT_EQ(session->load().waiting, 3U);
}

TEST_F(SessionTest, TheTotalOfAllSessionsIsBounded) {
  budget->total_bytes = 5000;
  auto one = Make(true);
  auto two = Make(true);
  while (Offer(*one, std::string(500, 'x'), 1).dropped == 0) {
  }
  EXPECT_LE(budget->used_bytes, 5000U);
  // Nothing of its own to give up, and nobody else's is taken.
  const auto offered = Offer(*two, std::string(500, 'x'), 1, 9);
  EXPECT_FALSE(offered.taken);
  EXPECT_EQ(offered.finished, std::vector<uint64_t>{9});
  one.reset();
  EXPECT_EQ(budget->used_bytes, 0U);
  EXPECT_TRUE(Offer(*two, std::string(500, 'x'), 1).taken);
}

TEST_F(SessionTest, SendsAgainInOrderWithDupAndTheSamePacketIds) {
  auto session = Make(true);
  session->Attach(kConnection, {});
  for (const char* payload : {"a", "b", "c", "d"}) Offer(*session, payload, 1);
  std::string out;
  EXPECT_EQ(session->Fill(kConnection, 20, {}, nullptr, out).sent, 3U);
  EXPECT_TRUE(Ack(*session, 2));
  session->Attach(kOther, {Version::k311, 2, UINT32_MAX});
  EXPECT_EQ(Fill(*session, out).sent, 0U) << "the former connection";
  EXPECT_FALSE(Ack(*session, 1));
  out.clear();
  EXPECT_EQ(session->Fill(kOther, 1 << 16, {}, nullptr, out).sent, 2U);
  EXPECT_EQ(test::ToHex(out), "3a 06 00 01 74 00 01 61 3a 06 00 01 74 00 03 63");
  uint64_t stored = 0;
  EXPECT_TRUE(session->OnAck(kOther, 1, stored));
  out.clear();
  session->Fill(kOther, 1 << 16, {}, nullptr, out);
  EXPECT_EQ(test::ToHex(out), "32 06 00 01 74 00 04 64");
  Offer(*session, "zero", 0);
  session->Detach(kOther);
  EXPECT_EQ(session->load().waiting, 0U) << "QoS 0 is not kept";
  EXPECT_EQ(session->load().in_flight, 2U);
}

TEST_F(SessionTest, DropsExpiredAndOversizedMessages) {
  auto session = Make();
  session->Attach(kConnection, {Version::k5, UINT16_MAX, 100});
  const Message::TimePoint start{std::chrono::hours(1)};
  Properties properties;
  properties.Set(Property::kMessageExpiryInterval, 10);
  std::string encoded;
  properties.EncodeList(encoded);
  Delivery expiring;
  expiring.message =
      std::make_shared<const Message>("t", "x", encoded, std::chrono::seconds(10), start);
  session->Offer(expiring);
  Offer(*session, std::string(200, 'x'), 0);
  std::string out;
  auto sent = Fill(*session, out, start + std::chrono::seconds(4));
  EXPECT_EQ(sent.sent, 1U);
  EXPECT_EQ(sent.too_large, 1U);
  // Six seconds are left of the ten.
  EXPECT_EQ(test::ToHex(out), "30 0a 00 01 74 05 02 00 00 00 06 78");
  session->Offer(expiring);
  sent = Fill(*session, out, start + std::chrono::seconds(10));
  EXPECT_EQ(sent.expired, 1U);
}

TEST_F(SessionTest, SavesTheTopicWithAnAlias) {
  auto session = Make();
  session->Attach(kConnection, {Version::k5, UINT16_MAX, UINT32_MAX});
  OutboundAliases aliases(1);
  for (const char* topic : {"topic", "topic", "other"}) {
    Delivery delivery;
    delivery.message = MakeMessage("x", topic);
    delivery.subscription_ids = {7, 300};
    session->Offer(delivery);
  }
  std::string out;
  session->Fill(kConnection, 1 << 16, {}, &aliases, out);
  const std::string ids = "0b 07 0b ac 02";
  EXPECT_EQ(test::ToHex(out), "30 11 00 05 74 6f 70 69 63 08 23 00 01 " + ids + " 78 " +
                                  "30 0c 00 00 08 23 00 01 " + ids + " 78 " +
                                  "30 0e 00 05 6f 74 68 65 72 05 " + ids + " 78");
}

TEST_F(SessionTest, EndsWithTheMessagesOfSharedSubscriptions) {
  auto session = Make(true);
  session->Attach(kConnection, {});
  Delivery shared;
  shared.message = MakeMessage("s");
  shared.qos = 1;
  const auto group = std::make_shared<ShareGroup>();
  shared.group = group;
  session->Offer(shared);
  session->Offer(shared);
  Offer(*session, "own", 1);
  std::string out;
  session->Fill(kConnection, 1, {}, nullptr, out);  // one is in flight
  EXPECT_EQ(session->End().size(), 2U);
  EXPECT_EQ(budget->used_bytes, 0U);
  EXPECT_FALSE(Offer(*session, "x", 1).taken);
}

class RouterTest : public SessionTest {
 protected:
  std::vector<Target> Match(std::string_view topic, const Session* publisher = nullptr) {
    std::vector<Target> targets;
    router.Match(topic, publisher, targets);
    return targets;
  }
  Router router;
};

TEST_F(RouterTest, DeliversOnceWithTheHighestQosAndAllIdentifiers) {
  auto one = Make();
  auto two = Make();
  router.Add("a/#", one, {0, false, false, 5});
  router.Add("a/b", one, {1, false, true, 0});
  router.Add("+/b", one, {1, false, true, 6});
  router.Add("a/+", two, {0, true, false, 0});
  EXPECT_EQ(router.size(), 4U);
  EXPECT_EQ(Match("a/b").size(), 2U);
  const auto targets = Match("a/b", two.get());
  ASSERT_EQ(targets.size(), 1U) << "no local";
  EXPECT_EQ(targets[0].session, one);
  EXPECT_EQ(targets[0].qos, 1);
  EXPECT_TRUE(targets[0].retain_as_published);
  auto ids = targets[0].subscription_ids;
  std::sort(ids.begin(), ids.end());
  EXPECT_EQ(ids, (std::vector<uint32_t>{5, 6}));
}

TEST_F(RouterTest, SharedSubscriptionsTakeTurnsAndPreferWhoIsThere) {
  std::vector<SessionPtr> members;
  for (int i = 0; i < 3; ++i) {
    members.push_back(Make(true));
    router.Add("$share/g/a/+", members.back(), {1, false, false, 0});
  }
  router.Add("$share/h/a/b", members[0], {1, false, false, 0});
  router.Add("a/b", members[0], {1, false, false, 0});
  EXPECT_EQ(Match("a/b").size(), 3U) << "one of each group, and the ordinary one";
  EXPECT_EQ(Match("a/c").size(), 1U);
  std::map<const Session*, int> turns;
  for (int i = 0; i < 6; ++i) ++turns[Match("a/c").at(0).session.get()];
  EXPECT_EQ(turns.size(), 3U) << "nobody is connected: each in turn";
  members[1]->Attach(kConnection, {});
  for (int i = 0; i < 4; ++i) EXPECT_EQ(Match("a/c").at(0).session, members[1]);
  members[2]->Attach(kOther, {});
  budget->session_bytes = 10;  // the next message makes it congested
  Offer(*members[1], "x", 1);
  for (int i = 0; i < 4; ++i) EXPECT_EQ(Match("a/c").at(0).session, members[2]);
  for (const SessionPtr& member : members) router.Remove("$share/g/a/+", member);
  EXPECT_TRUE(Match("a/c").empty());
  EXPECT_EQ(router.size(), 2U);
}

}  // namespace
}  // namespace energy::mqtt
