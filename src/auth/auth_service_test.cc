#include "auth/auth_service.h"

#include <gtest/gtest.h>

#include <memory>

#include "auth/user_service.h"
#include "cache/memory_cache.h"
#include "sql/test_database.h"

namespace energy::auth {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

class AuthServiceTest : public ::testing::Test {
 protected:
  void SetUp() override {
    Restart();
    const auto user =
        users_->Create({}, " Eve@Example.org ", "Eve", Role::kEngineer, "secret word");
    ASSERT_TRUE(user.ok()) << user.status().ToString();
    user_ = *user;
  }
  void Restart() {
    auth_ = std::make_unique<AuthService>(*database_, AuthCaches{cache_, cache_}, clock_, random_,
                                          "0123456789abcdef0123456789abcdef",
                                          AuthOptions{.bcrypt_cost = 4}, base::NullLogger());
    ASSERT_TRUE(auth_->Load().ok());
    users_ =
        std::make_unique<UserService>(*database_, clock_, random_, *auth_, 4, base::NullLogger());
  }
  base::Result<Session> Login(std::string_view password = "secret word") {
    return auth_->Login("eve@example.org", password, "127.0.0.1");
  }
  base::Status Execute(std::string_view sql) {
    return database_->Transaction([&](sql::Connection& c) { return c.Execute(sql).status(); });
  }

  base::ManualClock clock_{base::Timestamp(seconds(1'800'000'000))};
  base::SeededRandom random_{7};
  cache::MemoryCache cache_{clock_};
  sql::TestDatabase database_;
  std::unique_ptr<AuthService> auth_;
  std::unique_ptr<UserService> users_;
  User user_;
};

TEST_F(AuthServiceTest, LogsInWithoutRegardToCase) {
  const auto session = auth_->Login("EVE@example.ORG", "secret word", "127.0.0.1");
  ASSERT_TRUE(session.ok()) << session.status().ToString();
  EXPECT_EQ(session->expires_in, hours(1));
  EXPECT_EQ(session->user.email, "eve@example.org");
  EXPECT_EQ(session->user.last_login, clock_.Now());
  const auto claims = auth_->Authenticate("Bearer " + session->token);
  ASSERT_TRUE(claims.ok());
  EXPECT_EQ(claims->user_id, user_.id);
  EXPECT_EQ(claims->role, Role::kEngineer);
  EXPECT_EQ(auth_->GetUser(user_.id)->last_login, clock_.Now());
}

TEST_F(AuthServiceTest, TellsNothingAboutWhichPartIsWrong) {
  const base::Status wrong = Login("wrong word").status();
  const base::Status unknown = auth_->Login("nobody@example.org", "secret word", "x").status();
  const base::Status odd = auth_->Login(std::string("\0\xff", 2), "secret word", "x").status();
  const base::Status huge = auth_->Login(std::string(10'000, 'x'), "y", "x").status();
  ASSERT_TRUE(Execute("UPDATE users SET is_active = false").ok());
  const base::Status inactive = Login().status();
  EXPECT_EQ(wrong.code(), base::Code::kUnauthenticated);
  for (const base::Status& other : {unknown, odd, huge, inactive}) {
    EXPECT_EQ(other.ToString(), wrong.ToString());
  }
}

TEST_F(AuthServiceTest, LocksTheAccountAfterRepeatedFailures) {
  for (int i = 0; i < 5; ++i) EXPECT_FALSE(Login("wrong word").ok());
  const base::Status locked = Login().status();
  EXPECT_EQ(locked.code(), base::Code::kRateLimited);
  EXPECT_EQ(locked.fields().at(0), (base::FieldError{"retry_after_s", "30"}));
  clock_.Advance(seconds(30));
  EXPECT_TRUE(Login().ok());
}

TEST_F(AuthServiceTest, AccessTokensExpire) {
  const auto session = Login();
  clock_.Advance(hours(1));
  EXPECT_EQ(auth_->Authenticate(session->token).status().code(), base::Code::kUnauthenticated);
  EXPECT_TRUE(auth_->Refresh(session->refresh_token).ok());
}

TEST_F(AuthServiceTest, RefreshRotates) {
  const auto session = Login();
  clock_.Advance(minutes(50));
  const auto second = auth_->Refresh(session->refresh_token);
  ASSERT_TRUE(second.ok()) << second.status().ToString();
  EXPECT_NE(second->refresh_token, session->refresh_token);
  EXPECT_EQ(second->user.id, user_.id);
  clock_.Advance(minutes(50));
  EXPECT_TRUE(auth_->Authenticate(second->token).ok());
  EXPECT_TRUE(auth_->Refresh(second->refresh_token).ok());
}

TEST_F(AuthServiceTest, ReuseOfARotatedTokenEndsTheSession) {
  const auto stolen = Login();
  const auto other = Login();
  const auto second = auth_->Refresh(stolen->refresh_token);
  ASSERT_TRUE(second.ok());
  EXPECT_EQ(auth_->Refresh(stolen->refresh_token).status().code(), base::Code::kUnauthenticated);
  EXPECT_FALSE(auth_->Refresh(second->refresh_token).ok());
  EXPECT_FALSE(auth_->Authenticate(second->token).ok());
  EXPECT_FALSE(auth_->Authenticate(stolen->token).ok());
  EXPECT_TRUE(auth_->Authenticate(other->token).ok());  // another session of the same user
  EXPECT_TRUE(auth_->Refresh(other->refresh_token).ok());
}

TEST_F(AuthServiceTest, RefreshTokensExpire) {
  const auto session = Login();
  clock_.Advance(hours(7 * 24) + seconds(1));
  EXPECT_FALSE(auth_->Refresh(session->refresh_token).ok());
  EXPECT_FALSE(auth_->Refresh("").ok());
  EXPECT_FALSE(auth_->Refresh(std::string(43, 'A')).ok());
}

TEST_F(AuthServiceTest, ExpiredRefreshTokensLeaveTheDatabase) {
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(Login().ok());
  clock_.Advance(hours(7 * 24) + seconds(1));
  ASSERT_TRUE(Login().ok());
  const auto rows = database_->Read(
      [](sql::Connection& c) { return c.Query("SELECT COUNT(*) FROM refresh_tokens", {}, 1); });
  EXPECT_EQ(rows->at(0).Int(0), 1);
}

TEST_F(AuthServiceTest, ADeactivatedUserCannotRefresh) {
  const auto session = Login();
  ASSERT_TRUE(Execute("UPDATE users SET is_active = false").ok());
  EXPECT_FALSE(auth_->Refresh(session->refresh_token).ok());
  EXPECT_FALSE(auth_->Authenticate(session->token).ok());
}

TEST_F(AuthServiceTest, LogoutEndsTheSessionAlsoAfterARestart) {
  const auto session = Login();
  const auto claims = auth_->Authenticate(session->token);
  ASSERT_TRUE(auth_->Logout(*claims).ok());
  EXPECT_FALSE(auth_->Authenticate(session->token).ok());
  EXPECT_FALSE(auth_->Refresh(session->refresh_token).ok());
  clock_.Advance(minutes(59));
  Restart();
  EXPECT_FALSE(auth_->Authenticate(session->token).ok());
}

TEST_F(AuthServiceTest, StoresNoTokenAndNoPassword) {
  const auto session = Login();
  const auto rows = database_->Read([](sql::Connection& c) {
    return c.Query("SELECT token_hash, password_hash FROM refresh_tokens, users", {}, 2);
  });
  EXPECT_EQ(rows->at(0).Text(0).size(), 64U);
  EXPECT_EQ(rows->at(0).Text(0).find(session->refresh_token), std::string::npos);
  EXPECT_TRUE(rows->at(0).Text(1).starts_with("$2b$"));
}

TEST_F(AuthServiceTest, RefusesBadAndKnownAccounts) {
  const auto create = [&](const char* email, const char* name, const char* password) {
    return users_->Create({}, email, name, Role::kViewer, password).status();
  };
  EXPECT_EQ(create("EVE@example.org", "Eve", "secret word").code(), base::Code::kConflict);
  for (const char* email : {"", "eve", "@x", "eve@", "a b@c", "a@b@c", "a\n@b"}) {
    EXPECT_EQ(create(email, "Eve", "secret word").fields().at(0).field, "email") << email;
  }
  EXPECT_EQ(create("a@b", "", "secret word").fields().at(0).field, "full_name");
  EXPECT_EQ(create("a@b", "A", "short").fields().at(0).field, "password");
  EXPECT_EQ(auth_->GetUser("nobody").status().code(), base::Code::kNotFound);
}

TEST(FirstAdmin, IsMadeOnce) {
  sql::TestDatabase database;
  base::ManualClock clock{base::Timestamp(seconds(1'800'000'000))};
  base::SeededRandom random{7};
  cache::MemoryCache cache(clock);
  AuthService auth(*database, {cache, cache}, clock, random, "0123456789abcdef0123456789abcdef",
                   AuthOptions{.bcrypt_cost = 4}, base::NullLogger());
  EXPECT_EQ(auth.EnsureFirstAdmin("boss@x", "short").status().fields().at(0).field, "password");
  const auto admin = auth.EnsureFirstAdmin(std::nullopt, std::nullopt);
  ASSERT_TRUE(admin.ok()) << admin.status().ToString();
  EXPECT_TRUE(admin->created);
  EXPECT_EQ(admin->email, "admin@localhost");
  ASSERT_EQ(admin->generated_password->size(), 16U);
  const auto session = auth.Login(admin->email, *admin->generated_password, "127.0.0.1");
  ASSERT_TRUE(session.ok());
  EXPECT_EQ(session->user.role, Role::kAdmin);
  const auto again = auth.EnsureFirstAdmin("other@x", "secret word");
  ASSERT_TRUE(again.ok());
  EXPECT_FALSE(again->created);
  EXPECT_FALSE(auth.Login("other@x", "secret word", "127.0.0.1").ok());
}

TEST(FirstAdmin, TakesWhatIsConfigured) {
  sql::TestDatabase database;
  base::ManualClock clock{base::Timestamp(seconds(1'800'000'000))};
  base::SeededRandom random{7};
  cache::MemoryCache cache(clock);
  AuthService auth(*database, {cache, cache}, clock, random, "0123456789abcdef0123456789abcdef",
                   AuthOptions{.bcrypt_cost = 4}, base::NullLogger());
  const auto admin = auth.EnsureFirstAdmin("Boss@Plant.example", "secret word");
  ASSERT_TRUE(admin.ok());
  EXPECT_EQ(admin->generated_password, std::nullopt);
  EXPECT_TRUE(auth.Login("boss@plant.example", "secret word", "127.0.0.1").ok());
}

}  // namespace
}  // namespace energy::auth
