#include "auth/user_service.h"

#include <gtest/gtest.h>

#include "cache/memory_cache.h"
#include "sql/test_database.h"

namespace energy::auth {
namespace {

constexpr const char* kPassword = "correct horse battery";

class UserServiceTest : public ::testing::Test {
 protected:
  void SetUp() override {
    ASSERT_TRUE(auth_.Load().ok());
    admin_ = Make("admin@example.org", Role::kAdmin);
    eve_ = Make("eve@example.org", Role::kEngineer);
  }
  User Make(std::string_view email, Role role) {
    auto user = users_.Create(actor_, email, "Somebody", role, kPassword);
    EXPECT_TRUE(user.ok()) << user.status().ToString();
    return *user;
  }
  Session Login(const User& user, std::string_view password = kPassword) {
    auto session = auth_.Login(user.email, password, "127.0.0.1");
    EXPECT_TRUE(session.ok()) << session.status().ToString();
    return session.ok() ? *session : Session();
  }
  std::optional<Role> RoleOf(const Session& session) {
    const auto claims = auth_.Authenticate(session.token);
    return claims.ok() ? std::optional(claims->role) : std::nullopt;
  }
  base::Status Update(const User& user, const UserPatch& patch) {
    return users_.Update(actor_, user.id, patch).status();
  }

  base::ManualClock clock_{base::Timestamp(std::chrono::seconds(1'800'000'000))};
  base::SeededRandom random_{7};
  sql::TestDatabase database_;
  cache::MemoryCache cache_{clock_};
  AuthService auth_{*database_,         {cache_, cache_},  clock_, random_, std::string(32, 'k'),
                    {.bcrypt_cost = 4}, base::NullLogger()};
  UserService users_{*database_, clock_, random_, auth_, 4, base::NullLogger()};
  const Actor actor_{"", "test", "127.0.0.1"};
  User admin_;
  User eve_;
};

TEST_F(UserServiceTest, AChangedRoleHoldsForTokensInUse) {
  const Session session = Login(eve_);
  EXPECT_EQ(RoleOf(session), Role::kEngineer);
  ASSERT_TRUE(Update(eve_, {.role = Role::kViewer}).ok());
  EXPECT_EQ(RoleOf(session), Role::kViewer);
}

TEST_F(UserServiceTest, ADeactivationEndsTokensInUseAndSessions) {
  const Session session = Login(eve_);
  ASSERT_TRUE(Update(eve_, {.is_active = false}).ok());
  EXPECT_EQ(RoleOf(session), std::nullopt);
  EXPECT_FALSE(auth_.Refresh(session.refresh_token).ok());
  EXPECT_FALSE(auth_.Login(eve_.email, kPassword, "x").ok());
  ASSERT_TRUE(Update(eve_, {.is_active = true}).ok());
  EXPECT_EQ(RoleOf(session), std::nullopt) << "the old session came back";
  EXPECT_EQ(RoleOf(Login(eve_)), Role::kEngineer);
}

TEST_F(UserServiceTest, WhatAnotherProcessChangedCountsAfterTheNextReading) {
  const Session session = Login(eve_);
  ASSERT_TRUE(database_
                  ->Transaction([](sql::Connection& c) {
                    return c.Execute("UPDATE users SET role = 'viewer'").status();
                  })
                  .ok());
  ASSERT_TRUE(auth_.accounts().Load().ok());
  EXPECT_EQ(RoleOf(session), Role::kViewer);
}

TEST_F(UserServiceTest, AnAccountThatIsGoneOpensNothing) {
  const Session session = Login(eve_);
  ASSERT_TRUE(database_
                  ->Transaction([](sql::Connection& c) {
                    return c.Execute("DELETE FROM users WHERE role = 'engineer'").status();
                  })
                  .ok());
  ASSERT_TRUE(auth_.accounts().Load().ok());
  // Within a moment it could be one that another process made and this one has not read.
  clock_.Advance(std::chrono::seconds(6));
  EXPECT_EQ(RoleOf(session), std::nullopt);
}

TEST_F(UserServiceTest, TheLastActiveAdminStays) {
  EXPECT_EQ(Update(admin_, {.role = Role::kViewer}).code(), base::Code::kConflict);
  EXPECT_EQ(Update(admin_, {.is_active = false}).code(), base::Code::kConflict);
  const User second = Make("second@example.org", Role::kAdmin);
  ASSERT_TRUE(Update(second, {.is_active = false}).ok());
  EXPECT_EQ(Update(admin_, {.role = Role::kViewer}).code(), base::Code::kConflict)
      << "an admin who is not active does not count";
  ASSERT_TRUE(Update(second, {.is_active = true}).ok());
  EXPECT_TRUE(Update(admin_, {.role = Role::kViewer}).ok());
}

TEST_F(UserServiceTest, ChangesAreComparedByVersion) {
  ASSERT_TRUE(Update(eve_, {.full_name = "Eve", .version = 1}).ok());
  const base::Status stale = Update(eve_, {.full_name = "Eva", .version = 1});
  EXPECT_EQ(stale.code(), base::Code::kConflict);
  EXPECT_EQ(stale.fields().at(0).field, "version");
  EXPECT_EQ(users_.Get(eve_.id)->full_name, "Eve");
  EXPECT_EQ(users_.Get(eve_.id)->version, 2);
  EXPECT_EQ(Update(eve_, {.full_name = ""}).code(), base::Code::kInvalidArgument);
  EXPECT_EQ(users_.Update(actor_, "nobody", {}).status().code(), base::Code::kNotFound);
}

TEST_F(UserServiceTest, AChangedPasswordEndsTheOtherSessions) {
  const Session here = Login(eve_);
  const Session elsewhere = Login(eve_);
  const Session of_admin = Login(admin_);
  const auto claims = auth_.Authenticate(here.token);
  const Actor eve{eve_.id, eve_.email, "127.0.0.1"};
  const auto change = [&](std::string_view present, std::string_view next) {
    return users_.ChangePassword(eve, claims->session_id, present, next);
  };
  EXPECT_EQ(change("wrong", "another horse").fields().at(0).field, "current_password");
  EXPECT_EQ(change(kPassword, "password1").fields().at(0).field, "new_password");
  EXPECT_TRUE(RoleOf(elsewhere));
  ASSERT_TRUE(change(kPassword, "another horse").ok());
  EXPECT_TRUE(RoleOf(here));
  EXPECT_TRUE(RoleOf(of_admin));
  EXPECT_FALSE(RoleOf(elsewhere));
  EXPECT_FALSE(auth_.Refresh(elsewhere.refresh_token).ok());
  EXPECT_TRUE(auth_.Refresh(here.refresh_token).ok());
  EXPECT_FALSE(auth_.Login(eve_.email, kPassword, "x").ok());
  Login(eve_, "another horse");
}

TEST_F(UserServiceTest, GuessingThePresentPasswordIsLimitedAsLoginsAre) {
  const Actor eve{eve_.id, eve_.email, "127.0.0.1"};
  for (int i = 0; i < 5; ++i) {
    EXPECT_EQ(users_.ChangePassword(eve, "", "wrong", "another horse").code(),
              base::Code::kInvalidArgument);
  }
  EXPECT_EQ(users_.ChangePassword(eve, "", kPassword, "another horse").code(),
            base::Code::kRateLimited);
}

TEST_F(UserServiceTest, AResetPasswordEndsAllSessions) {
  const Session session = Login(eve_);
  EXPECT_EQ(users_.ResetPassword(actor_, eve_.id, "short").fields().at(0).field, "password");
  ASSERT_TRUE(users_.ResetPassword(actor_, eve_.id, "another horse").ok());
  EXPECT_FALSE(RoleOf(session));
  Login(eve_, "another horse");
}

TEST_F(UserServiceTest, ListsWhatIsAskedFor) {
  Make("zoe@example.org", Role::kViewer);
  const auto emails = [&](const UserFilter& filter) {
    std::string all;
    const auto listing = users_.List(filter, {});
    EXPECT_TRUE(listing.ok()) << listing.status().ToString();
    for (const User& user : listing->items) all += user.email.substr(0, 3) + " ";
    return all;
  };
  EXPECT_EQ(emails({}), "adm eve zoe ");
  EXPECT_EQ(emails({.sort = "-email"}), "zoe eve adm ");
  EXPECT_EQ(emails({.role = Role::kViewer}), "zoe ");
  EXPECT_EQ(emails({.search = "EVE@"}), "eve ");
  ASSERT_TRUE(Update(eve_, {.is_active = false}).ok());
  EXPECT_EQ(emails({.is_active = false}), "eve ");
  EXPECT_EQ(users_.List({.sort = "password_hash"}, {}).status().code(),
            base::Code::kInvalidArgument);
}

TEST(NewPassword, IsHeldAgainstLengthAndWhatIsTriedFirst) {
  const auto why = [](std::string_view password) {
    const base::Status status = CheckNewPassword(password, "eve.example@example.org", "p");
    return status.ok() ? "" : status.fields().at(0).message;
  };
  EXPECT_EQ(why("only lower case letters"), "");
  EXPECT_EQ(why("secret word"), "");
  EXPECT_EQ(why("1234567"), "must have 8 to 72 bytes");
  EXPECT_EQ(why(std::string(73, 'x')), "must have 8 to 72 bytes");
  for (const char* common : {"password", "PassWord", "12345678", "qwertyuiop", "iloveyou"}) {
    EXPECT_EQ(why(common), "is among the first that are tried: choose another") << common;
  }
  EXPECT_EQ(why("Eve.Example"), "must not be the email: choose another");
  EXPECT_EQ(why(std::string("12345678\0", 9)), "must not contain NUL");
}

}  // namespace
}  // namespace energy::auth
