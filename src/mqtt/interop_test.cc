#include <algorithm>
#include <cctype>

#include "mqtt/command.h"
#include "mqtt/test_support.h"

/// The broker against Eclipse Mosquitto's command line clients, where they are installed.
namespace energy::mqtt::test {
namespace {

class InteropTest : public BrokerTest, public ::testing::WithParamInterface<const char*> {
 protected:
  void SetUp() override {
    if (RunCommand("command -v mosquitto_pub").exit_code != 0) {
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

TEST_P(InteropTest, MosquittoSubGetsWhatWasRetainedAndThenDeletesIt) {
  EXPECT_EQ(RunCommand(Command("mosquitto_pub") + "-i p -t state/a -r -q 1 -m on").exit_code, 0);
  const std::string subscribe =
      Command("mosquitto_sub") + "-i s -t 'state/#' -q 1 -W 1 -F '%r %p' ";
  EXPECT_EQ(RunCommand(subscribe).output, "1 on\nTimed out\n");
  EXPECT_EQ(
      RunCommand(Command("mosquitto_sub") + "-i s -t 'state/#' --remove-retained -W 1").output,
      "on\nTimed out\n");
  EXPECT_EQ(RunCommand(subscribe).output, "Timed out\n");
}

TEST_P(InteropTest, MosquittoSubFindsItsSessionAgain) {
  const std::string subscribe = Command("mosquitto_sub") + "-i away -t 'jobs/#' -q 1 " +
                                (std::string(GetParam()) == "mqttv5" ? "-c -x 600 " : "-c ");
  EXPECT_EQ(RunCommand(subscribe + "-E").exit_code, 0);
  EXPECT_EQ(
      RunCommand("printf 'one\\ntwo\\n' | " + Command("mosquitto_pub") + "-i pub -t jobs/1 -l -q 1")
          .exit_code,
      0);
  EXPECT_EQ(RunCommand(subscribe + "-C 2").output, "one\ntwo\n");
}

TEST_P(InteropTest, MosquittoSubGetsTheWillOfAnother) {
  Outcome received;
  std::thread subscriber(
      [&] { received = RunCommand(Command("mosquitto_sub") + "-i sub -t will -C 1 -q 1"); });
  ASSERT_TRUE(Eventually([&] { return broker->stats().subscriptions == 1; }));
  // Killed after a second, so without DISCONNECT.
  RunCommand("timeout -s KILL 1 mosquitto_sub -h 127.0.0.1 -p " + std::to_string(broker->port()) +
             " -V " + GetParam() +
             " -u alice -P secret -i dies -t x --will-topic will --will-payload gone --will-qos 1");
  subscriber.join();
  EXPECT_EQ(received.output, "gone\n");
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
