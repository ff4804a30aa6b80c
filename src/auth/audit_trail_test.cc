#include <gtest/gtest.h>

#include <map>

#include "audit/audit.h"
#include "audit/audit_log.h"
#include "auth/auth_service.h"
#include "auth/second_factor_service.h"
#include "auth/totp.h"
#include "auth/user_service.h"
#include "cache/memory_cache.h"
#include "sql/test_database.h"

/// What the audit log says of logins and accounts.
namespace energy::auth {
namespace {

constexpr const char* kPassword = "correct horse battery";
constexpr const char* kAddress = "192.0.2.7";

class AuditTrail : public ::testing::Test {
 protected:
  void SetUp() override {
    ASSERT_TRUE(auth_.Load().ok());
    const auto user = users_.Create({}, "eve@example.org", "Eve", Role::kEngineer, kPassword);
    ASSERT_TRUE(user.ok());
    eve_ = {user->id, user->email, kAddress};
  }
  base::Result<Session> Login(std::string_view password = kPassword,
                              std::string_view address = kAddress) {
    return auth_.Login(eve_.name, password, address);
  }
  // Without the entry of the account itself, the oldest first.
  std::vector<audit::Entry> Entries() {
    const auto entries = log_.Next({}, 1, 500);
    EXPECT_TRUE(entries.ok()) << entries.status().ToString();
    return entries.ok() ? *entries : std::vector<audit::Entry>();
  }
  std::vector<std::string> Actions() {
    std::vector<std::string> actions;
    for (const audit::Entry& entry : Entries()) actions.push_back(entry.action);
    return actions;
  }

  base::ManualClock clock_{base::Timestamp(std::chrono::seconds(1'800'000'000))};
  base::SeededRandom random_{7};
  sql::TestDatabase database_;
  cache::MemoryCache cache_{clock_};
  AuthService auth_{*database_,         {cache_, cache_},  clock_, random_, std::string(32, 'k'),
                    {.bcrypt_cost = 4}, base::NullLogger()};
  UserService users_{*database_, clock_, random_, auth_, 4, base::NullLogger()};
  SecondFactorService second_factors_{*database_, clock_, auth_, base::NullLogger()};
  audit::AuditLog log_{*database_};
  Actor eve_;
};

TEST_F(AuditTrail, SaysWhoLoggedInFromWhereAndWhenItEnded) {
  const audit::Acting request({"", "anonymous", "10.1.1.1", "request-1"});
  const auto session = Login();
  ASSERT_TRUE(session.ok());
  ASSERT_TRUE(auth_.Logout(*auth_.Authenticate(session->token)).ok());
  const std::vector<audit::Entry> entries = Entries();
  ASSERT_EQ(Actions(), (std::vector<std::string>{"auth.login", "auth.logout"}));
  EXPECT_EQ(entries[0].actor, "eve@example.org");
  EXPECT_EQ(entries[0].actor_id, eve_.user_id);
  EXPECT_EQ(entries[0].address, kAddress);
  EXPECT_EQ(entries[0].request_id, "request-1");
  EXPECT_EQ(entries[0].resource_type, "session");
  EXPECT_EQ(entries[0].resource_id, entries[1].resource_id);
}

TEST_F(AuditTrail, ARefreshTokenUsedTwiceIsThereOnce) {
  const auto session = Login();
  ASSERT_TRUE(auth_.Refresh(session->refresh_token).ok());
  const audit::Acting thief({"", "anonymous", "203.0.113.9", "request-2"});
  EXPECT_FALSE(auth_.Refresh(session->refresh_token).ok());
  EXPECT_FALSE(auth_.Refresh(session->refresh_token).ok());
  ASSERT_EQ(Actions(), (std::vector<std::string>{"auth.login", "auth.refresh_reuse"}));
  EXPECT_EQ(Entries()[1].actor, "eve@example.org");
  EXPECT_EQ(Entries()[1].address, "203.0.113.9");
}

TEST_F(AuditTrail, FailuresAreCountedByAccountAndAddress) {
  for (int i = 0; i < 5; ++i) EXPECT_FALSE(Login("hunter2-wrong").ok());
  clock_.Advance(std::chrono::seconds(1));
  EXPECT_EQ(Login().status().code(), base::Code::kRateLimited);
  EXPECT_FALSE(auth_.Login("hunter2@example.org", "hunter2-wrong", "2001:db8::1").ok());
  EXPECT_TRUE(Entries().empty()) << "they wait for the minute";
  ASSERT_TRUE(auth_.failed_logins().Flush().ok());
  ASSERT_TRUE(auth_.failed_logins().Flush().ok());
  std::map<std::string, audit::Entry> of;
  std::string all;
  for (const audit::Entry& entry : Entries()) {
    EXPECT_EQ(entry.action, "auth.login_failed");
    EXPECT_EQ(entry.actor, "anonymous");
    of[entry.resource_id + " " + entry.address] = entry;
    all += entry.after + entry.before + entry.resource_id;
  }
  ASSERT_EQ(of.size(), 3U);
  const base::Json eve = base::Json::parse(of[eve_.user_id + " " + kAddress].after);
  EXPECT_EQ(eve.at("wrong"), 5);
  EXPECT_EQ(eve.at("first"), "2027-01-15T08:00:00Z");
  EXPECT_EQ(base::Json::parse(of["unknown 192.0.2.7"].after).at("while_locked"), 1);
  EXPECT_EQ(base::Json::parse(of["unknown 2001:db8::/64"].after).at("wrong"), 1);
  EXPECT_EQ(all.find("hunter2"), std::string::npos) << all;
}

TEST_F(AuditTrail, AStormAddsFewEntries) {
  FailedLogins& failed = auth_.failed_logins();
  for (int i = 0; i < 10'000; ++i) {
    failed.Add("", "10.0." + std::to_string(i / 256) + "." + std::to_string(i % 256),
               FailedLogins::Why::kPassword);
  }
  ASSERT_TRUE(failed.Flush().ok());
  const std::vector<audit::Entry> entries = Entries();
  ASSERT_EQ(entries.size(), FailedLogins::kMaxSubjects + 1);
  int64_t counted = 0;
  for (const audit::Entry& entry : entries) {
    counted += base::Json::parse(entry.after).at("wrong").get<int64_t>();
  }
  EXPECT_EQ(counted, 10'000);
  EXPECT_FALSE(log_.Verify()->broken);
}

TEST_F(AuditTrail, StopWritesWhatWaits) {
  ASSERT_TRUE(auth_.failed_logins().Start().ok());
  EXPECT_FALSE(Login("wrong").ok());
  auth_.failed_logins().Stop();
  EXPECT_EQ(Actions(), (std::vector<std::string>{"auth.login_failed"}));
}

TEST_F(AuditTrail, PasswordsAndSecondFactorsWithoutTheirSecrets) {
  const auto begun = second_factors_.Begin(eve_, kPassword);
  ASSERT_TRUE(begun.ok());
  EXPECT_FALSE(second_factors_.Confirm(eve_, "000000").ok());
  // The secret as the authenticator has it.
  std::string secret;
  uint32_t buffer = 0;
  unsigned bits = 0;
  for (const char c : begun->secret) {
    buffer = buffer << 5 | static_cast<uint32_t>(c >= 'A' ? c - 'A' : c - '2' + 26);
    if ((bits += 5) < 8) continue;
    bits -= 8;
    secret += static_cast<char>(buffer >> bits);
  }
  const auto codes = second_factors_.Confirm(eve_, TotpCode(secret, TotpStep(clock_.Now())));
  ASSERT_TRUE(codes.ok()) << codes.status().ToString();
  const auto challenge = Login();
  ASSERT_FALSE(challenge->challenge.empty());
  EXPECT_FALSE(auth_.FinishLogin(challenge->challenge, "wrong", kAddress).ok());
  ASSERT_TRUE(auth_.FinishLogin(challenge->challenge, codes->front(), kAddress).ok());
  ASSERT_TRUE(second_factors_.Disable(eve_, kPassword).ok());
  EXPECT_FALSE(second_factors_.Reset(eve_, eve_.user_id).ok()) << "there is none any more";
  ASSERT_TRUE(users_.ChangePassword(eve_, "", kPassword, "another battery horse").ok());
  ASSERT_TRUE(users_.ResetPassword(eve_, eve_.user_id, "a third battery horse").ok());
  ASSERT_TRUE(auth_.failed_logins().Flush().ok());
  EXPECT_EQ(Actions(),
            (std::vector<std::string>{"second_factor.begin", "second_factor.enable", "auth.login",
                                      "second_factor.disable", "user.password_change",
                                      "user.password_reset", "auth.login_failed"}));
  EXPECT_NE(Entries()[2].after.find("recovery code"), std::string::npos) << Entries()[2].after;
  EXPECT_NE(Entries()[6].after.find("\"wrong_second_factor\":1"), std::string::npos);
  for (const audit::Entry& entry : Entries()) {
    const std::string text = entry.before + entry.after + entry.resource_id;
    for (const std::string& hidden : {std::string("battery"), begun->secret, codes->front()}) {
      EXPECT_EQ(text.find(hidden), std::string::npos) << text;
    }
  }
}

}  // namespace
}  // namespace energy::auth
