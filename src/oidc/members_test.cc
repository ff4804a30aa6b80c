#include "oidc/members.h"

#include <gtest/gtest.h>

#include "audit/audit_log.h"
#include "auth/user_service.h"
#include "cache/memory_cache.h"
#include "oidc/login.h"
#include "sql/test_database.h"

namespace energy::oidc {
namespace {

using auth::Role;

class MembersTest : public ::testing::Test {
 protected:
  void SetUp() override {
    ASSERT_TRUE(auth_.Load().ok());
    admin_ = Local("admin@example.org", Role::kAdmin);
  }
  auth::User Local(std::string_view email, Role role) {
    auto user = users_.Create(actor_, email, "Somebody", role, "correct horse battery");
    EXPECT_TRUE(user.ok()) << user.status().ToString();
    return *user;
  }
  static Person Eve() {
    return {"https://id.example.com", "eve-1", "eve@example.org", true, "Eve", Role::kEngineer};
  }
  std::string ReasonOf(const Person& person) {
    const auto user = members_.Admit(person);
    return user.ok() ? "" : Login::Reason(user.status());
  }
  std::vector<std::string> Actions() {
    std::vector<std::string> actions;
    const auto entries = log_.Next({}, 0, 500);
    EXPECT_TRUE(entries.ok());
    for (const audit::Entry& entry : *entries) actions.push_back(entry.action);
    return actions;
  }

  base::ManualClock clock_{base::Timestamp(std::chrono::seconds(1'800'000'000))};
  base::SeededRandom random_{7};
  sql::TestDatabase database_;
  cache::MemoryCache cache_{clock_};
  auth::AuthService auth_{*database_,        {cache_, cache_},     clock_,
                          random_,           std::string(32, 'k'), {.bcrypt_cost = 4},
                          base::NullLogger()};
  auth::UserService users_{*database_, clock_, random_, auth_, 4, base::NullLogger()};
  audit::AuditLog log_{*database_};
  Options options_{.role_claim = "groups"};
  Members members_{options_, *database_, auth_, clock_, random_, 4, base::NullLogger()};
  const auth::Actor actor_{"", "test", "127.0.0.1"};
  auth::User admin_;
};

TEST_F(MembersTest, WhoIsNewGetsAnAccountOnce) {
  const auto first = members_.Admit(Eve());
  ASSERT_TRUE(first.ok()) << first.status().ToString();
  EXPECT_EQ(first->email, "eve@example.org");
  EXPECT_EQ(first->full_name, "Eve");
  EXPECT_EQ(first->role, Role::kEngineer);
  const auto again = members_.Admit(Eve());
  ASSERT_TRUE(again.ok());
  EXPECT_EQ(again->id, first->id);
  EXPECT_EQ(Actions(), (std::vector<std::string>{"user.create", "user.create", "user.link"}))
      << "the admin, Eve, and nothing for the second login";
  // Known to Authenticate at once.
  const auto session = auth_.LoginVouched(*again, "127.0.0.1");
  EXPECT_TRUE(auth_.Authenticate(session->token).ok());
}

TEST_F(MembersTest, TheSubjectCountsNotTheEmail) {
  const auto eve = members_.Admit(Eve());
  Person renamed = Eve();
  renamed.email = "eve.married@example.org";
  EXPECT_EQ(members_.Admit(renamed)->id, eve->id);
  Person other = Eve();
  other.subject = "mallory";
  EXPECT_EQ(ReasonOf(other), "email_taken");
  other = Eve();
  other.issuer = "https://elsewhere.example";
  EXPECT_EQ(ReasonOf(other), "email_taken");
}

TEST_F(MembersTest, AnEmailOpensALocalAccountOnlyVerifiedAndConfigured) {
  Person person = Eve();
  person.email = admin_.email;
  person.role = Role::kAdmin;
  EXPECT_EQ(ReasonOf(person), "email_taken") << "not configured";
  options_.link_verified_email = true;
  for (const std::optional<bool>& verified : {std::optional<bool>(), std::optional<bool>(false)}) {
    person.email_verified = verified;
    EXPECT_EQ(ReasonOf(person), "email_taken") << "not verified";
  }
  person.email_verified = true;
  const auto linked = members_.Admit(person);
  ASSERT_TRUE(linked.ok()) << linked.status().ToString();
  EXPECT_EQ(linked->id, admin_.id);
  EXPECT_EQ(Actions().back(), "user.link");
  // From now on the subject suffices.
  options_.link_verified_email = false;
  EXPECT_EQ(members_.Admit(person)->id, admin_.id);
}

TEST_F(MembersTest, TheProviderDecidesTheRoleWhenRulesSaySo) {
  const auto eve = members_.Admit(Eve());
  Person promoted = Eve();
  promoted.role = Role::kAdmin;
  EXPECT_EQ(members_.Admit(promoted)->role, Role::kAdmin);
  EXPECT_EQ(Actions().back(), "user.update");
  Person outside = Eve();
  outside.role = std::nullopt;
  EXPECT_EQ(ReasonOf(outside), "refused");
  EXPECT_EQ(users_.Get(eve->id)->role, Role::kAdmin) << "a refusal changes nothing";
  options_.role_claim.clear();
  EXPECT_EQ(members_.Admit(Eve())->role, Role::kAdmin) << "without rules the account's own";
  EXPECT_EQ(members_.Admit(outside)->role, Role::kAdmin);
}

TEST_F(MembersTest, TheLastActiveAdminKeepsTheRole) {
  options_.link_verified_email = true;
  Person person = Eve();
  person.email = admin_.email;
  EXPECT_EQ(ReasonOf(person), "refused");
  EXPECT_EQ(users_.Get(admin_.id)->role, Role::kAdmin);
  person.role = Role::kAdmin;
  EXPECT_TRUE(members_.Admit(person).ok()) << "nothing of the refused login is left";
}

TEST_F(MembersTest, DeactivatedAccountsStayOutside) {
  const auto eve = members_.Admit(Eve());
  ASSERT_TRUE(users_.Update(actor_, eve->id, {.is_active = false}).ok());
  EXPECT_EQ(ReasonOf(Eve()), "refused");
}

TEST_F(MembersTest, NewAccountsCanBeSwitchedOff) {
  const auto eve = members_.Admit(Eve());
  options_.create_users = false;
  EXPECT_EQ(members_.Admit(Eve())->id, eve->id);
  Person other = Eve();
  other.subject = "tom";
  other.email = "tom@example.org";
  EXPECT_EQ(ReasonOf(other), "refused");
}

TEST_F(MembersTest, AnAccountNeedsAnEmailThatIsNotDenied) {
  Person person = Eve();
  person.email.clear();
  EXPECT_EQ(ReasonOf(person), "email_missing");
  person = Eve();
  person.email_verified = false;
  EXPECT_EQ(ReasonOf(person), "email_missing");
  person.email_verified = std::nullopt;
  person.email = "eve";
  EXPECT_EQ(ReasonOf(person), "email_missing") << "a name is none";
  person = Eve();
  person.email_verified = std::nullopt;
  EXPECT_EQ(ReasonOf(person), "") << "a provider that does not say";
}

TEST_F(MembersTest, NoPasswordOpensAnAccountOfTheProvider) {
  ASSERT_TRUE(members_.Admit(Eve()).ok());
  for (const char* password : {"", "eve@example.org", "correct horse battery"}) {
    EXPECT_FALSE(auth_.Login("eve@example.org", password, "127.0.0.1").ok());
  }
}

}  // namespace
}  // namespace energy::oidc
