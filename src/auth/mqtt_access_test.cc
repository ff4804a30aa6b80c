#include "auth/mqtt_access.h"

#include <gtest/gtest.h>

#include <memory>

#include "sql/test_database.h"

namespace energy::auth {
namespace {

using Action = AclRule::Action;

class MqttAccessTest : public ::testing::Test {
 protected:
  void SetUp() override {
    ASSERT_TRUE(Execute("INSERT INTO devices (id, name, type) VALUES ('D1', 'one', 'bulb')").ok());
    Restart();
  }
  void Restart(bool allow_anonymous = false, const char* key = "key") {
    access_ = std::make_unique<MqttAccess>(*database_, clock_, random_, key,
                                           MqttAccessOptions{allow_anonymous}, base::NullLogger());
    access_->OnRevoked([this](std::string_view name) { revoked_.emplace_back(name); });
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
  std::vector<std::string> revoked_;
};

TEST_F(MqttAccessTest, ADevicePublishesOnlyItsTelemetry) {
  const auto issued = access_->Issue("D1");
  ASSERT_TRUE(issued.ok()) << issued.status().ToString();
  EXPECT_EQ(issued->username, "device_D1");
  EXPECT_EQ(issued->topic, "devices/D1/telemetry");
  const auto principal = Connect(issued->username, issued->password);
  ASSERT_TRUE(principal.ok());
  EXPECT_EQ((*principal)->name(), "device_D1");
  EXPECT_TRUE((*principal)->MayPublish("devices/D1/telemetry"));
  EXPECT_FALSE((*principal)->MayPublish("devices/D2/telemetry"));
  EXPECT_FALSE((*principal)->MaySubscribe("devices/D1/telemetry"));
}

TEST_F(MqttAccessTest, RefusesWrongCredentials) {
  const auto issued = access_->Issue("D1");
  EXPECT_EQ(Connect("device_D1", "wrong").status().code(), base::Code::kUnauthenticated);
  EXPECT_EQ(Connect("device_D2", issued->password).status().code(), base::Code::kUnauthenticated);
  EXPECT_FALSE(Connect("device_D1", "").ok());
  EXPECT_FALSE(Connect("", "").ok());
  mqtt::ConnectRequest no_password;
  no_password.username = "device_D1";
  EXPECT_FALSE(access_->Authenticate(no_password).ok());
}

TEST_F(MqttAccessTest, UnknownDevicesGetNoCredential) {
  EXPECT_EQ(access_->Issue("D9").status().code(), base::Code::kNotFound);
  EXPECT_EQ(access_->size(), 0U);
}

TEST_F(MqttAccessTest, IssuingAgainReplacesThePassword) {
  const auto first = access_->Issue("D1");
  const auto connected = Connect(first->username, first->password);
  ASSERT_TRUE(connected.ok());
  const auto second = access_->Issue("D1");
  ASSERT_TRUE(second.ok());
  EXPECT_EQ(second->username, first->username);
  EXPECT_FALSE(Connect(first->username, first->password).ok());
  EXPECT_TRUE(Connect(second->username, second->password).ok());
  EXPECT_FALSE((*connected)->MayPublish("devices/D1/telemetry"));
  EXPECT_EQ(revoked_, std::vector<std::string>{"device_D1"});
  EXPECT_EQ(access_->size(), 1U);
}

TEST_F(MqttAccessTest, ADeletedDeviceLosesItsRights) {
  const auto issued = access_->Issue("D1");
  const auto connected = Connect(issued->username, issued->password);
  ASSERT_TRUE(Execute("DELETE FROM devices WHERE id = 'D1'").ok());
  ASSERT_TRUE(access_->Load().ok());
  EXPECT_FALSE(Connect(issued->username, issued->password).ok());
  EXPECT_FALSE((*connected)->MayPublish("devices/D1/telemetry"));
  const auto rows = database_->Read(
      [](sql::Connection& c) { return c.Query("SELECT COUNT(*) FROM mqtt_acl", {}, 1); });
  EXPECT_EQ(rows->at(0).Int(0), 0);
}

TEST_F(MqttAccessTest, AChangeLeavesOtherClientsAlone) {
  const auto client =
      access_->IssueClient("simulator", {{"devices/+/telemetry", Action::kPublish, true}});
  ASSERT_TRUE(client.ok()) << client.status().ToString();
  const auto connected = Connect(client->username, client->password);
  ASSERT_TRUE(access_->Issue("D1").ok());
  ASSERT_TRUE(access_->Load().ok());
  EXPECT_TRUE((*connected)->MayPublish("devices/D7/telemetry"));
  EXPECT_TRUE(revoked_.empty());
}

TEST_F(MqttAccessTest, ReadsCredentialsBackAtStart) {
  const auto issued = access_->Issue("D1");
  const auto client = access_->IssueClient("viewer", {{"devices/%u/#", Action::kSubscribe, true},
                                                      {"devices/%u/x", Action::kAll, false}});
  Restart();
  EXPECT_TRUE(Connect(issued->username, issued->password).ok());
  const auto viewer = Connect(client->username, client->password);
  ASSERT_TRUE(viewer.ok());
  EXPECT_TRUE((*viewer)->MaySubscribe("devices/viewer/y"));
  EXPECT_FALSE((*viewer)->MaySubscribe("devices/viewer/x"));
  Restart(false, "another key");
  EXPECT_FALSE(Connect(issued->username, issued->password).ok());
}

TEST_F(MqttAccessTest, StoresNoPassword) {
  const auto issued = access_->Issue("D1");
  const auto rows = database_->Read([](sql::Connection& c) {
    return c.Query("SELECT secret_hash FROM mqtt_credentials", {}, 1);
  });
  EXPECT_EQ(rows->at(0).Text(0).size(), 64U);
  EXPECT_EQ(rows->at(0).Text(0).find(issued->password), std::string::npos);
}

TEST_F(MqttAccessTest, AnonymousClientsNeedPermission) {
  mqtt::ConnectRequest anonymous;
  anonymous.anonymous = true;
  EXPECT_EQ(access_->Authenticate(anonymous).status().code(), base::Code::kUnauthenticated);
  Restart(/*allow_anonymous=*/true);
  const auto principal = access_->Authenticate(anonymous);
  ASSERT_TRUE(principal.ok());
  EXPECT_TRUE((*principal)->MayPublish("devices/D1/telemetry"));
  EXPECT_TRUE((*principal)->MaySubscribe("#"));
  EXPECT_FALSE(Connect("device_D1", "wrong").ok());
}

TEST_F(MqttAccessTest, RemovesAndNamesClients) {
  for (const char* name : {"", "device_D1", "a/b", "+", "anonymous", "a b"}) {
    EXPECT_EQ(access_->IssueClient(name, {}).status().fields().at(0).field, "username") << name;
  }
  ASSERT_TRUE(access_->IssueClient("tool", {}).ok());
  EXPECT_TRUE(access_->Remove("tool").ok());
  EXPECT_EQ(access_->Remove("tool").code(), base::Code::kNotFound);
  EXPECT_EQ(access_->size(), 0U);
}

TEST_F(MqttAccessTest, SavesWhenCredentialsWereUsed) {
  const auto issued = access_->Issue("D1");
  const auto last_used = [&] {
    return database_
        ->Read([](sql::Connection& c) {
          return c.Query("SELECT last_used FROM mqtt_credentials", {}, 1);
        })
        ->at(0)
        .OptTime(0);
  };
  ASSERT_TRUE(access_->SaveLastUsed().ok());
  EXPECT_EQ(last_used(), std::nullopt);
  ASSERT_TRUE(Connect(issued->username, issued->password).ok());
  ASSERT_TRUE(access_->SaveLastUsed().ok());
  EXPECT_EQ(last_used(), clock_.Now());
}

}  // namespace
}  // namespace energy::auth
