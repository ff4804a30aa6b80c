#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "auth/mqtt_access.h"
#include "auth/mqtt_credential_service.h"
#include "sql/test_database.h"

namespace energy::auth {

/// Credentials in a database, and who connects with them.
class MqttAccessTest : public ::testing::Test {
 protected:
  void SetUp() override {
    ASSERT_TRUE(Execute("INSERT INTO devices (id, name, type) VALUES ('D1', 'one', 'bulb')").ok());
    Restart();
  }
  void Restart(bool allow_anonymous = false, const char* key = "key") {
    credentials_.reset();
    access_ = std::make_unique<MqttAccess>(*database_, clock_, key,
                                           MqttAccessOptions{allow_anonymous}, base::NullLogger());
    credentials_ = std::make_unique<MqttCredentialService>(*database_, clock_, random_, *access_,
                                                           base::NullLogger());
    const auto add_to = [this](std::vector<std::string>& all) {
      return [this, &all](const MqttAccess::Names& names) {
        const std::lock_guard lock(mutex_);
        all.insert(all.end(), names.begin(), names.end());
      };
    };
    access_->OnChange(add_to(revoked_), add_to(renewed_));
    ASSERT_TRUE(access_->Load().ok());
  }
  base::Status Execute(std::string_view sql) {
    return database_->Transaction([&](sql::Connection& c) { return c.Execute(sql).status(); });
  }
  base::Result<std::shared_ptr<const mqtt::Principal>> Connect(std::string_view username,
                                                               std::string_view password) {
    mqtt::ConnectRequest request;
    request.client_id = "c";
    request.username = username;
    request.password = password;
    return access_->Authenticate(request);
  }

  base::ManualClock clock_{base::Timestamp(std::chrono::seconds(1'800'000'000))};
  base::SeededRandom random_{3};
  sql::TestDatabase database_;
  std::unique_ptr<MqttAccess> access_;
  std::unique_ptr<MqttCredentialService> credentials_;
  std::mutex mutex_;
  std::vector<std::string> revoked_;
  std::vector<std::string> renewed_;
};

}  // namespace energy::auth
