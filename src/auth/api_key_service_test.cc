#include "auth/api_key_service.h"

#include <gtest/gtest.h>

#include "auth/user_service.h"
#include "cache/memory_cache.h"
#include "sql/test_database.h"

namespace energy::auth {
namespace {

constexpr auto kReads = static_cast<Scopes>(Scope::kReadTelemetry);

class ApiKeyServiceTest : public ::testing::Test {
 protected:
  void SetUp() override {
    ASSERT_TRUE(auth_.Load().ok());
    UserService users(*database_, clock_, random_, auth_, 4, base::NullLogger());
    const auto admin =
        users.Create({}, "admin@example.org", "Admin", Role::kAdmin, "correct horse");
    ASSERT_TRUE(admin.ok());
    actor_ = {admin->id, admin->email, "127.0.0.1"};
  }
  IssuedApiKey Make(std::string_view name, Scopes scopes = kReads,
                    std::optional<base::Timestamp> expires_at = std::nullopt) {
    auto issued = keys_.Create(actor_, name, scopes, expires_at);
    EXPECT_TRUE(issued.ok()) << issued.status().ToString();
    return *issued;
  }

  base::ManualClock clock_{base::Timestamp(std::chrono::seconds(1'800'000'000))};
  base::SeededRandom random_{7};
  sql::TestDatabase database_;
  cache::MemoryCache cache_{clock_};
  AuthService auth_{*database_,
                    {cache_, cache_},
                    clock_,
                    random_,
                    std::string(32, 'k'),
                    {.bcrypt_cost = 4, .credential_key = std::string(32, 'h')},
                    base::NullLogger()};
  ApiKeyService keys_{*database_, clock_, random_, auth_.accounts(), base::NullLogger()};
  Actor actor_;
};

TEST_F(ApiKeyServiceTest, OpensWhatItsScopesSay) {
  const IssuedApiKey issued = Make("grafana", Scope::kReadTelemetry | Scope::kManageDevices);
  EXPECT_TRUE(issued.secret.starts_with("ep_"));
  EXPECT_EQ(issued.secret.size(), 43U);
  const auto claims = auth_.Authenticate("Bearer " + issued.secret);
  ASSERT_TRUE(claims.ok()) << claims.status().ToString();
  EXPECT_TRUE(claims->is_api_key());
  EXPECT_EQ(claims->api_key_id, issued.key.id);
  EXPECT_EQ(claims->scopes, Scope::kReadTelemetry | Scope::kManageDevices);
  EXPECT_TRUE(claims->user_id.empty());
  for (std::string bad : {issued.secret + "x", issued.secret.substr(0, 42), std::string("ep_"),
                          "ep_" + std::string(10'000, 'x')}) {
    EXPECT_EQ(auth_.Authenticate(bad).status().code(), base::Code::kUnauthenticated);
  }
}

TEST_F(ApiKeyServiceTest, StoresNoSecret) {
  const IssuedApiKey issued = Make("grafana");
  const auto rows = database_->Read(
      [](sql::Connection& c) { return c.Query("SELECT secret_hash, hint FROM api_keys", {}, 2); });
  EXPECT_EQ(rows->at(0).Text(0).size(), 64U);
  EXPECT_EQ(rows->at(0).Text(0).find(issued.secret.substr(3)), std::string::npos);
  EXPECT_EQ(rows->at(0).Text(1), issued.secret.substr(0, 8));
}

TEST_F(ApiKeyServiceTest, ARevokedOneOpensNothing) {
  const IssuedApiKey issued = Make("grafana");
  const IssuedApiKey other = Make("other");
  ASSERT_TRUE(keys_.Revoke(actor_, issued.key.id).ok());
  EXPECT_FALSE(auth_.Authenticate(issued.secret).ok());
  EXPECT_TRUE(auth_.Authenticate(other.secret).ok());
  EXPECT_EQ(keys_.Revoke(actor_, issued.key.id).code(), base::Code::kNotFound);
  EXPECT_EQ(keys_.Revoke(actor_, "x").code(), base::Code::kNotFound);
}

TEST_F(ApiKeyServiceTest, ExpiresWhenItShould) {
  const IssuedApiKey issued = Make("month", kReads, clock_.Now() + std::chrono::hours(1));
  clock_.Advance(std::chrono::minutes(59));
  EXPECT_TRUE(auth_.Authenticate(issued.secret).ok());
  clock_.Advance(std::chrono::minutes(1));
  EXPECT_FALSE(auth_.Authenticate(issued.secret).ok());
}

TEST_F(ApiKeyServiceTest, NotesWhenItWasUsedInBatches) {
  const IssuedApiKey issued = Make("grafana");
  const auto last_used = [&] { return keys_.List("", "", {})->items.at(0).last_used; };
  ASSERT_TRUE(auth_.Authenticate(issued.secret).ok());
  const base::Timestamp used = clock_.Now();
  clock_.Advance(std::chrono::minutes(1));
  EXPECT_EQ(last_used(), std::nullopt);
  ASSERT_TRUE(auth_.accounts().Load().ok()) << "reading the keys again forgets no use";
  ASSERT_TRUE(auth_.accounts().SaveLastUsed().ok());
  EXPECT_EQ(last_used(), used);
}

TEST_F(ApiKeyServiceTest, RefusesWhatIsNoKey) {
  const auto fields = [&](std::string_view name, Scopes scopes,
                          std::optional<base::Timestamp> expires_at = std::nullopt) {
    const base::Status status = keys_.Create(actor_, name, scopes, expires_at).status();
    return status.fields().empty() ? "" : status.fields().at(0).field;
  };
  EXPECT_EQ(fields("", kReads), "name");
  EXPECT_EQ(fields(std::string(101, 'x'), kReads), "name");
  EXPECT_EQ(fields("x", 0), "scopes");
  EXPECT_EQ(fields("x", kReads, clock_.Now()), "expires_at");
  Make("x");
  EXPECT_EQ(keys_.Create(actor_, "x", kReads, std::nullopt).status().code(), base::Code::kConflict);
  EXPECT_EQ(keys_.List("X", "-created_at", {})->total, 1);
}

}  // namespace
}  // namespace energy::auth
