#include <algorithm>
#include <cmath>
#include <csignal>
#include <cstdio>
#include <random>

#include "integration/platform_test.h"
#include "integration/raw_mqtt.h"

namespace energy::integration {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::nanoseconds;
using std::chrono::seconds;

class Ingest : public PlatformTest {
 protected:
  double Metric(const std::string& line) {
    const std::string text = api().Get("/metrics").response.Body();
    const size_t at = text.find("\n" + line + " ");
    return at == std::string::npos ? -1 : std::stod(text.substr(at + line.size() + 2));
  }
};

Reading RandomReading(std::mt19937_64& random, base::Timestamp time) {
  const auto uniform = [&](double low, double high) {
    return std::uniform_real_distribution<double>(low, high)(random);
  };
  Reading reading{time, uniform(200, 250), uniform(0, 2), uniform(0, 500), uniform(20, 80)};
  // Half of them as devices send them, the others with all digits a double has.
  if (random() % 2 == 0) {
    for (double* value :
         {&reading.voltage, &reading.current, &reading.power, &reading.temperature}) {
      *value = std::round(*value * 100) / 100;
    }
  }
  return reading;
}

TEST_F(Ingest, TenThousandReadingsOf50ConnectionsAreReadBackExactly) {
  constexpr int kDevices = 50;
  constexpr int kReadings = 200;
  std::mt19937_64 random(TestSeed());
  Start();
  const base::Timestamp start = NowMs() - hours(2);

  std::vector<Credential> devices;
  std::vector<std::unique_ptr<mqtt::Client>> clients;
  for (int d = 0; d < kDevices; ++d) {
    devices.push_back(api().MakeDevice("meter-" + std::to_string(d)));
    clients.push_back(Connect(devices.back(), d % 2 == 0 ? 4 : 5));
  }
  std::vector<std::vector<Reading>> sent(kDevices);
  for (int i = 0; i < kReadings; ++i) {
    for (int d = 0; d < kDevices; ++d) {
      const auto time = start + seconds(5) * i + nanoseconds(random() % 1'000'000'000);
      const Reading reading = RandomReading(random, time);
      sent[d].push_back(reading);
      ASSERT_TRUE(
          clients[d]->Publish(devices[d].topic, ToPayload(devices[d].device_id, reading), 1).ok());
    }
  }
  for (const auto& client : clients) {
    ASSERT_TRUE(client->Flush(kPatience).ok());
    EXPECT_EQ(client->stats().acknowledged, kReadings);
  }

  for (int d = 0; d < kDevices; ++d) {
    EXPECT_EQ(Stored(devices[d].device_id, start, start + hours(1)), sent[d]) << d;
  }
  EXPECT_TRUE(WaitUntil([&] {
    return api().GetData("/api/data/ingest").at("accepted_total") == kDevices * kReadings;
  }));
  const base::Json ingest = api().GetData("/api/data/ingest");
  EXPECT_EQ(ingest.at("rejected_total"), 0);
  EXPECT_EQ(ingest.at("devices_reporting"), kDevices);
  // The rate is that of whole seconds that have passed.
  EXPECT_TRUE(WaitUntil([&] { return api().GetData("/api/data/ingest").at("rate_per_s") > 0; }));
  EXPECT_EQ(Metric(R"(telemetry_messages_total{device_id="meter-7"})"), kReadings);

  Restart(SIGINT);
  for (int d = 0; d < kDevices; ++d) {
    EXPECT_EQ(Stored(devices[d].device_id, start, start + hours(1)), sent[d]) << d;
  }
}

TEST_F(Ingest, ARedeliveredReadingCountsOnceAndTheLastDeliveryHolds) {
  Start();
  const Credential device = api().MakeDevice("D1");
  const auto client = Connect(device);
  const base::Timestamp time = NowMs() - minutes(5);
  for (int i = 0; i < 5; ++i) {
    ASSERT_TRUE(Publish(*client, device, {time, 230.0 + i}).ok());
  }
  // The same instant written with another offset.
  const std::string text = R"({"device_id":"D1","timestamp":")" + [&] {
    std::string local = base::FormatTimestamp(time + minutes(330));
    local.pop_back();
    return local + "+05:30";
  }() + R"(","voltage":236,"current":1,"power":2,"temperature":30})";
  ASSERT_TRUE(Publish(*client, device.topic, text).ok());
  const std::vector<Reading> expected{{time, 236, 1, 2, 30}};
  EXPECT_EQ(Stored("D1", time - hours(1), time + hours(1)), expected);
  Restart(SIGKILL);
  EXPECT_EQ(Stored("D1", time - hours(1), time + hours(1)), expected);
}

TEST_F(Ingest, OutOfOrderAndLateReadingsAreStoredInTheirPlace) {
  std::mt19937_64 random(TestSeed());
  Start({{"ENERGY_SERIES__SEAL_AGE_S", "1"}});
  const Credential device = api().MakeDevice("D1");
  auto client = Connect(device);
  const base::Timestamp now = NowMs();
  std::vector<Reading> expected;
  for (int i = 0; i < 600; ++i) expected.push_back(RandomReading(random, now - seconds(i)));
  std::shuffle(expected.begin(), expected.end(), random);
  for (size_t i = 0; i < 500; ++i) {
    ASSERT_TRUE(client->Publish(device.topic, ToPayload("D1", expected[i]), 1).ok());
  }
  ASSERT_TRUE(client->Flush(kPatience).ok());

  // The rest comes when its neighbours are sealed into chunks.
  Restart(SIGINT);
  client = Connect(device);
  for (const auto age : {hours(24), hours(24 * 30), hours(24 * 365)}) {
    expected.push_back(RandomReading(random, now - age));
  }
  for (size_t i = 500; i < expected.size(); ++i) {
    ASSERT_TRUE(client->Publish(device.topic, ToPayload("D1", expected[i]), 1).ok());
  }
  ASSERT_TRUE(client->Flush(kPatience).ok());
  std::sort(expected.begin(), expected.end(),
            [](const Reading& a, const Reading& b) { return a.time < b.time; });
  EXPECT_EQ(Stored("D1", now - hours(24 * 366), now + seconds(1)), expected);
  Restart(SIGKILL);
  EXPECT_EQ(Stored("D1", now - hours(24 * 366), now + seconds(1)), expected);
  // The end of a range is exclusive, its start is not.
  EXPECT_EQ(Stored("D1", expected[100].time, expected[200].time),
            std::vector<Reading>(expected.begin() + 100, expected.begin() + 200));
}

TEST_F(Ingest, ReadingsOfQos0Arrive) {
  Start();
  const Credential device = api().MakeDevice("D1");
  const auto client = Connect(device);
  const base::Timestamp start = NowMs() - hours(1);
  std::vector<Reading> sent;
  for (int i = 0; i < 100; ++i) {
    sent.push_back({start + seconds(i)});
    ASSERT_TRUE(client->Publish(device.topic, ToPayload("D1", sent.back()), 0).ok());
  }
  EXPECT_TRUE(WaitUntil([&] { return Stored("D1", start, start + hours(1)).size() == 100; }));
  EXPECT_EQ(Stored("D1", start, start + hours(1)), sent);
}

// Runs a command of the shell; its exit code.
int Shell(const std::string& command, std::string& output) {
  FILE* pipe = popen((command + " 2>&1").c_str(), "r");
  if (pipe == nullptr) return -1;
  char buffer[4096];
  while (const size_t count = std::fread(buffer, 1, sizeof(buffer), pipe)) {
    output.append(buffer, count);
  }
  const int status = pclose(pipe);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

TEST_F(Ingest, MosquittoPubIsUnderstood) {
  std::string output;
  if (Shell("command -v mosquitto_pub", output) != 0) {
    GTEST_SKIP() << "mosquitto_pub is not installed";
  }
  Start();
  const Credential device = api().MakeDevice("D1");
  const base::Timestamp start = NowMs() - minutes(10);
  std::vector<Reading> expected;
  for (const char* version : {"mqttv31", "mqttv311", "mqttv5"}) {
    const bool supported = std::string(version) != "mqttv31";
    expected.push_back({start + seconds(expected.size())});
    const auto command = [&](const std::string& password) {
      return "timeout 60 mosquitto_pub -h 127.0.0.1 -p " + std::to_string(platform().mqtt_port()) +
             " -V " + version + " -u " + device.username + " -P '" + password +
             "' -q 1 -t devices/D1/telemetry -m '" + ToPayload("D1", expected.back()) + "'";
    };
    output.clear();
    EXPECT_NE(Shell(command("wrong"), output), 0) << version;
    output.clear();
    if (Shell(command(device.password), output) != 0) {
      // MQTT 3.1 is older than the standard; to refuse it is fine.
      EXPECT_FALSE(supported) << version << ": " << output;
      expected.pop_back();
    }
  }
  EXPECT_EQ(Stored("D1", start, start + minutes(10)), expected);
}

TEST_F(Ingest, ADeviceMayPublishOnlyToItsOwnTopicAndNotListen) {
  Start();
  const Credential own = api().MakeDevice("D1");
  const Credential other = api().MakeDevice("D2");
  const base::Timestamp time = NowMs() - minutes(1);
  const std::string foreign = ToPayload("D2", {time});

  const auto old_client = Connect(own, 4);
  EXPECT_FALSE(Publish(*old_client, other.topic, foreign).ok());
  EXPECT_TRUE(WaitUntil([&] { return !old_client->stats().connected; }));

  const auto client = Connect(own, 5);
  for (const char* topic : {"devices/D2/telemetry", "devices/D1/telemetry/x", "devices/D1",
                            "$SYS/broker", "any/topic"}) {
    EXPECT_EQ(Publish(*client, topic, foreign).code(), base::Code::kPermissionDenied) << topic;
  }
  for (const char* filter : {"#", "devices/+/telemetry", "devices/D2/telemetry"}) {
    EXPECT_EQ(client->Subscribe(filter, 1).code(), base::Code::kPermissionDenied) << filter;
  }
  // The connection is still good for what it may do.
  EXPECT_TRUE(Publish(*client, own, {time}).ok());
  EXPECT_EQ(Stored("D1", time - hours(1), time + hours(1)).size(), 1U);
  EXPECT_TRUE(Stored("D2", time - hours(1), time + hours(1)).empty());
  EXPECT_EQ(api().GetData("/api/data/dead-letters").at("total"), 0);
}

TEST_F(Ingest, OnlyTheRightPasswordOpensAConnection) {
  Start();
  const Credential right = api().MakeDevice("D1");
  const Credential another = api().MakeDevice("D2");
  const auto answer = [&](const std::optional<std::string>& username,
                          const std::optional<std::string>& password, int version) {
    mqtt::ClientOptions options = ClientOptions(right, version);
    options.username = username;
    options.password = password;
    mqtt::Client client(options);
    return client.Connect("127.0.0.1", platform().mqtt_port()).code();
  };
  for (const int version : {4, 5}) {
    EXPECT_EQ(answer(right.username, right.password, version), base::Code::kOk);
    EXPECT_EQ(answer(right.username, "wrong", version), base::Code::kUnauthenticated);
    EXPECT_EQ(answer(right.username, "", version), base::Code::kUnauthenticated);
    EXPECT_EQ(answer(right.username, another.password, version), base::Code::kUnauthenticated);
    EXPECT_EQ(answer("device_D9", right.password, version), base::Code::kUnauthenticated);
    EXPECT_EQ(answer("admin@localhost", right.password, version), base::Code::kUnauthenticated);
    EXPECT_EQ(answer(std::nullopt, std::nullopt, version), base::Code::kPermissionDenied);
  }
}

TEST_F(Ingest, AnonymousClientsAreServedWhereTheOptionSaysSo) {
  Start({{"ENERGY_MQTT__ALLOW_ANONYMOUS", "true"}});
  const Credential device = api().MakeDevice("D1");
  mqtt::ClientOptions options;
  options.reconnect = false;
  mqtt::Client client(options);
  ASSERT_TRUE(client.Connect("127.0.0.1", platform().mqtt_port()).ok());
  const Reading reading{NowMs() - minutes(1)};
  EXPECT_TRUE(Publish(client, device, reading).ok());
  EXPECT_EQ(Stored("D1", reading.time, reading.time + seconds(1)), std::vector{reading});
}

TEST_F(Ingest, ANewCredentialEndsTheOldOneAndItsConnections) {
  Start();
  const Credential old = api().MakeDevice("D1");
  const auto client = Connect(old);
  ASSERT_TRUE(Publish(*client, old, {NowMs()}).ok());
  const Credential fresh = api().IssueCredential("D1");
  EXPECT_TRUE(WaitUntil([&] { return !client->stats().connected; }, seconds(5)))
      << "the connection with the withdrawn password is still open";
  EXPECT_FALSE(Publish(*client, old, {NowMs() - seconds(1)}).ok());
  mqtt::Client again(ClientOptions(old));
  EXPECT_EQ(again.Connect("127.0.0.1", platform().mqtt_port()).code(),
            base::Code::kUnauthenticated);
  EXPECT_TRUE(Publish(*Connect(fresh), fresh, {NowMs()}).ok());
}

TEST_F(Ingest, AMalformedPacketEndsOnlyItsOwnConnection) {
  Start();
  const Credential device = api().MakeDevice("D1");
  const auto neighbour = Connect(device);
  for (const RawCase& garbage : MalformedPackets()) {
    SCOPED_TRACE(garbage.name);
    EXPECT_TRUE(RawMqttIsClosed(platform().mqtt_port(), garbage.bytes, std::nullopt));
    EXPECT_TRUE(RawMqttIsClosed(platform().mqtt_port(), garbage.bytes, device));
  }
  EXPECT_TRUE(Publish(*neighbour, device, {NowMs()}).ok());
  EXPECT_EQ(neighbour->stats().reconnects, 0U);
  EXPECT_EQ(api().Get("/ready").status, 200);
}

}  // namespace
}  // namespace energy::integration
