#include <sys/resource.h>

#include <algorithm>
#include <chrono>
#include <utility>

#include "integration/platform_test.h"
#include "mqtt/test_support.h"

namespace energy::integration {
namespace {

using mqtt::Version;
using mqtt::test::RawClient;
using mqtt::test::ToHex;
using std::chrono::milliseconds;
using std::chrono::seconds;
using Clock = std::chrono::steady_clock;

// What the program does with clients that want more than they may have, seen from outside.
class MqttLimits : public PlatformTest {
 protected:
  void StartWith(Environment environment) {
    environment.emplace_back("ENERGY_MQTT__ALLOW_ANONYMOUS", "true");
    Start(std::move(environment));
  }
  std::unique_ptr<RawClient> Hello(Version version, const std::string& client_id) {
    auto client = std::make_unique<RawClient>(platform().mqtt_port());
    client->Send(mqtt::test::ConnectPacket(version, client_id, ""));
    return client;
  }
  // What CONNACK says after its length: session present and code.
  static std::string Answer(RawClient& client) { return ToHex(client.ReadPacket().substr(2, 2)); }
  std::unique_ptr<RawClient> Login(Version version, const std::string& client_id) {
    auto client = Hello(version, client_id);
    EXPECT_EQ(Answer(*client), "00 00") << client_id;
    return client;
  }
  static std::string Publishes(size_t count, size_t payload_bytes) {
    std::string bytes;
    const std::string payload(payload_bytes, 'x');
    for (size_t i = 1; i <= count; ++i) {
      bytes += mqtt::test::PublishPacket(Version::k311, "x", payload, 1, static_cast<uint16_t>(i));
    }
    return bytes;
  }
  // Until `count` acknowledgements have come; in order, and nothing but them.
  static milliseconds TimeToAcknowledge(RawClient& client, size_t count) {
    const auto begin = Clock::now();
    for (size_t i = 1; i <= count; ++i) {
      const std::string ack = client.ReadPacket();
      EXPECT_EQ(ToHex(ack.substr(0, 2)), "40 02") << i;
      if (ack.size() != 4) break;
    }
    return std::chrono::duration_cast<milliseconds>(Clock::now() - begin);
  }
};

TEST_F(MqttLimits, OneConnectionTooManyIsToldSoAndTheOthersStay) {
  StartWith({{"ENERGY_MQTT__MAX_CONNECTIONS", "2"}});
  auto one = Login(Version::k5, "one");
  const auto two = Login(Version::k311, "two");
  EXPECT_EQ(Answer(*Hello(Version::k5, "three")), "00 89") << "server busy";
  EXPECT_EQ(Answer(*Hello(Version::k311, "three")), "00 03") << "server unavailable";
  one->SendHex("c0 00");
  EXPECT_EQ(one->ReadHex(), "d0 00");
  EXPECT_NE(
      api().Get("/metrics").response.body.find("mqtt_connects_total{result=\"server_full\"} 2"),
      std::string::npos);
  one->Close();
  EXPECT_TRUE(WaitUntil([&] { return Answer(*Hello(Version::k5, "three")) == "00 00"; }));
}

TEST_F(MqttLimits, AnAddressHasItsShare) {
  StartWith({{"ENERGY_MQTT__MAX_CONNECTIONS_PER_ADDRESS", "1"}});
  const auto one = Login(Version::k5, "one");
  EXPECT_EQ(Answer(*Hello(Version::k5, "two")), "00 97") << "quota exceeded";
  EXPECT_EQ(api().GetData("/api/mqtt/errors?search=address&page_size=1").at("total"), 1);
}

TEST_F(MqttLimits, ConnectsOverTheRateWaitAndAreAccepted) {
  StartWith({{"ENERGY_MQTT__MAX_CONNECTS_PER_SECOND", "20"}});
  const auto begin = Clock::now();
  std::vector<std::unique_ptr<RawClient>> clients;
  for (int i = 0; i < 50; ++i) clients.push_back(Hello(Version::k5, "c" + std::to_string(i)));
  for (const auto& client : clients) EXPECT_EQ(Answer(*client), "00 00");
  // The first 20 at once, then 20 a second.
  EXPECT_GT(Clock::now() - begin, milliseconds(1400));
}

// Two devices with one client id, each of which ends the other's connection and is back at once.
TEST_F(MqttLimits, AClientThatConnectsInALoopIsHeldBackAlone) {
  StartWith({{"ENERGY_MQTT__MAX_CONNECTS_PER_MINUTE_PER_CLIENT", "40"}});
  const auto begin = Clock::now();
  for (int i = 0; i < 40; ++i) Login(i % 2 == 0 ? Version::k5 : Version::k311, "twin");
  auto one = Hello(Version::k5, "twin");
  auto two = Hello(Version::k311, "twin");
  Login(Version::k5, "other");
  EXPECT_LT(Clock::now() - begin, seconds(kSanitized ? 10 : 1)) << "the others do not wait";
  EXPECT_EQ(Answer(*one), "00 9f") << "connection rate exceeded";
  EXPECT_EQ(Answer(*two), "00 03") << "server unavailable";
  EXPECT_GT(Clock::now() - begin, milliseconds(1400)) << "40 a minute";
  Login(Version::k5, "twin");
  const auto errors = api().GetData("/api/mqtt/errors?search=too%20often&page_size=1");
  EXPECT_EQ(errors.at("total"), 2);
}

TEST_F(MqttLimits, AnAddressThatConnectsInALoopIsTurnedAway) {
  StartWith({{"ENERGY_MQTT__MAX_CONNECTS_PER_MINUTE_PER_ADDRESS", "3"}});
  std::vector<std::unique_ptr<RawClient>> first;
  for (int i = 0; i < 3; ++i) first.push_back(Login(Version::k5, "c" + std::to_string(i)));
  EXPECT_EQ(Answer(*Hello(Version::k5, "late")), "00 9f") << "connection rate exceeded";
  EXPECT_EQ(Answer(*Hello(Version::k311, "late")), "00 03") << "server unavailable";
  EXPECT_NE(api().Get("/metrics").response.body.find("mqtt_connects_total{result=\"too_often\"} 2"),
            std::string::npos);
  first.front()->SendHex("c0 00");
  EXPECT_EQ(first.front()->ReadHex(), "d0 00");
}

TEST_F(MqttLimits, AClientOverItsRateIsHeldBackAloneAndLosesNothing) {
  StartWith({{"ENERGY_MQTT__MAX_MESSAGES_PER_SECOND", "200"}});
  const auto many = Login(Version::k311, "many");
  many->Send(Publishes(500, 1));
  const auto other = Login(Version::k311, "other");
  other->Send(Publishes(1, 1));
  EXPECT_LT(TimeToAcknowledge(*other, 1), kSanitized ? seconds(5) : seconds(1));
  EXPECT_GT(TimeToAcknowledge(*many, 500), milliseconds(1000)) << "300 beyond the first 200";
  EXPECT_EQ(api().GetData("/api/mqtt/clients/many").at("messages_received"), 500);
}

TEST_F(MqttLimits, BytesOverTheRateAreHeldBackToo) {
  StartWith({{"ENERGY_MQTT__MAX_BYTES_PER_SECOND", "100000"}});
  const auto large = Login(Version::k311, "large");
  large->Send(Publishes(25, 10'000));
  EXPECT_GT(TimeToAcknowledge(*large, 25), milliseconds(1300))
      << "150,000 beyond the first 100,000";
}

TEST_F(MqttLimits, AllTogetherAreHeldBack) {
  StartWith({{"ENERGY_MQTT__MAX_TOTAL_MESSAGES_PER_SECOND", "200"}});
  const auto begin = Clock::now();
  const auto one = Login(Version::k311, "one");
  const auto two = Login(Version::k311, "two");
  for (int i = 0; i < 5; ++i) {
    for (const auto* client : {&one, &two}) {
      (*client)->Send(Publishes(50, 1));
      TimeToAcknowledge(**client, 50);
    }
  }
  // 300 beyond the first 200, of which the last two rounds may be owed.
  EXPECT_GT(Clock::now() - begin, milliseconds(950));
}

TEST_F(MqttLimits, BytesOfAllTogetherAreHeldBack) {
  StartWith({{"ENERGY_MQTT__MAX_TOTAL_BYTES_PER_SECOND", "100000"}});
  const auto begin = Clock::now();
  const auto one = Login(Version::k311, "one");
  const auto two = Login(Version::k311, "two");
  for (int i = 0; i < 5; ++i) {
    for (const auto* client : {&one, &two}) {
      (*client)->Send(Publishes(5, 5'000));
      TimeToAcknowledge(**client, 5);
    }
  }
  // 150,000 beyond the first 100,000, of which the last two rounds may be owed.
  EXPECT_GT(Clock::now() - begin, milliseconds(950));
}

TEST_F(MqttLimits, EachOtherLimitHasItsReasonCode) {
  StartWith({{"ENERGY_MQTT__MAX_PACKET_BYTES", "2000"},
             {"ENERGY_MQTT__MAX_SUBSCRIPTIONS", "2"},
             {"ENERGY_MQTT__MAX_KEEP_ALIVE_S", "1"}});
  const auto reason = [](RawClient& client) { return ToHex(client.ReadPacket().substr(2, 1)); };
  const auto large = Login(Version::k5, "large");
  large->Send(mqtt::test::PublishPacket(Version::k5, "x", std::string(3000, 'x')));
  EXPECT_EQ(reason(*large), "95") << "packet too large";
  const auto subscriber = Login(Version::k5, "subscriber");
  for (const auto& [filter, code] : {std::pair("s/1", "00"), {"s/2", "00"}, {"s/3", "97"}}) {
    subscriber->Send(mqtt::test::SubscribePacket(Version::k5, 1, filter));
    EXPECT_EQ(ToHex(subscriber->ReadPacket().substr(5, 1)), code);
  }
  EXPECT_EQ(reason(*subscriber), "8d") << "keep alive timeout";
}

TEST_F(MqttLimits, OpenFilesAreRaisedAsFarAsAllowedAndTooFewAreSaid) {
  rlimit before{};
  getrlimit(RLIMIT_NOFILE, &before);
  const rlimit few{.rlim_cur = 256, .rlim_max = before.rlim_max};
  setrlimit(RLIMIT_NOFILE, &few);
  StartWith({{"ENERGY_MQTT__MAX_CONNECTIONS", "1000000"}});
  setrlimit(RLIMIT_NOFILE, &before);
  rlimit raised{};
  ASSERT_EQ(prlimit(platform().process().pid(), RLIMIT_NOFILE, nullptr, &raised), 0);
  EXPECT_EQ(raised.rlim_cur, before.rlim_max);
  if (before.rlim_max >= 1'002'000) GTEST_SKIP() << "so many that none are missing";
  const std::string said = platform().process().Err() + platform().process().Out();
  EXPECT_NE(said.find("may open " + std::to_string(before.rlim_max) +
                      " files, but mqtt.max_connections = 1000000 needs 1002000"),
            std::string::npos)
      << said;
}

// Twenty subscribers that take nothing: ten lose messages of QoS 0, ten of QoS 1 are cut off.
// Neither the publisher nor a subscriber that reads notices, and memory stays bounded.
TEST_F(MqttLimits, SubscribersThatStopReadingDelayNobody) {
  constexpr size_t kSlow = 20;
  constexpr size_t kMessages = 10'000;
  constexpr size_t kPayload = 4000;
  StartWith({{"ENERGY_MQTT__MAX_QUEUED_BYTES", "1048576"}});
  std::vector<std::unique_ptr<RawClient>> slow;
  for (size_t i = 0; i < kSlow; ++i) {
    slow.push_back(Login(Version::k5, "slow-" + std::to_string(i)));
    const auto qos = static_cast<uint8_t>(i % 2);
    slow.back()->Send(mqtt::test::SubscribePacket(Version::k5, 1, "load", qos));
    EXPECT_EQ(ToHex(slow.back()->ReadPacket().substr(5, 1)), qos == 0 ? "00" : "01");
  }
  const auto reader = Login(Version::k311, "reader");
  reader->Send(mqtt::test::SubscribePacket(Version::k311, 1, "load", 0));
  reader->ReadPacket();
  const size_t before = platform().process().ResidentBytes();
  size_t most = 0;
  const auto publisher = Login(Version::k311, "publisher");
  const std::string payload(kPayload, 'x');
  std::vector<milliseconds> waits;
  milliseconds slowest_read{0};
  for (size_t sent = 0; sent < kMessages;) {
    std::string window;
    for (int i = 0; i < 50; ++i, ++sent) {
      window += mqtt::test::PublishPacket(Version::k311, "load", payload, 1,
                                          static_cast<uint16_t>(i + 1));
    }
    publisher->Send(window);
    waits.push_back(TimeToAcknowledge(*publisher, 50));
    const auto acknowledged = Clock::now();
    for (int i = 0; i < 50; ++i) {
      ASSERT_EQ(mqtt::test::ReadPublish(*reader, Version::k311).payload.size(), kPayload) << sent;
    }
    slowest_read = std::max(slowest_read,
                            std::chrono::duration_cast<milliseconds>(Clock::now() - acknowledged));
    most = std::max(most, platform().process().ResidentBytes());
  }
  std::sort(waits.begin(), waits.end());
  const milliseconds p99 = waits[waits.size() * 99 / 100];
  std::cout << "a window of 50 acknowledged in " << waits[waits.size() / 2].count() << " ms, p99 "
            << p99.count() << " ms, slowest " << waits.back().count() << " ms; all read "
            << slowest_read.count() << " ms later at the latest; memory grew by "
            << (most - std::min(most, before)) / (1 << 20) << " MiB\n";
  EXPECT_LT(p99, kSanitized ? seconds(10) : seconds(1));
  EXPECT_LT(slowest_read, kSanitized ? seconds(10) : seconds(2));
  if (!kSanitized) {
    // Each may have 1 MiB waiting and as much unacknowledged, and what is encoded.
    EXPECT_LT(most, before + (size_t{kSlow * 3 + 20} << 20U));
  }
  EXPECT_EQ(api().GetData("/api/mqtt/errors?search=faster&page_size=1").at("total"), kSlow / 2);
  EXPECT_EQ(api().GetData("/api/mqtt/clients?search=slow&page_size=1").at("total"), kSlow / 2);
}

}  // namespace
}  // namespace energy::integration
