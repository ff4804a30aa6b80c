#include "auth/mqtt_access.h"

#include <thread>

#include "auth/mqtt_access_fixture.h"

namespace energy::auth {
namespace {

using Action = AclRule::Action;

TEST_F(MqttAccessTest, RefusesWrongCredentials) {
  const auto issued = credentials_->Issue("D1");
  EXPECT_EQ(Connect("device_D1", "wrong").status().code(), base::Code::kUnauthenticated);
  EXPECT_EQ(Connect("device_D2", issued->password).status().code(), base::Code::kUnauthenticated);
  EXPECT_FALSE(Connect("device_D1", "").ok());
  EXPECT_FALSE(Connect("", "").ok());
  mqtt::ConnectRequest no_password;
  no_password.username = "device_D1";
  EXPECT_FALSE(access_->Authenticate(no_password).ok());
}

TEST_F(MqttAccessTest, ADeletedDeviceLosesItsRights) {
  const auto issued = credentials_->Issue("D1");
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
      credentials_->IssueClient("simulator", {{"devices/+/telemetry", Action::kPublish, true}});
  ASSERT_TRUE(client.ok()) << client.status().ToString();
  const auto connected = Connect(client->username, client->password);
  ASSERT_TRUE(credentials_->Issue("D1").ok());
  ASSERT_TRUE(access_->Load().ok());
  EXPECT_TRUE((*connected)->MayPublish("devices/D7/telemetry"));
  EXPECT_TRUE(revoked_.empty());
}

TEST_F(MqttAccessTest, ReadsCredentialsBackAtStart) {
  const auto issued = credentials_->Issue("D1");
  const auto client = credentials_->IssueClient(
      "viewer",
      {{"devices/%u/#", Action::kSubscribe, true}, {"devices/%u/x", Action::kAll, false}});
  Restart();
  EXPECT_TRUE(Connect(issued->username, issued->password).ok());
  const auto viewer = Connect(client->username, client->password);
  ASSERT_TRUE(viewer.ok());
  EXPECT_TRUE((*viewer)->MaySubscribe("devices/viewer/y"));
  EXPECT_FALSE((*viewer)->MaySubscribe("devices/viewer/x"));
  Restart(false, "another key");
  EXPECT_FALSE(Connect(issued->username, issued->password).ok());
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
  const auto panel = credentials_->IssueClient("panel", {{"a/#", Action::kSubscribe, true}});
  EXPECT_EQ(Connect("panel", "wrong").status().code(), base::Code::kUnauthenticated);
  EXPECT_EQ(Connect("nobody", "").status().code(), base::Code::kUnauthenticated);
  const auto named = Connect("panel", panel->password);
  ASSERT_TRUE(named.ok());
  EXPECT_FALSE((*named)->MayPublish("devices/D1/telemetry"));
}

TEST_F(MqttAccessTest, SeesWhatAnotherProcessWrote) {
  ASSERT_TRUE(credentials_->IssueClient("panel", {{"a", Action::kSubscribe, true}}).ok());
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
  const auto client = credentials_->IssueClient("fleet", {{"v/${clientid}/#", Action::kAll, true}});
  const auto connected = Connect("fleet", client->password);  // as "c"
  ASSERT_TRUE(connected.ok());
  EXPECT_TRUE((*connected)->MayPublish("v/c/x"));
  EXPECT_FALSE((*connected)->MayPublish("v/d/x"));
  EXPECT_TRUE(access_->Renew("fleet", "d")->MayPublish("v/d/x"));
  ASSERT_TRUE(credentials_->Remove("fleet").ok());
  EXPECT_FALSE((*connected)->MayPublish("v/c/x"));
}

TEST_F(MqttAccessTest, ACertificateNeedsACredentialOfItsNameAndNoPassword) {
  mqtt::ConnectRequest request;
  request.username = "pump";
  request.by_certificate = true;
  EXPECT_EQ(access_->Authenticate(request).status().code(), base::Code::kPermissionDenied);
  ASSERT_TRUE(credentials_->IssueClient("pump", {{"p", Action::kPublish, true}}).ok());
  const auto principal = access_->Authenticate(request);
  ASSERT_TRUE(principal.ok());
  EXPECT_TRUE((*principal)->MayPublish("p"));
}

TEST_F(MqttAccessTest, SavesWhenCredentialsWereUsed) {
  const auto issued = credentials_->Issue("D1");
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
