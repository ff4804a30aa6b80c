#include <algorithm>
#include <condition_variable>
#include <csignal>
#include <future>
#include <iostream>
#include <mutex>
#include <random>
#include <set>

#include "integration/platform_test.h"
#include "mqtt/test_support.h"

namespace energy::integration {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

/// What subscriptions brought, from the client's thread.
class Inbox {
 public:
  void Add(const mqtt::ClientMessage& message) {
    const std::lock_guard lock(mutex_);
    messages_.emplace_back(message.payload);
    changed_.notify_all();
  }
  std::vector<std::string> messages() const {
    const std::lock_guard lock(mutex_);
    return messages_;
  }
  bool WaitFor(size_t count) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, kPatience, [&] { return messages_.size() >= count; });
  }
  bool WaitForLast(const std::string& payload) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(
        lock, kPatience, [&] { return std::ranges::find(messages_, payload) != messages_.end(); });
  }

 private:
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<std::string> messages_;
};

// The MQTT state that outlives the program: sessions, subscriptions, queued and retained messages.
class MqttSession : public PlatformTest {
 protected:
  std::unique_ptr<mqtt::Client> Client(const std::string& id, bool clean, Inbox* inbox = nullptr) {
    mqtt::ClientOptions options;
    options.client_id = id;
    options.clean = clean;
    options.reconnect = false;
    auto client = std::make_unique<mqtt::Client>(options);
    if (inbox != nullptr) {
      client->OnMessage([inbox](const mqtt::ClientMessage& message) { inbox->Add(message); });
    }
    const base::Status status = client->Connect("127.0.0.1", platform().mqtt_port());
    EXPECT_TRUE(status.ok()) << status.ToString();
    return client;
  }
  const Environment environment_{{"ENERGY_MQTT__ALLOW_ANONYMOUS", "true"}};
};

TEST_F(MqttSession, SurvivesAStopAndKill9) {
  Start(environment_);
  {
    const auto away = Client("away", false);
    ASSERT_TRUE(away->Subscribe("commands/#", 1).ok());
    ASSERT_TRUE(away->Disconnect().ok());
  }
  std::vector<std::string> expected;
  for (const int signal : {SIGTERM, SIGKILL, SIGKILL}) {
    {
      const auto publisher = Client("publisher", true);
      for (int i = 0; i < 20; ++i) {
        expected.push_back(std::to_string(expected.size()));
        ASSERT_TRUE(Publish(*publisher, "commands/" + std::to_string(i % 3), expected.back()).ok());
      }
    }
    if (signal == SIGKILL) {
      platform().process().Kill();
    } else {
      platform().process().Signal(signal);
      ASSERT_TRUE(platform().process().Wait().has_value());
    }
    Start(environment_);
  }
  Inbox inbox;
  const auto back = Client("away", false, &inbox);
  ASSERT_TRUE(inbox.WaitFor(expected.size()));
  EXPECT_EQ(inbox.messages(), expected);
}

// Publishes acknowledged commands without pause while the program is killed at random moments: each
// that was acknowledged must reach the subscriber that was away.
TEST_F(MqttSession, NothingAcknowledgedIsLostWhateverTheMomentOfTheKill) {
  constexpr int kKills = 10;
  std::mt19937_64 random{TestSeed()};
  Start(environment_);
  {
    const auto away = Client("away", false);
    ASSERT_TRUE(away->Subscribe("commands", 1).ok());
  }
  std::vector<std::string> acknowledged;
  for (int round = 0; round < kKills; ++round) {
    const auto publisher = Client("publisher", true);
    std::atomic<bool> first{false};
    auto load = std::async(std::launch::async, [&] {
      std::vector<std::string> done;
      for (int i = 0;; ++i) {
        const std::string payload = std::to_string(round) + "/" + std::to_string(i);
        if (!Publish(*publisher, "commands", payload).ok()) return done;
        done.push_back(payload);
        first = true;
      }
    });
    ASSERT_TRUE(WaitUntil([&] { return first.load(); }));
    std::this_thread::sleep_for(
        milliseconds(std::uniform_int_distribution<int64_t>(0, 60)(random)));
    platform().process().Kill();
    for (std::string& payload : load.get()) acknowledged.push_back(std::move(payload));
    Start(environment_);
  }
  Inbox inbox;
  const auto back = Client("away", false, &inbox);
  // Not by their number: what was kept but not acknowledged before a kill arrives too.
  ASSERT_TRUE(inbox.WaitForLast(acknowledged.back())) << acknowledged.back();
  const auto messages = inbox.messages();
  const std::set<std::string> received(messages.begin(), messages.end());
  for (const std::string& payload : acknowledged) {
    EXPECT_TRUE(received.contains(payload)) << payload << " was acknowledged";
  }
  std::cout << acknowledged.size() << " acknowledged messages survived " << kKills << " kills\n";
}

// A file system that loses what was not synced: see power_loss.cc. A subscription, commands for a
// client that is away, and the retained message, each of which was acknowledged, must be there.
TEST_F(MqttSession, NothingAcknowledgedIsLostWithThePower) {
  if (kSanitized) GTEST_SKIP() << "a sanitizer must be the first library that is loaded";
  using mqtt::Version;
  constexpr int kLosses = 4;
  std::mt19937_64 random{TestSeed()};
  Start(environment_);  // what it makes at its first start is not the matter here
  size_t survived = 0;
  for (int round = 0; round < kLosses; ++round) {
    SCOPED_TRACE(round);
    EXPECT_EQ(platform().process().Interrupt().first.exit_code, 0);
    Environment environment = environment_;
    const auto writes = std::uniform_int_distribution<int>(150, 600)(random);
    environment.emplace_back("LD_PRELOAD", ENERGY_POWER_LOSS);
    environment.emplace_back("POWER_LOSS_FOLDER", data_dir().string());
    environment.emplace_back("POWER_LOSS_AFTER", std::to_string(writes));
    Start(environment);
    const std::string away = "away-" + std::to_string(round);
    ASSERT_TRUE(Client(away, false)->Subscribe("commands", 1).ok());
    mqtt::test::RawClient publisher(platform().mqtt_port());
    publisher.Send(mqtt::test::ConnectPacket(Version::k311, "publisher", ""));
    ASSERT_EQ(publisher.ReadPacket().size(), 4U);
    std::vector<std::string> acknowledged;
    do {
      acknowledged.push_back(std::to_string(acknowledged.size()));
      std::string packet;
      mqtt::EncodePublishHead("commands", 1, /*retain=*/true, false, 1, acknowledged.back().size(),
                              packet);
      publisher.Send(packet + acknowledged.back());
    } while (publisher.ReadPacket().size() == 4);
    acknowledged.pop_back();
    const auto ended = platform().process().Wait();
    ASSERT_TRUE(ended) << "the power does not go";
    ASSERT_EQ(ended->signal, SIGKILL) << platform().process().Err();
    ASSERT_FALSE(acknowledged.empty());

    Start(environment_);
    Inbox commands;
    const auto back = Client(away, false, &commands);
    ASSERT_TRUE(commands.WaitForLast(acknowledged.back())) << acknowledged.back();
    auto messages = commands.messages();
    ASSERT_GE(messages.size(), acknowledged.size());
    messages.resize(acknowledged.size());  // one more may have been kept that was not acknowledged
    EXPECT_EQ(messages, acknowledged);
    Inbox retained;
    const auto reader = Client("reader", true, &retained);
    ASSERT_TRUE(reader->Subscribe("commands", 1).ok());
    ASSERT_TRUE(retained.WaitFor(1));
    EXPECT_GE(std::stoi(retained.messages().front()), std::stoi(acknowledged.back()));
    survived += acknowledged.size();
  }
  std::cout << survived << " acknowledged messages survived " << kLosses << " losses of power\n";
}

// Wills that wait for their delay, seen by a client whose session outlives the program.
class MqttDelayedWill : public MqttSession {
 protected:
  using Raw = mqtt::test::RawClient;

  std::unique_ptr<Raw> Login(mqtt::Connect connect) {
    connect.username.reset();
    connect.password.reset();
    auto client = std::make_unique<Raw>(platform().mqtt_port());
    std::string bytes;
    mqtt::Encode(connect, bytes);
    client->Send(bytes);
    EXPECT_EQ(mqtt::test::ToHex(client->ReadPacket().substr(3, 1)), "00");
    return client;
  }
  std::unique_ptr<Raw> Watch() {
    return Login(mqtt::test::MakeConnect(mqtt::Version::k5, "watcher", false, 10'000));
  }
  void StartWithAWatcher() {
    Start(environment_);
    Subscribe("gone/+");
  }
  void Subscribe(const std::string& filter) {
    const auto watcher = Watch();
    watcher->Send(mqtt::test::SubscribePacket(mqtt::Version::k5, 1, filter, 1));
    EXPECT_EQ(mqtt::test::ToHex(watcher->ReadPacket().substr(0, 1)), "90");
  }
  // A client with a will connects and its connection is cut.
  void LeaveAWill(uint32_t delay_s) {
    auto connect = mqtt::test::MakeConnect(mqtt::Version::k5, "device", false, 10'000);
    connect.will = mqtt::Will{"gone/device", "gone", 1, false, {}};
    connect.will->properties.Set(mqtt::Property::kWillDelayInterval, delay_s);
    Login(connect)->Close();
    left_ = std::chrono::steady_clock::now();
    ASSERT_TRUE(WaitUntil([&] {
      return api().GetData("/api/mqtt/clients?page_size=1&search=device").at("total") == 0;
    }));
    // Nobody is told when the will is stored; what is stored after it is.
    Subscribe("flush");
  }
  void ComeBack() { Login(mqtt::test::MakeConnect(mqtt::Version::k5, "device", false, 10'000)); }
  bool SinceLeft(milliseconds at_least) const {
    return std::chrono::steady_clock::now() - left_ >= at_least;
  }

 private:
  std::chrono::steady_clock::time_point left_;
};

TEST_F(MqttDelayedWill, IsPublishedInTimeAfterAStopAndAfterKill9) {
  for (const int signal : {SIGTERM, SIGKILL}) {
    SCOPED_TRACE(signal);
    StartWithAWatcher();
    LeaveAWill(4);
    Restart(signal);
    const auto watcher = Watch();
    const auto will = mqtt::test::ReadPublish(*watcher, mqtt::Version::k5);
    EXPECT_EQ(will.payload, "gone");
    EXPECT_TRUE(SinceLeft(milliseconds(3900))) << "too early";
    watcher->Send(mqtt::test::PubackOf(will));
    watcher->SendHex("c0 00");
    EXPECT_EQ(watcher->ReadHex(), "d0 00");
    ComeBack();
  }
}

TEST_F(MqttDelayedWill, IsPublishedAtOnceWhenItsTimePassedWhileNothingRan) {
  StartWithAWatcher();
  LeaveAWill(1);
  platform().process().Kill();
  ASSERT_TRUE(WaitUntil([&] { return SinceLeft(milliseconds(1100)); }));
  Start(environment_);
  EXPECT_EQ(mqtt::test::ReadPublish(*Watch(), mqtt::Version::k5).payload, "gone");
}

TEST_F(MqttDelayedWill, IsNotPublishedWhenTheClientComesBackAfterTheRestart) {
  StartWithAWatcher();
  LeaveAWill(2);
  Restart(SIGKILL);
  const auto watcher = Watch();
  ComeBack();
  ASSERT_TRUE(WaitUntil([&] { return SinceLeft(milliseconds(2500)); }));
  ASSERT_TRUE(Publish(*Client("publisher", true), "gone/marker", "marker").ok());
  EXPECT_EQ(mqtt::test::ReadPublish(*watcher, mqtt::Version::k5).payload, "marker");
}

}  // namespace
}  // namespace energy::integration
