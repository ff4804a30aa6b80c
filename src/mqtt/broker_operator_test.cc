#include <algorithm>

#include "mqtt/test_support.h"

namespace energy::mqtt::test {
namespace {

/// What the operator of a broker sees and does.
class OperatorTest : public BrokerTest {};

TEST_F(OperatorTest, SeesClientsAndTheirNumbers) {
  StartBroker();
  const auto five = Login(Version::k5, "five", 30);
  const auto other = Login(Version::k311, "other");
  five->Send(SubscribePacket(Version::k5, 1, "a/#", 1));
  five->ReadPacket();
  other->Send(PublishPacket(Version::k311, "a/b", "hello", 1, 1));
  other->ReadPacket();
  const std::string delivered = five->ReadPacket();
  ASSERT_FALSE(delivered.empty());

  std::vector<ClientSubscription> subscriptions;
  const auto info = broker->Client("five", subscriptions);
  ASSERT_TRUE(info);
  EXPECT_EQ(info->username, "alice");
  EXPECT_TRUE(info->address.starts_with("127.0.0.1:"));
  EXPECT_EQ(info->version, Version::k5);
  EXPECT_EQ(info->keep_alive, std::chrono::seconds(30));
  EXPECT_EQ(info->messages_sent, 1U);
  EXPECT_EQ(info->inflight_sent, 1U);
  EXPECT_GT(info->bytes_sent, delivered.size());
  ASSERT_EQ(subscriptions.size(), 1U);
  EXPECT_EQ(subscriptions[0].filter, "a/#");
  EXPECT_EQ(broker->Client("other", subscriptions)->messages_received, 1U);
  EXPECT_TRUE(subscriptions.empty());
  EXPECT_EQ(broker->Clients().size(), 2U);
  EXPECT_FALSE(broker->Client("nobody", subscriptions));
}

TEST_F(OperatorTest, DisconnectsAClient) {
  StartBroker();
  const auto client = Login(Version::k5, "five");
  EXPECT_TRUE(broker->DisconnectClient("five"));
  EXPECT_EQ(client->ReadPacket().substr(2, 1), Hex("98"));
  EXPECT_FALSE(broker->DisconnectClient("five"));
  ASSERT_EQ(broker->Errors().size(), 1U);
  EXPECT_EQ(broker->Errors()[0].client_id, "five");
  EXPECT_EQ(broker->Errors()[0].error, "disconnected by the operator");
}

TEST_F(OperatorTest, RemembersWhoWasRefused) {
  options.admission.free_login_failures = 100;
  StartBroker();
  RawClient wrong(broker->port());
  wrong.Send(ConnectPacket(Version::k311, "w", "alice", "wrong"));
  wrong.ReadPacket();
  RawClient garbage(broker->port());
  garbage.SendHex("ff ff ff ff ff");
  EXPECT_TRUE(garbage.ReadUntilEnd());
  const auto errors = broker->Errors();
  ASSERT_EQ(errors.size(), 2U);
  EXPECT_EQ(errors[1].client_id, "w");
  EXPECT_EQ(errors[1].username, "alice");
  EXPECT_NE(errors[1].error.find("user name or password"), std::string::npos) << errors[1].error;
}

TEST_F(OperatorTest, TracesOneClientsPackets) {
  StartBroker();
  const auto client = Login(Version::k5, "five");
  const auto other = Login(Version::k5, "other");
  ASSERT_TRUE(broker->StartTrace("five", std::chrono::seconds(60), true).ok());
  client->Send(SubscribePacket(Version::k5, 3, "a/+"));
  client->ReadPacket();
  other->Send(PublishPacket(Version::k5, "a/b", "seen"));
  client->ReadPacket();
  client->SendHex("c0 00");
  client->ReadPacket();
  broker->Trace("five")->Stop();
  client->SendHex("c0 00");
  client->ReadPacket();

  uint64_t forgotten = 0;
  const auto packets = broker->Trace("five")->packets(forgotten);
  std::vector<std::string> lines;
  for (const TracedPacket& packet : packets) {
    lines.push_back(std::string(packet.received ? "in " : "out ") +
                    std::string(PacketTypeName(packet.type)) + " " + packet.topic + " " +
                    packet.payload.value_or(""));
  }
  const std::vector<std::string> wanted{"in SUBSCRIBE a/+ ", "out SUBACK  ", "out PUBLISH a/b seen",
                                        "in PINGREQ  ", "out PINGRESP  "};
  EXPECT_EQ(lines, wanted);
  EXPECT_EQ(packets.at(0).packet_id, 3);
  EXPECT_EQ(broker->Trace("other"), nullptr);
}

TEST_F(OperatorTest, ATraceIsBoundedAndHidesThePayload) {
  StartBroker();
  ASSERT_TRUE(broker->StartTrace("late", std::chrono::seconds(60), false).ok());
  const auto client = Login(Version::k311, "late");
  std::string bytes;
  for (size_t i = 0; i < PacketTrace::kMaxPackets + 10; ++i) {
    bytes += PublishPacket(Version::k311, "a", "secret");
  }
  client->Send(bytes);
  client->SendHex("c0 00");
  client->ReadPacket();
  uint64_t forgotten = 0;
  const auto packets = broker->Trace("late")->packets(forgotten);
  EXPECT_EQ(packets.size(), PacketTrace::kMaxPackets);
  EXPECT_GE(forgotten, 11U);
  EXPECT_TRUE(std::none_of(packets.begin(), packets.end(),
                           [](const TracedPacket& packet) { return packet.payload.has_value(); }));
}

TEST_F(OperatorTest, TracesAreLimited) {
  StartBroker();
  for (size_t i = 0; i < PacketTraces::kMaxTraces; ++i) {
    ASSERT_TRUE(broker->StartTrace(std::to_string(i), std::chrono::seconds(60), false).ok());
  }
  EXPECT_EQ(broker->StartTrace("more", std::chrono::seconds(60), false).code(),
            base::Code::kRateLimited);
  broker->Trace("3")->Stop();
  EXPECT_TRUE(broker->StartTrace("more", std::chrono::seconds(60), false).ok());
}

TEST_F(OperatorTest, SysTopicsReachTheirSubscribersOnly) {
  options.sys_interval = std::chrono::seconds(1);
  options.version = "1.2.3";
  StartBroker();
  const auto all = Login(Version::k311, "all");
  all->Send(SubscribePacket(Version::k311, 1, "#"));
  all->ReadPacket();
  const auto sys = Login(Version::k311, "sys");
  sys->Send(SubscribePacket(Version::k311, 1, "$SYS/broker/version"));
  sys->ReadPacket();
  EXPECT_EQ(sys->ReadPacket(),
            PublishPacket(Version::k311, "$SYS/broker/version", "energy-platform 1.2.3"));
  // Who comes later gets the last value at once, as a retained message.
  const auto late = Login(Version::k311, "late");
  late->Send(SubscribePacket(Version::k311, 1, "$SYS/broker/version"));
  late->ReadPacket();
  EXPECT_EQ(late->ReadPacket().at(0), '\x31');
  all->SendHex("c0 00");
  EXPECT_EQ(all->ReadHex(), "d0 00");
}

TEST_F(OperatorTest, FailedLoginsOfAnAddressAreAnsweredLater) {
  options.admission.free_login_failures = 1;
  StartBroker(manual_clock);
  const auto wrong = ConnectPacket(Version::k311, "w", "alice", "wrong");
  RawClient first(broker->port());
  first.Send(wrong);
  EXPECT_EQ(first.ReadHex(), "20 02 00 04");
  RawClient second(broker->port());
  second.Send(wrong);
  ASSERT_TRUE(Eventually([&] {
    return metrics.Text().find("mqtt_login_answers_delayed_total 1") != std::string::npos;
  }));
  // Others of that address are not held up, and their login makes up for the failures.
  Login(Version::k311, "good");
  manual_clock.Advance(std::chrono::milliseconds(1100));
  EXPECT_EQ(second.ReadHex(), "20 02 00 04");
  EXPECT_TRUE(second.ReadEnd());
  RawClient third(broker->port());
  third.Send(wrong);
  EXPECT_EQ(third.ReadHex(), "20 02 00 04");
}

TEST_F(OperatorTest, AFastPublisherIsReadLaterAndLosesNothing) {
  options.max_messages_per_second = 100;
  StartBroker(manual_clock);
  const auto client = Login(Version::k311, "fast");
  std::string bytes;
  for (int i = 0; i < 250; ++i) bytes += PublishPacket(Version::k311, "a", "x");
  client->Send(bytes);
  ASSERT_TRUE(Eventually([&] { return handler.count == 100; }));
  EXPECT_NE(metrics.Text().find("mqtt_publish_held_back_total 1"), std::string::npos);
  for (const size_t wanted : {200U, 250U}) {
    manual_clock.Advance(std::chrono::milliseconds(1000));
    ASSERT_TRUE(Eventually([&] { return handler.count == wanted; })) << handler.count;
  }
  // Others are not held back.
  const auto other = Login(Version::k311, "other");
  other->Send(PublishPacket(Version::k311, "a", "x", 1, 1));
  EXPECT_EQ(other->ReadHex(), "40 02 00 01");
}

TEST_F(OperatorTest, AllTogetherAreReadLaterWhenTheyPublishTooFast) {
  options.max_total_messages_per_second = 100;
  StartBroker(manual_clock);
  const std::unique_ptr<RawClient> clients[] = {Login(Version::k311, "one"),
                                                Login(Version::k5, "two")};
  const std::string first = PublishPacket(Version::k311, "a", "x", 1, 1);
  std::string burst;
  for (uint16_t id = 2; id <= 150; ++id) burst += PublishPacket(Version::k311, "a", "x", 1, id);
  clients[0]->Send(first + burst);
  ASSERT_TRUE(Eventually([&] { return handler.count == 150; }));
  // The other one pays too: it is not read before the debt of 50 is paid off.
  const std::string late = PublishPacket(Version::k5, "a", "x", 1, 1);
  clients[1]->Send(late);
  manual_clock.Advance(std::chrono::milliseconds(490));
  EXPECT_EQ(handler.count, 150U);
  manual_clock.Advance(std::chrono::milliseconds(20));
  ASSERT_TRUE(Eventually([&] { return handler.count == 151; }));
  EXPECT_EQ(clients[1]->ReadHex(), "40 02 00 01");
}

TEST_F(OperatorTest, ConnectionsOfAnAddressAreLimited) {
  options.admission.max_connections_per_address = 1;
  StartBroker();
  const auto client = Login(Version::k311, "one");
  RawClient second(broker->port());
  second.Send(ConnectPacket(Version::k5, "two"));
  EXPECT_EQ(ToHex(second.ReadPacket().substr(2, 2)), "00 97");
  EXPECT_TRUE(second.ReadEnd());
  EXPECT_EQ(broker->Errors().at(0).error, "the limit of connections of this address is reached");
}

TEST_F(OperatorTest, RenewedRightsEndSubscriptions) {
  StartBroker();
  const auto client = Login(Version::k311, "sub");
  for (const char* filter : {"keep", "lose"}) {
    client->Send(SubscribePacket(Version::k311, 1, filter));
    client->ReadPacket();
  }
  authenticator.forbidden = "lose";
  broker->RenewUsers({"alice"});
  ASSERT_TRUE(Eventually([&] { return broker->stats().subscriptions == 1; }));
  ASSERT_TRUE(broker->Publish("lose", "1", 0).ok());
  ASSERT_TRUE(broker->Publish("keep", "2", 0).ok());
  EXPECT_EQ(client->ReadPacket(), PublishPacket(Version::k311, "keep", "2"));
  client->Send(PublishPacket(Version::k311, "lose", "x"));
  EXPECT_TRUE(client->ReadEnd());
}

}  // namespace
}  // namespace energy::mqtt::test
