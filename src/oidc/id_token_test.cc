#include "oidc/id_token.h"

#include "auth/hash.h"
#include "oidc/json_object.h"
#include "oidc/test_support.h"

namespace energy::oidc {
namespace {

constexpr int64_t kNow = 1'800'000'000;

class IdToken : public ::testing::Test {
 protected:
  static base::Json Good() {
    return {{"iss", "https://id.example.com"},
            {"sub", "248289761001"},
            {"aud", "platform"},
            {"exp", kNow + 300},
            {"iat", kNow - 5},
            {"nonce", "n-0S6_WzA2Mj"}};
  }
  static base::Json With(const char* name, const base::Json& value) {
    base::Json claims = Good();
    claims[name] = value;
    return claims;
  }
  static base::Json Without(const char* name) {
    base::Json claims = Good();
    claims.erase(name);
    return claims;
  }
  base::Status Verify(const std::string& token) const {
    const auto find = [&](const std::optional<std::string>& id,
                          Algorithm algorithm) -> base::Result<Key> {
      const Key* const key = keys_->Find(id, algorithm);
      if (key == nullptr) return base::Unauthenticated("unknown key");
      return *key;
    };
    return VerifyIdToken(token, find,
                         {"https://id.example.com", "platform", "n-0S6_WzA2Mj",
                          base::Timestamp(std::chrono::seconds(kNow))})
        .status();
  }
  void ExpectRefused(const std::string& token, const std::string& why) const {
    const base::Status status = Verify(token);
    EXPECT_EQ(status.code(), base::Code::kUnauthenticated) << why;
    EXPECT_NE(status.message().find(why), std::string::npos) << status.message();
  }
  void ExpectRefused(const base::Json& claims, const std::string& why) const {
    ExpectRefused(SigningKey::Rsa().Token(claims), why);
  }

  const SigningKey& rsa_ = SigningKey::Rsa();
  const SigningKey& ec_ = SigningKey::Ec();
  const base::Result<KeySet> keys_ = KeySet::Parse(KeySetText({&rsa_, &ec_}));
};

TEST_F(IdToken, TakesWhatTheProviderSigned) {
  EXPECT_TRUE(Verify(rsa_.Token(Good())).ok()) << Verify(rsa_.Token(Good())).ToString();
  EXPECT_TRUE(Verify(ec_.Token(Good())).ok()) << Verify(ec_.Token(Good())).ToString();
  EXPECT_TRUE(Verify(rsa_.Token({{"alg", "RS256"}}, Good())).ok()) << "the only key of its kind";
  EXPECT_TRUE(Verify(rsa_.Token(With("aud", {"platform"}))).ok());
  base::Json shared = With("aud", {"other", "platform"});
  shared["azp"] = "platform";
  EXPECT_TRUE(Verify(rsa_.Token(shared)).ok());
  EXPECT_TRUE(Verify(rsa_.Token(With("exp", kNow - 59))).ok()) << "clocks differ";
  EXPECT_TRUE(Verify(rsa_.Token(With("exp", kNow + 0.5))).ok());
}

TEST_F(IdToken, RefusesNoSignature) {
  const std::string payload = base::EncodeBase64Url(Good().dump());
  for (const char* name : {"none", "None", "NONE", ""}) {
    const std::string header = base::EncodeBase64Url(base::Json{{"alg", name}}.dump());
    ExpectRefused(header + "." + payload + ".", "algorithm");
    ExpectRefused(header + "." + payload + ".AAAA", "algorithm");
  }
  const std::string token = rsa_.Token(Good());
  ExpectRefused(token.substr(0, token.rfind('.') + 1), "signature");
}

TEST_F(IdToken, RefusesAMacByThePublicKey) {
  // Whoever lets the token choose takes the public key, which everybody has, for a shared secret.
  for (const std::string& secret : {rsa_.Jwk().dump(), rsa_.Jwk().at("n").get<std::string>()}) {
    const std::string text =
        base::EncodeBase64Url(base::Json{{"alg", "HS256"}, {"kid", rsa_.id()}}.dump()) + "." +
        base::EncodeBase64Url(Good().dump());
    ExpectRefused(text + "." + base::EncodeBase64Url(auth::HmacSha256(secret, text)), "algorithm");
  }
}

TEST_F(IdToken, RefusesAnotherKeyOrAlgorithmThanNamed) {
  const SigningKey& stranger = SigningKey::OtherRsa();
  ExpectRefused(stranger.Token(Good()), "unknown key");
  ExpectRefused(stranger.Token({{"alg", "RS256"}, {"kid", rsa_.id()}}, Good()), "signature");
  ExpectRefused(rsa_.Token({{"alg", "ES256"}, {"kid", rsa_.id()}}, Good()), "unknown key");
  ExpectRefused(rsa_.Token({{"alg", "ES256"}, {"kid", ec_.id()}}, Good()), "signature");
  ExpectRefused(rsa_.Token({{"alg", "PS256"}, {"kid", rsa_.id()}}, Good()), "algorithm");
  ExpectRefused(rsa_.Token({{"alg", "RS256"}, {"kid", rsa_.id()}, {"crit", {"exp"}}}, Good()),
                "algorithm");
}

TEST_F(IdToken, RefusesEveryTamperedByte) {
  for (const SigningKey* key : {&rsa_, &ec_}) {
    const std::string token = key->Token(Good());
    ASSERT_TRUE(Verify(token).ok());
    const size_t last = token.rfind('.');
    for (size_t i = 0; i < last; i += 7) {
      std::string changed = token;
      changed[i] = changed[i] == 'A' ? 'B' : 'A';
      EXPECT_FALSE(Verify(changed).ok()) << i;
    }
    std::string changed = token;
    changed[last + 10] = changed[last + 10] == 'A' ? 'B' : 'A';
    ExpectRefused(changed, "signature");
  }
}

TEST_F(IdToken, RefusesZeroSignatures) {
  // r = s = 0 was taken by an implementation that forgot to check (CVE-2022-21449).
  const std::string token = ec_.Token(Good());
  const std::string text = token.substr(0, token.rfind('.') + 1);
  ExpectRefused(text + base::EncodeBase64Url(std::string(64, '\0')), "signature");
  ExpectRefused(text + base::EncodeBase64Url(std::string(63, '\1')), "signature");
}

TEST_F(IdToken, RefusesOtherIssuersAudiencesAndLogins) {
  ExpectRefused(With("iss", "https://id.example.com/"), "issuer");
  ExpectRefused(Without("iss"), "issuer");
  ExpectRefused(With("aud", "other"), "audience");
  ExpectRefused(With("aud", {"other"}), "audience");
  ExpectRefused(Without("aud"), "audience");
  ExpectRefused(With("aud", {"other", "platform"}), "azp");
  ExpectRefused(With("azp", "other"), "azp");
  ExpectRefused(With("nonce", "another"), "nonce");
  ExpectRefused(Without("nonce"), "nonce");
}

TEST_F(IdToken, RefusesWrongTimes) {
  ExpectRefused(With("exp", kNow - 61), "expired");
  ExpectRefused(With("exp", "never"), "exp");
  ExpectRefused(Without("exp"), "exp");
  ExpectRefused(Without("iat"), "iat");
  ExpectRefused(With("iat", kNow + 61), "future");
  ExpectRefused(With("iat", kNow - 601), "too long ago");
  ExpectRefused(With("nbf", kNow + 61), "not hold yet");
}

TEST_F(IdToken, RefusesWhatIsNoTokenOrSaysNobody) {
  for (const char* text : {"", ".", "..", "...", "a.b.c", "a.b.c.d.e", "{}.{}.{}"}) {
    EXPECT_EQ(Verify(text).code(), base::Code::kUnauthenticated) << text;
  }
  ExpectRefused(std::string(1 << 20, 'a'), "no signed JWT");
  ExpectRefused(With("sub", ""), "subject");
  ExpectRefused(With("sub", 7), "subject");
  ExpectRefused(With("sub", std::string(256, 'a')), "subject");
  ExpectRefused(rsa_.Token(base::Json::array({1})), "claims");
}

TEST(JsonObjects, AreNoDeeperThanAnybodyNeeds) {
  const auto nested = [](size_t depth) {
    return "{\"a\":" + std::string(depth, '[') + std::string(depth, ']') + "}";
  };
  EXPECT_TRUE(ParseObject(nested(16)).is_object());
  EXPECT_TRUE(ParseObject(nested(40)).is_null());
  EXPECT_TRUE(ParseObject(nested(1'000'000)).is_null());
  for (const char* text : {"", "[]", "{", "{} {}", "1", "\"{}\""}) {
    EXPECT_TRUE(ParseObject(text).is_null()) << text;
  }
}

TEST(KeySets, PassOverWhatTheyCannotUse) {
  const SigningKey& rsa = SigningKey::Rsa();
  const auto parse = [](const std::vector<base::Json>& keys) {
    return KeySet::Parse(base::Json{{"keys", keys}}.dump());
  };
  const auto changed = [&](const char* name, const base::Json& value) {
    base::Json jwk = SigningKey::Rsa().Jwk();
    jwk[name] = value;
    return jwk;
  };
  const std::string short_modulus = base::EncodeBase64Url(std::string(128, '\xff'));
  for (const base::Json& jwk :
       {changed("use", "enc"), changed("alg", "RS512"), changed("kty", "oct"),
        changed("key_ops", {"encrypt"}), changed("n", short_modulus), changed("n", "!"),
        changed("e", "AQ"), changed("e", "Ag"), base::Json("text")}) {
    EXPECT_FALSE(parse({jwk}).ok()) << jwk.dump();
    const auto both = parse({jwk, rsa.Jwk()});
    ASSERT_TRUE(both.ok());
    EXPECT_NE(both->Find(rsa.id(), Algorithm::kRs256), nullptr);
  }
  base::Json off_curve = SigningKey::Ec().Jwk();
  off_curve["x"] = off_curve["y"];
  EXPECT_FALSE(parse({off_curve}).ok());
  EXPECT_FALSE(parse(std::vector<base::Json>(101, rsa.Jwk())).ok());
  for (const char* text : {"", "[]", "{}", R"({"keys":{}})", "{\"keys\":["}) {
    EXPECT_FALSE(KeySet::Parse(text).ok()) << text;
  }
}

TEST(KeySets, DoNotGuessBetweenTwoKeys) {
  const auto keys = KeySet::Parse(KeySetText({&SigningKey::Rsa(), &SigningKey::OtherRsa()}));
  ASSERT_TRUE(keys.ok());
  EXPECT_EQ(keys->Find(std::nullopt, Algorithm::kRs256), nullptr);
  EXPECT_NE(keys->Find("rsa-2", Algorithm::kRs256), nullptr);
  EXPECT_EQ(keys->Find("rsa-3", Algorithm::kRs256), nullptr);
}

}  // namespace
}  // namespace energy::oidc
