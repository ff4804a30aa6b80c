#pragma once

#include <gtest/gtest.h>

#include <chrono>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "mqtt/broker.h"
#include "mqtt/test_client.h"
#include "mqtt/test_hooks.h"
#include "mqtt/test_packets.h"

/// For this module's tests: a broker and its clients.
namespace energy::mqtt::test {

/// A broker on a free port with two I/O threads. Options are set before StartBroker.
class BrokerTest : public ::testing::Test {
 protected:
  BrokerTest() {
    options.port = 0;
    options.stop_timeout = std::chrono::milliseconds(2000);
  }
  ~BrokerTest() override {
    if (broker) broker->Stop();
    broker.reset();
    io.Stop();
    if (!folder.empty()) std::filesystem::remove_all(folder);
  }
  void StartBroker(const base::Clock& clock) {
    ASSERT_TRUE(io.Start().ok());
    Begin(clock);
  }
  void StartBroker() { StartBroker(system_clock); }

  /// Before StartBroker: what outlives the broker is kept in a temporary folder.
  void UseStore() {
    std::string pattern = (std::filesystem::temp_directory_path() / "broker-XXXXXX").string();
    folder = ::mkdtemp(pattern.data());
    options.session_folder = folder / "mqtt";
  }
  /// The broker ends and begins again on the same folder, on another port. `meanwhile` runs
  /// between.
  void Restart(const std::function<void()>& meanwhile = [] {}) {
    broker->Stop();
    broker.reset();
    meanwhile();
    Begin(*clock_);
  }
  /// A broker begins on what the folder holds now: what a kill at this moment would leave.
  void RestartAsAfterAKill() {
    const auto killed = folder / ("mqtt-" + std::to_string(++kills_));
    std::filesystem::copy(options.session_folder, killed);
    options.session_folder = killed;
    Restart();
  }

  /// A connected client; its CONNACK is read and checked.
  std::unique_ptr<RawClient> Login(Version version, std::string_view client_id,
                                   uint16_t keep_alive_s = 0) {
    auto client = std::make_unique<RawClient>(broker->port());
    client->Send(ConnectPacket(version, client_id, "alice", "secret", keep_alive_s));
    const std::string connack = client->ReadPacket();
    EXPECT_GE(connack.size(), 4U);
    EXPECT_EQ(connack.substr(2, 2), Hex("00 00"));
    return client;
  }

  /// Connects as the packet says. `connack`: what the broker answered.
  std::unique_ptr<RawClient> Login(const Connect& packet, Connack* connack = nullptr) {
    auto client = std::make_unique<RawClient>(broker->port());
    std::string bytes;
    Encode(packet, bytes);
    client->Send(bytes);
    const std::string answer = client->ReadPacket();
    Frame frame;
    size_t size = 0;
    Connack decoded;
    EXPECT_EQ(ParseFrame(answer, 1 << 20, frame, size), FrameStatus::kComplete);
    EXPECT_FALSE(Decode(frame, packet.version, decoded));
    EXPECT_EQ(decoded.reason, ReasonCode::kSuccess);
    decoded.properties.Clear();  // their text is gone
    if (connack != nullptr) *connack = decoded;
    return client;
  }
  /// True when the session was there.
  bool SessionPresent(const Connect& packet, std::unique_ptr<RawClient>& client) {
    Connack connack;
    client = Login(packet, &connack);
    return connack.session_present;
  }
  /// Subscribes and reads the answer.
  static void SubscribeTo(RawClient& client, Version version, std::string_view filter,
                          uint8_t qos = 1) {
    client.Send(SubscribePacket(version, 99, filter, qos));
    const std::string answer = client.ReadPacket();
    EXPECT_EQ(ToHex(answer.substr(0, 1)), "90");
    EXPECT_EQ(static_cast<uint8_t>(answer.back()), qos) << filter;
  }
  /// Publishes with QoS 1 and waits for the acknowledgement; its reason code.
  static int PublishTo(RawClient& client, Version version, const Publish& packet) {
    std::string bytes;
    Publish copy = packet;
    copy.qos = 1;
    copy.packet_id = 77;
    Encode(copy, version, bytes);
    client.Send(bytes);
    const std::string answer = client.ReadPacket();
    EXPECT_EQ(ToHex(answer.substr(0, 1)), "40") << ToHex(answer);
    return answer.size() > 4 ? static_cast<uint8_t>(answer[4]) : 0;
  }
  static int PublishTo(RawClient& client, Version version, std::string_view topic,
                       std::string_view payload, bool retain = false) {
    Publish packet;
    packet.topic = topic;
    packet.payload = payload;
    packet.retain = retain;
    return PublishTo(client, version, packet);
  }
  /// Nothing but the answer to a ping comes.
  static void ExpectQuiet(RawClient& client) {
    client.SendHex("c0 00");
    EXPECT_EQ(client.ReadHex(), "d0 00");
  }

  BrokerOptions options;
  base::IoThreads io{2};
  base::SystemClock system_clock;
  base::ManualClock manual_clock{base::Timestamp(std::chrono::hours(24 * 20000))};
  base::Metrics metrics;
  TestAuthenticator authenticator;
  TestHandler handler;
  std::unique_ptr<Broker> broker;
  std::filesystem::path folder;  // empty: nothing is kept

 private:
  void Begin(const base::Clock& clock) {
    clock_ = &clock;
    broker = std::make_unique<Broker>(options, io, authenticator, handler, clock,
                                      base::NullLogger(), metrics);
    const base::Status status = broker->Start();
    ASSERT_TRUE(status.ok()) << status.ToString();
  }

  const base::Clock* clock_ = nullptr;
  int kills_ = 0;
};

}  // namespace energy::mqtt::test
