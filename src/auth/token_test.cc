#include "auth/token.h"

#include <gtest/gtest.h>

#include <chrono>

#include "auth/hash.h"
#include "base/base64.h"
#include "base/json.h"

namespace energy::auth {
namespace {

using std::chrono::hours;
using std::chrono::seconds;

const std::string kKey = "0123456789abcdef0123456789abcdef";
const base::Timestamp kStart{seconds(1'800'000'000)};

class TokenTest : public ::testing::Test {
 protected:
  Claims MakeClaims() const {
    return {"u1", "a@b.c", Role::kEngineer, "s1", "j1", clock_.Now(), clock_.Now() + hours(1)};
  }
  /// A token with a right signature over any header and payload.
  static std::string Forge(const std::string& header, const std::string& payload) {
    const std::string text = base::EncodeBase64Url(header) + "." + base::EncodeBase64Url(payload);
    return text + "." + base::EncodeBase64Url(HmacSha256(kKey, text));
  }
  base::Json Payload() const {
    const std::string token = signer_.Sign(MakeClaims());
    const size_t first = token.find('.');
    return base::Json::parse(
        *base::DecodeBase64Url(token.substr(first + 1, token.rfind('.') - first - 1)));
  }
  static constexpr const char* kHeader = R"({"alg":"HS256","typ":"JWT"})";

  base::ManualClock clock_{kStart};
  TokenSigner signer_{kKey, clock_};
};

TEST(Hmac, MatchesRfc4231) {
  EXPECT_EQ(ToHex(HmacSha256("Jefe", "what do ya want for nothing?")),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
}

TEST(Sha256, MatchesFips180) {
  EXPECT_EQ(Sha256Hex("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

TEST_F(TokenTest, CarriesItsClaims) {
  const auto claims = signer_.Verify(signer_.Sign(MakeClaims()));
  ASSERT_TRUE(claims.ok()) << claims.status().ToString();
  EXPECT_EQ(claims->user_id, "u1");
  EXPECT_EQ(claims->email, "a@b.c");
  EXPECT_EQ(claims->role, Role::kEngineer);
  EXPECT_EQ(claims->session_id, "s1");
  EXPECT_EQ(claims->token_id, "j1");
  EXPECT_EQ(claims->issued_at, kStart);
  EXPECT_EQ(claims->expires_at, kStart + hours(1));
}

TEST_F(TokenTest, HasTheClaimsOfTheSpecification) {
  const base::Json payload = Payload();
  for (const char* name : {"sub", "userId", "email", "role", "iss", "aud", "iat", "exp", "jti"}) {
    EXPECT_TRUE(payload.contains(name)) << name;
  }
  EXPECT_EQ(payload["iss"], "energy-platform");
  EXPECT_EQ(payload["aud"], "energy-platform-users");
  EXPECT_EQ(payload["exp"], 1'800'003'600);
}

TEST_F(TokenTest, TellsManyKnownTokensApart) {
  for (int round = 0; round < 2; ++round) {
    for (int i = 0; i < 300; ++i) {
      Claims claims = MakeClaims();
      claims.user_id = "u" + std::to_string(i);
      EXPECT_EQ(signer_.Verify(signer_.Sign(claims))->user_id, claims.user_id);
    }
  }
}

TEST_F(TokenTest, Expires) {
  const std::string token = signer_.Sign(MakeClaims());
  clock_.Advance(hours(1) - seconds(1));
  EXPECT_TRUE(signer_.Verify(token).ok());
  clock_.Advance(seconds(1));
  const base::Status status = signer_.Verify(token).status();
  EXPECT_EQ(status.code(), base::Code::kUnauthenticated);
  EXPECT_NE(status.message().find("expired"), std::string::npos);
}

TEST_F(TokenTest, RefusesEveryChangedCharacter) {
  const std::string token = signer_.Sign(MakeClaims());
  ASSERT_TRUE(signer_.Verify(token).ok());  // so that it is known
  for (size_t i = 0; i < token.size(); ++i) {
    std::string changed = token;
    changed[i] = changed[i] == 'A' ? 'B' : 'A';
    EXPECT_FALSE(signer_.Verify(changed).ok()) << i;
    EXPECT_FALSE(signer_.Verify(token.substr(0, i)).ok()) << i;
  }
  EXPECT_FALSE(signer_.Verify(token + "A").ok());
  EXPECT_FALSE(signer_.Verify("." + token).ok());
}

TEST_F(TokenTest, RefusesAnotherKey) {
  const TokenSigner other("another key, also 32 bytes long!", clock_);
  EXPECT_FALSE(signer_.Verify(other.Sign(MakeClaims())).ok());
}

TEST_F(TokenTest, FixesTheAlgorithm) {
  const std::string payload = Payload().dump();
  EXPECT_TRUE(signer_.Verify(Forge(kHeader, payload)).ok());
  for (const char* header :
       {R"({"alg":"none"})", R"({"alg":"HS512"})", R"({"typ":"JWT"})", R"("HS256")", "{",
        R"({"alg":"HS256","crit":["b64"]})", R"({"alg":["HS256"]})"}) {
    EXPECT_FALSE(signer_.Verify(Forge(header, payload)).ok()) << header;
  }
  EXPECT_FALSE(signer_
                   .Verify(base::EncodeBase64Url(R"({"alg":"none"})") + "." +
                           base::EncodeBase64Url(payload) + ".")
                   .ok());
}

TEST_F(TokenTest, RequiresEveryClaim) {
  const base::Json payload = Payload();
  for (const char* name : {"sub", "email", "role", "sid", "iss", "aud", "iat", "exp", "jti"}) {
    base::Json without = payload;
    without.erase(name);
    EXPECT_FALSE(signer_.Verify(Forge(kHeader, without.dump())).ok()) << name;
    base::Json wrong = payload;
    wrong[name] = base::Json::array({1});
    EXPECT_FALSE(signer_.Verify(Forge(kHeader, wrong.dump())).ok()) << name;
  }
  for (const char* exp : {"1e300", "99999999999999999999", "-1", "9300000000"}) {
    base::Json far = payload;
    far["exp"] = base::Json::parse(exp);
    EXPECT_FALSE(signer_.Verify(Forge(kHeader, far.dump())).ok()) << exp;
  }
}

TEST_F(TokenTest, RefusesOversizedText) {
  EXPECT_FALSE(signer_.Verify(std::string(100'000, 'A')).ok());
  EXPECT_FALSE(signer_.Verify("").ok());
  EXPECT_FALSE(signer_.Verify("a.b").ok());
}

}  // namespace
}  // namespace energy::auth
