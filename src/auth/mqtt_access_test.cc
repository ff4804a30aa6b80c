#include "auth/mqtt_access.h"

#include <gtest/gtest.h>

#include <memory>
#include <mutex>
#include <thread>

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
  std::mutex mutex_;
  std::vector<std::string> revoked_;
  std::vector<std::string> renewed_;
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

TEST_F(MqttAccessTest, AnotherPasswordLeavesTheRules) {
  const auto first = access_->IssueClient(
      "panel", {{"a/#", Action::kAll, true}, {"a/secret", Action::kSubscribe, false}});
  const auto connected = Connect("panel", first->password);
  const auto second = access_->ChangePassword("panel");
  ASSERT_TRUE(second.ok()) << second.status().ToString();
  EXPECT_FALSE(Connect("panel", first->password).ok());
  EXPECT_EQ(revoked_, std::vector<std::string>{"panel"});
  EXPECT_FALSE((*connected)->MayPublish("a/b"));
  const auto again = Connect("panel", second->password);
  ASSERT_TRUE(again.ok());
  EXPECT_TRUE((*again)->MayPublish("a/b"));
  EXPECT_FALSE((*again)->MaySubscribe("a/secret"));
  EXPECT_EQ(access_->ChangePassword("nobody").status().code(), base::Code::kNotFound);
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
  // A name is a claim that is checked, as Mosquitto does with a password file: who has one has its
  // rules, and nobody gets in as somebody else.
  const auto panel = access_->IssueClient("panel", {{"a/#", Action::kSubscribe, true}});
  EXPECT_EQ(Connect("panel", "wrong").status().code(), base::Code::kUnauthenticated);
  EXPECT_EQ(Connect("nobody", "").status().code(), base::Code::kUnauthenticated);
  const auto named = Connect("panel", panel->password);
  ASSERT_TRUE(named.ok());
  EXPECT_FALSE((*named)->MayPublish("devices/D1/telemetry"));
}

TEST_F(MqttAccessTest, ChangedRulesReachConnectedClients) {
  const auto client = access_->IssueClient("panel", {{"a/#", Action::kSubscribe, true}});
  const auto connected = Connect("panel", client->password);
  const auto rule = access_->AddRule("panel", {"a/secret", Action::kAll, false});
  ASSERT_TRUE(rule.ok()) << rule.status().ToString();
  EXPECT_EQ(renewed_, std::vector<std::string>{"panel"});
  EXPECT_TRUE(revoked_.empty());
  auto renewed = access_->Renew("panel", "c");
  ASSERT_NE(renewed, nullptr);
  EXPECT_FALSE(renewed->MaySubscribe("a/secret"));
  EXPECT_TRUE(renewed->MaySubscribe("a/open"));
  const auto listing = access_->ListRules("panel", "", {});
  ASSERT_TRUE(listing.ok()) << listing.status().ToString();
  ASSERT_EQ(listing->total, 2);
  EXPECT_EQ(listing->items[1].id, rule->id);
  EXPECT_EQ(listing->items[1].rule, (AclRule{"a/secret", Action::kAll, false}));
  ASSERT_TRUE(access_->RemoveRule(rule->id).ok());
  EXPECT_EQ(access_->RemoveRule(rule->id).code(), base::Code::kNotFound);
  EXPECT_TRUE(access_->Renew("panel", "c")->MaySubscribe("a/secret"));
  EXPECT_EQ(access_->AddRule("nobody", {"a"}).status().fields().at(0).field, "username");
  EXPECT_EQ(access_->AddRule("panel", {"a/#/b"}).status().fields().at(0).field, "topic");
}

TEST_F(MqttAccessTest, ADevicesOwnRulesGoWithIt) {
  ASSERT_TRUE(access_->Issue("D1").ok());
  ASSERT_TRUE(access_->AddRule("device_D1", {"devices/D1/commands", Action::kSubscribe}).ok());
  ASSERT_TRUE(Execute("DELETE FROM devices WHERE id = 'D1'").ok());
  EXPECT_EQ(access_->ListRules(std::nullopt, "-topic", {})->total, 0);
}

TEST_F(MqttAccessTest, SeesWhatAnotherProcessWrote) {
  ASSERT_TRUE(access_->IssueClient("panel", {{"a", Action::kSubscribe, true}}).ok());
  ASSERT_TRUE(access_->Start().ok());
  ASSERT_TRUE(Execute("UPDATE mqtt_acl SET topic = 'b' WHERE username = 'panel'").ok());
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(5);
  while (!access_->Renew("panel", "c")->MaySubscribe("b")) {
    ASSERT_LT(std::chrono::steady_clock::now(), deadline);
    std::this_thread::yield();
  }
  access_->Stop();
  EXPECT_EQ(renewed_, std::vector<std::string>{"panel"});
}

TEST_F(MqttAccessTest, RulesMayNameTheClientId) {
  const auto client = access_->IssueClient("fleet", {{"v/${clientid}/#", Action::kAll, true}});
  const auto connected = Connect("fleet", client->password);  // as "c"
  ASSERT_TRUE(connected.ok());
  EXPECT_TRUE((*connected)->MayPublish("v/c/x"));
  EXPECT_FALSE((*connected)->MayPublish("v/d/x"));
  EXPECT_TRUE(access_->Renew("fleet", "d")->MayPublish("v/d/x"));
  ASSERT_TRUE(access_->Remove("fleet").ok());
  EXPECT_FALSE((*connected)->MayPublish("v/c/x"));
}

TEST_F(MqttAccessTest, ACertificateNeedsACredentialOfItsNameAndNoPassword) {
  mqtt::ConnectRequest request;
  request.username = "pump";
  request.by_certificate = true;
  EXPECT_EQ(access_->Authenticate(request).status().code(), base::Code::kPermissionDenied);
  ASSERT_TRUE(access_->IssueClient("pump", {{"p", Action::kPublish, true}}).ok());
  const auto principal = access_->Authenticate(request);
  ASSERT_TRUE(principal.ok());
  EXPECT_TRUE((*principal)->MayPublish("p"));
}

TEST_F(MqttAccessTest, ListsCredentials) {
  ASSERT_TRUE(access_->Issue("D1").ok());
  ASSERT_TRUE(access_->IssueClient("panel", {}).ok());
  auto listing = access_->List("", "-username", {});
  ASSERT_TRUE(listing.ok()) << listing.status().ToString();
  ASSERT_EQ(listing->total, 2);
  EXPECT_EQ(listing->items[0].username, "panel");
  EXPECT_EQ(listing->items[1].device_id, "D1");
  EXPECT_EQ(access_->List("pan", "", {})->total, 1);
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
