#include <cstdlib>
#include <fstream>

#include "integration/platform_test.h"

namespace energy::integration {
namespace {

class MqttTransports : public PlatformTest {
 protected:
  void SetUp() override {
    ASSERT_EQ(std::system(("openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes "
                           "-days 2 -subj /CN=localhost -addext subjectAltName=DNS:localhost "
                           "-keyout " +
                           File("key.pem") + " -out " + File("certificate.pem") + " 2>/dev/null")
                              .c_str()),
              0);
  }
  std::string File(const std::string& name) const { return (files_.path() / name).string(); }
  Environment Encrypted() const {
    return {{"ENERGY_MQTT__TLS__CERTIFICATE", File("certificate.pem")},
            {"ENERGY_MQTT__TLS__KEY", File("key.pem")},
            {"ENERGY_MQTT__TLS__PORT", "0"}};
  }
  base::Json Endpoints() const {
    std::ifstream file(data_dir() / "endpoints.json");
    return base::Json::parse(file);
  }

 private:
  TemporaryFolder files_;
};

TEST_F(MqttTransports, PlainMqttAloneUnlessConfigured) {
  Start();
  const base::Json endpoints = Endpoints();
  EXPECT_EQ(endpoints.size(), 2U) << endpoints;
  EXPECT_TRUE(endpoints.contains("http") && endpoints.contains("mqtt")) << endpoints;
}

TEST_F(MqttTransports, AReadingThroughTlsIsStored) {
  Environment environment = Encrypted();
  environment.emplace_back("ENERGY_MQTT__WEBSOCKET__ENABLED", "true");
  environment.emplace_back("ENERGY_MQTT__WEBSOCKET__PORT", "0");
  environment.emplace_back("ENERGY_MQTT__WEBSOCKET__TLS_PORT", "0");
  Start(environment);
  const base::Json endpoints = Endpoints();
  EXPECT_TRUE(endpoints.at("mqtt_ws").get<std::string>().starts_with("ws://")) << endpoints;
  EXPECT_TRUE(endpoints.at("mqtt_wss").get<std::string>().starts_with("wss://")) << endpoints;
  if (std::system("command -v mosquitto_pub > /dev/null") != 0) {
    GTEST_SKIP() << "mosquitto-clients is not installed";
  }
  const Credential device = api().MakeDevice("D1");
  const Reading reading{NowMs()};
  const std::string address = endpoints.at("mqtts");
  const std::string command =
      "timeout 20 mosquitto_pub -h localhost -p " + address.substr(address.rfind(':') + 1) +
      " --cafile " + File("certificate.pem") + " -u " + device.username + " -P " + device.password +
      " -q 1 -t " + device.topic + " -m '" + ToPayload("D1", reading) + "'";
  ASSERT_EQ(std::system(command.c_str()), 0);
  EXPECT_EQ(Stored("D1", reading.time, reading.time + std::chrono::seconds(1)),
            std::vector<Reading>{reading});
}

TEST_F(MqttTransports, ABadCertificateStopsTheStart) {
  Environment environment = Encrypted();
  environment[0].second = "/no/such/certificate.pem";
  const Outcome outcome = RunProgram(
      {"serve", "--data-dir", File("data"), "--http", "127.0.0.1:0", "--mqtt", "127.0.0.1:0"},
      environment);
  EXPECT_EQ(outcome.exit_code, 1);
  for (const char* part :
       {"mqtt.tls.certificate", "/no/such/certificate.pem", "No such file or directory"}) {
    EXPECT_NE(outcome.err.find(part), std::string::npos) << outcome.err;
  }
}

}  // namespace
}  // namespace energy::integration
