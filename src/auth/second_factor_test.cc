#include <gtest/gtest.h>

#include "auth/second_factor_service.h"
#include "auth/totp.h"
#include "auth/user_service.h"
#include "cache/memory_cache.h"
#include "sql/test_database.h"

namespace energy::auth {
namespace {

constexpr const char* kPassword = "correct horse battery";

std::string DecodeBase32(std::string_view text) {
  std::string bytes;
  uint32_t buffer = 0;
  unsigned bits = 0;
  for (const char c : text) {
    buffer = buffer << 5 | static_cast<uint32_t>(c >= 'A' ? c - 'A' : c - '2' + 26);
    if ((bits += 5) < 8) continue;
    bits -= 8;
    bytes += static_cast<char>(buffer >> bits);
  }
  return bytes;
}

class SecondFactorTest : public ::testing::Test {
 protected:
  void SetUp() override {
    ASSERT_TRUE(auth_.Load().ok());
    UserService users(*database_, clock_, random_, auth_, 4, base::NullLogger());
    const auto user = users.Create({}, "eve@example.org", "Eve", Role::kViewer, kPassword);
    ASSERT_TRUE(user.ok());
    eve_ = {user->id, user->email, "127.0.0.1"};
  }
  // The recovery codes.
  std::vector<std::string> TurnOn() {
    const auto begun = service_.Begin(eve_, kPassword);
    EXPECT_TRUE(begun.ok()) << begun.status().ToString();
    secret_ = DecodeBase32(begun->secret);
    const auto codes = service_.Confirm(eve_, Code());
    EXPECT_TRUE(codes.ok()) << codes.status().ToString();
    clock_.Advance(std::chrono::seconds(30));
    return *codes;
  }
  std::string Code() { return TotpCode(secret_, TotpStep(clock_.Now())); }
  std::string Challenge() {
    const auto session = auth_.Login(eve_.name, kPassword, "127.0.0.1");
    EXPECT_TRUE(session.ok()) << session.status().ToString();
    EXPECT_TRUE(session->token.empty());
    return session->challenge;
  }
  base::Status Finish(const std::string& challenge, std::string_view code) {
    return auth_.FinishLogin(challenge, code, "127.0.0.1").status();
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
  SecondFactorService service_{*database_, clock_, auth_, base::NullLogger()};
  Actor eve_;
  std::string secret_;
};

TEST_F(SecondFactorTest, ALoginTakesTwoSteps) {
  TurnOn();
  const std::string challenge = Challenge();
  ASSERT_FALSE(challenge.empty());
  EXPECT_FALSE(auth_.Authenticate(challenge).ok()) << "half a login opens nothing";
  const auto session = auth_.FinishLogin(challenge, Code(), "127.0.0.1");
  ASSERT_TRUE(session.ok()) << session.status().ToString();
  EXPECT_TRUE(auth_.Authenticate(session->token).ok());
  EXPECT_EQ(session->user.email, eve_.name);
  EXPECT_TRUE(session->user.second_factor);
  EXPECT_TRUE(auth_.Refresh(session->refresh_token).ok()) << "a renewal asks for no code";
}

TEST_F(SecondFactorTest, NoCodeIsGoodTwice) {
  TurnOn();
  const std::string code = Code();
  EXPECT_TRUE(Finish(Challenge(), code).ok());
  EXPECT_EQ(Finish(Challenge(), code).code(), base::Code::kUnauthenticated);
  clock_.Advance(std::chrono::seconds(30));
  EXPECT_EQ(Finish(Challenge(), code).code(), base::Code::kUnauthenticated);
  EXPECT_TRUE(Finish(Challenge(), Code()).ok());
}

TEST_F(SecondFactorTest, TheCodeOfTheEnrolmentIsNoCodeOfALogin) {
  const auto begun = service_.Begin(eve_, kPassword);
  secret_ = DecodeBase32(begun->secret);
  const std::string code = Code();
  ASSERT_TRUE(service_.Confirm(eve_, code).ok());
  EXPECT_FALSE(Finish(Challenge(), code).ok());
}

TEST_F(SecondFactorTest, EachRecoveryCodeIsGoodOnce) {
  const auto codes = TurnOn();
  ASSERT_EQ(codes.size(), 10U);
  EXPECT_EQ(service_.Get(eve_.user_id)->recovery_codes_left, 10);
  EXPECT_TRUE(Finish(Challenge(), codes[3]).ok());
  EXPECT_FALSE(Finish(Challenge(), codes[3]).ok());
  EXPECT_TRUE(Finish(Challenge(), " " + codes[4].substr(0, 5) + "-" + codes[4].substr(5)).ok());
  EXPECT_EQ(service_.Get(eve_.user_id)->recovery_codes_left, 8);
}

TEST_F(SecondFactorTest, GuessingIsLimitedAlsoForWhoKnowsThePassword) {
  TurnOn();
  for (int i = 0; i < 5; ++i) {
    EXPECT_EQ(Finish(Challenge(), "000000").code(), base::Code::kUnauthenticated);
  }
  EXPECT_EQ(auth_.Login(eve_.name, kPassword, "x").status().code(), base::Code::kRateLimited);
}

TEST_F(SecondFactorTest, AChallengeIsShortLivedAndOfThisPlatform) {
  TurnOn();
  const std::string challenge = Challenge();
  EXPECT_FALSE(Finish(challenge + "x", Code()).ok());
  EXPECT_FALSE(Finish("", Code()).ok());
  clock_.Advance(std::chrono::minutes(5));
  EXPECT_FALSE(Finish(challenge, Code()).ok());
}

TEST_F(SecondFactorTest, CountsOnceACodeWasSeen) {
  EXPECT_EQ(service_.Confirm(eve_, "000000").status().code(), base::Code::kConflict);
  EXPECT_EQ(service_.Begin(eve_, "wrong").status().fields().at(0).field, "password");
  ASSERT_TRUE(service_.Begin(eve_, kPassword).ok());
  EXPECT_EQ(service_.Confirm(eve_, "000000").status().fields().at(0).field, "code");
  EXPECT_FALSE(service_.Get(eve_.user_id)->enabled);
  EXPECT_FALSE(auth_.Login(eve_.name, kPassword, "x")->token.empty()) << "not asked for yet";
  TurnOn();
  EXPECT_TRUE(service_.Get(eve_.user_id)->enabled);
  EXPECT_EQ(service_.Begin(eve_, kPassword).status().code(), base::Code::kConflict);
}

TEST_F(SecondFactorTest, IsTurnedOffByItsUserAndByAnAdmin) {
  TurnOn();
  EXPECT_EQ(service_.Disable(eve_, "wrong").fields().at(0).field, "password");
  ASSERT_TRUE(service_.Disable(eve_, kPassword).ok());
  EXPECT_FALSE(auth_.Login(eve_.name, kPassword, "x")->token.empty());
  EXPECT_EQ(service_.Disable(eve_, kPassword).code(), base::Code::kNotFound);
  TurnOn();
  ASSERT_TRUE(service_.Reset({"", "admin", ""}, eve_.user_id).ok());
  EXPECT_FALSE(auth_.Login(eve_.name, kPassword, "x")->token.empty());
  EXPECT_EQ(service_.Reset({}, "nobody").code(), base::Code::kNotFound);
}

TEST_F(SecondFactorTest, StoresNoSecretThatCanBeRead) {
  const auto codes = TurnOn();
  const auto rows = database_->Read([](sql::Connection& c) {
    return c.Query("SELECT secret, code_hash FROM second_factors, recovery_codes", {}, 2);
  });
  EXPECT_EQ(rows->at(0).Text(0).find(EncodeBase32(secret_)), std::string::npos);
  EXPECT_EQ(rows->at(0).Text(1).size(), 64U);
}

}  // namespace
}  // namespace energy::auth
