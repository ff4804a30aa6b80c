#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <cstdio>

#include "mqtt/test_support.h"

/// The broker against Eclipse Mosquitto's command line clients, where they are installed.
namespace energy::mqtt::test {
namespace {

struct Outcome {
  int exit_code = -1;
  std::string output;
};

Outcome RunCommand(const std::string& command) {
  Outcome outcome;
  FILE* pipe = ::popen((command + " 2>&1").c_str(), "r");
  if (pipe == nullptr) return outcome;
  std::array<char, 4096> buffer{};
  while (const size_t count = std::fread(buffer.data(), 1, buffer.size(), pipe)) {
    outcome.output.append(buffer.data(), count);
  }
  const int status = ::pclose(pipe);
  outcome.exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  return outcome;
}

class InteropTest : public BrokerTest, public ::testing::WithParamInterface<const char*> {
 protected:
  void SetUp() override {
    if (RunCommand("mosquitto_pub --help").output.find("mosquitto_pub") == std::string::npos) {
      GTEST_SKIP() << "mosquitto-clients is not installed";
    }
    StartBroker();
  }
  std::string Command(const std::string& program) const {
    return "timeout 10 " + program + " -h 127.0.0.1 -p " + std::to_string(broker->port()) + " -V " +
           GetParam() + " -u alice -P secret ";
  }
};

INSTANTIATE_TEST_SUITE_P(Versions, InteropTest, ::testing::Values("mqttv311", "mqttv5"));

TEST_P(InteropTest, MosquittoPubIsAcknowledged) {
  const Outcome outcome =
      RunCommand(Command("mosquitto_pub") + "-i pub -t devices/D1/telemetry -q 1 -m hi");
  EXPECT_EQ(outcome.exit_code, 0) << outcome.output;
  const auto messages = handler.messages();
  ASSERT_EQ(messages.size(), 1U);
  EXPECT_EQ(messages[0].topic, "devices/D1/telemetry");
  EXPECT_EQ(messages[0].payload, "hi");
  EXPECT_EQ(messages[0].qos, 1);
}

TEST_P(InteropTest, MosquittoSubReceivesWhatMosquittoPubSends) {
  for (const char* qos : {"0", "1"}) {
    Outcome received;
    std::thread subscriber([&] {
      received = RunCommand(Command("mosquitto_sub") +
                            "-i sub -t 'devices/+/telemetry' -C 3 -v -q " + qos);
    });
    ASSERT_TRUE(Eventually([&] { return broker->stats().subscriptions == 1; }));
    const Outcome sent = RunCommand("printf 'one\\ntwo\\nthree\\n' | " + Command("mosquitto_pub") +
                                    "-i pub -t devices/D2/telemetry -l -q " + qos);
    subscriber.join();
    EXPECT_EQ(sent.exit_code, 0) << sent.output;
    EXPECT_EQ(received.exit_code, 0) << received.output;
    EXPECT_EQ(received.output,
              "devices/D2/telemetry one\ndevices/D2/telemetry two\ndevices/D2/telemetry three\n");
    ASSERT_TRUE(Eventually([&] { return broker->stats().subscriptions == 0; }));
  }
}

TEST_P(InteropTest, MosquittoUnderstandsARefusal) {
  const Outcome outcome =
      RunCommand("timeout 10 mosquitto_pub -h 127.0.0.1 -p " + std::to_string(broker->port()) +
                 " -V " + GetParam() + " -u alice -P wrong -t a -m x -q 1");
  EXPECT_NE(outcome.exit_code, 0);
  std::string text = outcome.output;
  std::transform(text.begin(), text.end(), text.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  EXPECT_NE(text.find("bad user name or password"), std::string::npos) << outcome.output;
}

}  // namespace
}  // namespace energy::mqtt::test
