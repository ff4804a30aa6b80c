#include "auth/mqtt_credential_service.h"

#include "auth/mqtt_access_fixture.h"

namespace energy::auth {
namespace {

using Action = AclRule::Action;
using MqttCredentialServiceTest = MqttAccessTest;

TEST_F(MqttCredentialServiceTest, ADevicePublishesOnlyItsTelemetry) {
  const auto issued = credentials_->Issue("D1");
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

TEST_F(MqttCredentialServiceTest, UnknownDevicesGetNoCredential) {
  EXPECT_EQ(credentials_->Issue("D9").status().code(), base::Code::kNotFound);
  EXPECT_EQ(access_->size(), 0U);
}

TEST_F(MqttCredentialServiceTest, IssuingAgainReplacesThePassword) {
  const auto first = credentials_->Issue("D1");
  const auto connected = Connect(first->username, first->password);
  ASSERT_TRUE(connected.ok());
  const auto second = credentials_->Issue("D1");
  ASSERT_TRUE(second.ok());
  EXPECT_EQ(second->username, first->username);
  EXPECT_FALSE(Connect(first->username, first->password).ok());
  EXPECT_TRUE(Connect(second->username, second->password).ok());
  EXPECT_FALSE((*connected)->MayPublish("devices/D1/telemetry"));
  EXPECT_EQ(revoked_, std::vector<std::string>{"device_D1"});
  EXPECT_EQ(access_->size(), 1U);
}

TEST_F(MqttCredentialServiceTest, AnotherPasswordLeavesTheRules) {
  const auto first = credentials_->IssueClient(
      "panel", {{"a/#", Action::kAll, true}, {"a/secret", Action::kSubscribe, false}});
  const auto connected = Connect("panel", first->password);
  const auto second = credentials_->ChangePassword("panel");
  ASSERT_TRUE(second.ok()) << second.status().ToString();
  EXPECT_FALSE(Connect("panel", first->password).ok());
  EXPECT_EQ(revoked_, std::vector<std::string>{"panel"});
  EXPECT_FALSE((*connected)->MayPublish("a/b"));
  const auto again = Connect("panel", second->password);
  ASSERT_TRUE(again.ok());
  EXPECT_TRUE((*again)->MayPublish("a/b"));
  EXPECT_FALSE((*again)->MaySubscribe("a/secret"));
  EXPECT_EQ(credentials_->ChangePassword("nobody").status().code(), base::Code::kNotFound);
}

TEST_F(MqttCredentialServiceTest, StoresNoPassword) {
  const auto issued = credentials_->Issue("D1");
  const auto rows = database_->Read([](sql::Connection& c) {
    return c.Query("SELECT secret_hash FROM mqtt_credentials", {}, 1);
  });
  EXPECT_EQ(rows->at(0).Text(0).size(), 64U);
  EXPECT_EQ(rows->at(0).Text(0).find(issued->password), std::string::npos);
}

TEST_F(MqttCredentialServiceTest, ChangedRulesReachConnectedClients) {
  const auto client = credentials_->IssueClient("panel", {{"a/#", Action::kSubscribe, true}});
  const auto connected = Connect("panel", client->password);
  const auto rule = credentials_->AddRule("panel", {"a/secret", Action::kAll, false});
  ASSERT_TRUE(rule.ok()) << rule.status().ToString();
  EXPECT_EQ(renewed_, std::vector<std::string>{"panel"});
  EXPECT_TRUE(revoked_.empty());
  auto renewed = access_->Renew("panel", "c");
  ASSERT_NE(renewed, nullptr);
  EXPECT_FALSE(renewed->MaySubscribe("a/secret"));
  EXPECT_TRUE(renewed->MaySubscribe("a/open"));
  const auto listing = credentials_->ListRules("panel", "", {});
  ASSERT_TRUE(listing.ok()) << listing.status().ToString();
  ASSERT_EQ(listing->total, 2);
  EXPECT_EQ(listing->items[1].id, rule->id);
  EXPECT_EQ(listing->items[1].rule, (AclRule{"a/secret", Action::kAll, false}));
  ASSERT_TRUE(credentials_->RemoveRule(rule->id).ok());
  EXPECT_EQ(credentials_->RemoveRule(rule->id).code(), base::Code::kNotFound);
  EXPECT_TRUE(access_->Renew("panel", "c")->MaySubscribe("a/secret"));
  EXPECT_EQ(credentials_->AddRule("nobody", {"a"}).status().fields().at(0).field, "username");
  EXPECT_EQ(credentials_->AddRule("panel", {"a/#/b"}).status().fields().at(0).field, "topic");
}

TEST_F(MqttCredentialServiceTest, ADevicesOwnRulesGoWithIt) {
  ASSERT_TRUE(credentials_->Issue("D1").ok());
  ASSERT_TRUE(credentials_->AddRule("device_D1", {"devices/D1/commands", Action::kSubscribe}).ok());
  ASSERT_TRUE(Execute("DELETE FROM devices WHERE id = 'D1'").ok());
  EXPECT_EQ(credentials_->ListRules(std::nullopt, "-topic", {})->total, 0);
}

TEST_F(MqttCredentialServiceTest, ListsCredentials) {
  ASSERT_TRUE(credentials_->Issue("D1").ok());
  ASSERT_TRUE(credentials_->IssueClient("panel", {}).ok());
  auto listing = credentials_->List("", "-username", {});
  ASSERT_TRUE(listing.ok()) << listing.status().ToString();
  ASSERT_EQ(listing->total, 2);
  EXPECT_EQ(listing->items[0].username, "panel");
  EXPECT_EQ(listing->items[1].device_id, "D1");
  EXPECT_EQ(credentials_->List("pan", "", {})->total, 1);
}

TEST_F(MqttCredentialServiceTest, RemovesAndNamesClients) {
  for (const char* name : {"", "device_D1", "a/b", "+", "anonymous", "a b"}) {
    EXPECT_EQ(credentials_->IssueClient(name, {}).status().fields().at(0).field, "username")
        << name;
  }
  ASSERT_TRUE(credentials_->IssueClient("tool", {}).ok());
  EXPECT_TRUE(credentials_->Remove("tool").ok());
  EXPECT_EQ(credentials_->Remove("tool").code(), base::Code::kNotFound);
  EXPECT_EQ(access_->size(), 0U);
}

}  // namespace
}  // namespace energy::auth
