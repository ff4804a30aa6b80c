#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "base/time_text.h"
#include "integration/api_client.h"
#include "integration/platform_process.h"
#include "mqtt/client.h"
#include "sql/test_database.h"

namespace energy::integration {

/// One bulb's reading (LLD §6.2).
struct Reading {
  base::Timestamp time;
  double voltage = 230;
  double current = 0.85;
  double power = 195;
  double temperature = 40;

  bool operator==(const Reading&) const = default;
};

std::string ToPayload(const std::string& device_id, const Reading& reading);
/// From the API's form. Throws when it is not one.
Reading ToReading(const base::Json& json);
/// Now, without what milliseconds cannot say.
base::Timestamp NowMs();

/// Seed of a random test: ENERGY_TEST_SEED or a new one; printed.
uint64_t TestSeed();

/// A platform on a folder of its own, and the API as its admin. Start is called by the test. When
/// ENERGY_TEST_POSTGRESQL holds the URL of a server its metadata is there, in a schema of its own.
class PlatformTest : public testing::Test {
 protected:
  /// Starts the platform, or starts it again on the same folder. Logs in the first time; the token
  /// outlives a restart.
  void Start(Environment environment = {});
  void Restart(int signal);

  const std::filesystem::path& data_dir() const { return data_dir_; }
  Platform& platform() { return *platform_; }
  ApiClient& api() { return *api_; }

  /// A connected client of the device. It does not come back when the connection is lost.
  std::unique_ptr<mqtt::Client> Connect(const Credential& credential, int version = 4);
  mqtt::ClientOptions ClientOptions(const Credential& credential, int version = 4) const;
  /// Publishes with QoS 1 and waits for the acknowledgement.
  base::Status Publish(mqtt::Client& client, const std::string& topic, const std::string& payload);
  base::Status Publish(mqtt::Client& client, const Credential& device, const Reading& reading);

  /// What is stored of a device in [start, end), oldest first.
  std::vector<Reading> Stored(const std::string& device_id, base::Timestamp start,
                              base::Timestamp end);

 private:
  TemporaryFolder folder_;
  std::filesystem::path data_dir_ = folder_.path() / "data";
  Environment environment_;
  std::unique_ptr<sql::TestDatabase> database_;  // on PostgreSQL
  std::unique_ptr<Platform> platform_;
  std::unique_ptr<ApiClient> api_;
};

}  // namespace energy::integration
