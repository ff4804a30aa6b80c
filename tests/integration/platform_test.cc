#include "integration/platform_test.h"

#include <csignal>
#include <cstdlib>
#include <future>
#include <iostream>
#include <random>

namespace energy::integration {

std::string ToPayload(const std::string& device_id, const Reading& reading) {
  return base::Json{
      {"device_id", device_id},     {"timestamp", base::FormatTimestamp(reading.time)},
      {"voltage", reading.voltage}, {"current", reading.current},
      {"power", reading.power},     {"temperature", reading.temperature}}
      .dump();
}

Reading ToReading(const base::Json& json) {
  const auto time = base::ParseTimestamp(json.at("timestamp").get<std::string>());
  if (!time.ok()) throw std::runtime_error("no timestamp: " + json.dump());
  return {*time, json.at("voltage"), json.at("current"), json.at("power"), json.at("temperature")};
}

base::Timestamp NowMs() {
  return std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now());
}

uint64_t TestSeed() {
  const char* given = std::getenv("ENERGY_TEST_SEED");
  const uint64_t seed = given != nullptr ? std::stoull(given) : std::random_device{}();
  std::cout << "ENERGY_TEST_SEED=" << seed << std::endl;
  return seed;
}

void PlatformTest::Start(Environment environment) {
  platform_.reset();
  environment_ = std::move(environment);
  if (std::getenv("ENERGY_TEST_POSTGRESQL") != nullptr) {
    if (!database_) database_ = std::make_unique<sql::TestDatabase>(/*migrate=*/false);
    environment_.emplace_back("ENERGY_STORAGE__SQL__URL", database_->url());
  }
  platform_ = std::make_unique<Platform>(
      Platform::Options{.data_dir = data_dir_, .environment = environment_});
  const std::string token = api_ ? api_->token() : "";
  api_ = std::make_unique<ApiClient>(platform_->http_port());
  if (token.empty()) {
    api_->LoginAsAdmin(data_dir_);
  } else {
    api_->set_token(token);
  }
}

void PlatformTest::Restart(int signal) {
  if (signal == SIGKILL) {
    platform_->process().Kill();
  } else {
    platform_->process().Signal(signal);
    const auto ended = platform_->process().Wait();
    ASSERT_TRUE(ended) << "signal " << signal << " does not stop the program";
    EXPECT_EQ(ended->exit_code, 0) << platform_->process().Err();
  }
  Start(environment_);
}

mqtt::ClientOptions PlatformTest::ClientOptions(const Credential& credential, int version) const {
  mqtt::ClientOptions options;
  options.username = credential.username;
  options.password = credential.password;
  options.version = version;
  options.reconnect = false;
  options.connect_timeout = kPatience;
  return options;
}

std::unique_ptr<mqtt::Client> PlatformTest::Connect(const Credential& credential, int version) {
  auto client = std::make_unique<mqtt::Client>(ClientOptions(credential, version));
  const base::Status status = client->Connect("127.0.0.1", platform_->mqtt_port());
  if (!status.ok()) throw std::runtime_error(credential.username + ": " + status.ToString());
  return client;
}

base::Status PlatformTest::Publish(mqtt::Client& client, const std::string& topic,
                                   const std::string& payload) {
  auto done = std::make_shared<std::promise<base::Status>>();
  auto answer = done->get_future();
  const base::Status sent = client.Publish(
      topic, payload, 1, [done](const base::Status& status) { done->set_value(status); });
  if (!sent.ok()) return sent;
  if (answer.wait_for(kPatience) == std::future_status::ready) return answer.get();
  return base::Unavailable("neither acknowledged nor refused");
}

base::Status PlatformTest::Publish(mqtt::Client& client, const Credential& device,
                                   const Reading& reading) {
  return Publish(client, device.topic, ToPayload(device.device_id, reading));
}

std::vector<Reading> PlatformTest::Stored(const std::string& device_id, base::Timestamp start,
                                          base::Timestamp end) {
  const base::Json data =
      api_->GetData("/api/data/telemetry/" + device_id + "?start=" + base::FormatTimestamp(start) +
                    "&end=" + base::FormatTimestamp(end) + "&limit=100000");
  EXPECT_FALSE(data.at("truncated").get<bool>());
  EXPECT_FALSE(data.at("downsampled").get<bool>());
  std::vector<Reading> readings;
  for (const base::Json& reading : data.at("data")) {
    EXPECT_EQ(reading.at("device_id"), device_id);
    readings.push_back(ToReading(reading));
  }
  EXPECT_EQ(data.at("count"), readings.size());
  return readings;
}

}  // namespace energy::integration
