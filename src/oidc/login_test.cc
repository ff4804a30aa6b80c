#include "oidc/login.h"

#include <atomic>
#include <map>

#include "audit/audit_log.h"
#include "auth/hash.h"
#include "cache/memory_cache.h"
#include "http/test_support.h"
#include "oidc/test_support.h"
#include "sql/test_database.h"

/// The flow against a provider over HTTP whose every answer a test decides.
namespace energy::oidc {
namespace {

constexpr const char* kRemote = "127.0.0.1";

std::string Parameter(const std::string& url, const std::string& name) {
  http::Request request;
  EXPECT_TRUE(http::SetTarget(url.substr(url.find('/', 8)), request).ok());
  return std::string(request.Query(name).value_or(""));
}

/// RFC 7636 §4.2, from the verifier that came last.
std::string Challenge(std::string_view verifier) {
  const std::string hex = auth::Sha256Hex(verifier);
  std::string digest;
  for (size_t i = 0; i < hex.size(); i += 2) {
    digest += static_cast<char>(std::stoi(hex.substr(i, 2), nullptr, 16));
  }
  return base::EncodeBase64Url(digest);
}

http::Response JsonAnswer(const base::Json& json, int status = 200) {
  http::Response response;
  response.status = status;
  response.SetHeader("Content-Type", "application/json");
  response.body = json.dump();
  return response;
}

class LoginTest : public ::testing::Test {
 protected:
  void SetUp() override {
    ASSERT_TRUE(auth_.Load().ok());
    const auto add = [&](http::Method method, const char* path, auto answer) {
      server_.router.Add(method, path, answer);
    };
    add(http::Method::kGet, "/.well-known/openid-configuration", [&](http::Request&) {
      ++discoveries_;
      return JsonAnswer(document_, document_.is_null() ? 503 : 200);
    });
    add(http::Method::kGet, "/jwks", [&](http::Request&) {
      ++key_reads_;
      http::Response response = JsonAnswer(nullptr);
      response.body = KeySetText(published_);
      return response;
    });
    add(http::Method::kPost, "/token", [&](http::Request& request) {
      token_request_ = request;
      return JsonAnswer(token_answer_, token_status_);
    });
    add(http::Method::kGet, "/userinfo", [&](http::Request& request) {
      EXPECT_EQ(request.Header("Authorization"), "Bearer at");
      return JsonAnswer(userinfo_);
    });
    server_.Start();
    issuer_ = "http://127.0.0.1:" + std::to_string(server_.port());
    document_ = {{"issuer", issuer_},
                 {"authorization_endpoint", issuer_ + "/authorize?tenant=1"},
                 {"token_endpoint", issuer_ + "/token"},
                 {"userinfo_endpoint", issuer_ + "/userinfo"},
                 {"jwks_uri", issuer_ + "/jwks"}};
    Options options;
    options.issuer = issuer_;
    options.client_id = "the client";
    options.client_secret = "s:ecret";
    options.redirect_uri = "https://energy.example.com/api/auth/oidc/callback";
    options.default_role = auth::Role::kViewer;
    login_ = std::make_unique<Login>(
        options, LoginParts{http_, *database_, auth_, cache_, clock_, random_, 4},
        base::NullLogger());
  }

  Login::Begun Begin() {
    auto begun = login_->Begin();
    EXPECT_TRUE(begun.ok()) << begun.status().ToString();
    return begun.ok() ? *begun : Login::Begun();
  }
  base::Json ClaimsFor(const Login::Begun& begun) const {
    const auto now =
        std::chrono::duration_cast<std::chrono::seconds>(clock_.Now().time_since_epoch()).count();
    return {{"iss", issuer_},      {"sub", "eve-1"},
            {"aud", "the client"}, {"exp", now + 300},
            {"iat", now},          {"email", "eve@example.org"},
            {"name", "Eve"},       {"nonce", Parameter(begun.url, "nonce")}};
  }
  void AnswerWith(const base::Json& claims, const SigningKey& key = SigningKey::Rsa()) {
    token_answer_ = {{"id_token", key.Token(claims)}, {"access_token", "at"}};
  }
  base::Result<std::string> Finish(const Login::Begun& begun) {
    return login_->Finish({"the code", Parameter(begun.url, "state"), "", ""}, begun.browser,
                          kRemote);
  }
  void Deactivate() {
    ASSERT_TRUE(database_
                    ->Transaction([](sql::Connection& connection) {
                      return connection.Execute("UPDATE users SET is_active = false").status();
                    })
                    .ok());
  }
  static std::string ReasonOf(const base::Result<std::string>& result) {
    return result.ok() ? "" : Login::Reason(result.status());
  }
  /// A whole login up to the code of Finish.
  std::string FinishedReason(const SigningKey& key) {
    const Login::Begun begun = Begin();
    AnswerWith(ClaimsFor(begun), key);
    return ReasonOf(Finish(begun));
  }

  base::ManualClock clock_{base::SystemClock().Now()};
  base::SeededRandom random_{7};
  sql::TestDatabase database_;
  cache::MemoryCache cache_{clock_};
  auth::AuthService auth_{*database_,        {cache_, cache_},     clock_,
                          random_,           std::string(32, 'k'), {.bcrypt_cost = 4},
                          base::NullLogger()};
  http::Outgoing http_;
  std::string issuer_;
  base::Json document_;
  std::vector<const SigningKey*> published_{&SigningKey::Rsa(), &SigningKey::Ec()};
  base::Json token_answer_;
  int token_status_ = 200;
  base::Json userinfo_ = base::Json::object();
  std::atomic<int> discoveries_{0};
  std::atomic<int> key_reads_{0};
  http::Request token_request_;
  http::TestServer server_;
  std::unique_ptr<Login> login_;
};

TEST_F(LoginTest, GoesToTheProviderAndComesBackWithASession) {
  const Login::Begun begun = Begin();
  EXPECT_TRUE(begun.url.starts_with(issuer_ + "/authorize?tenant=1&response_type=code&"));
  EXPECT_EQ(Parameter(begun.url, "client_id"), "the client");
  EXPECT_EQ(Parameter(begun.url, "scope"), "openid email profile");
  EXPECT_EQ(Parameter(begun.url, "code_challenge_method"), "S256");
  EXPECT_EQ(Parameter(begun.url, "redirect_uri"),
            "https://energy.example.com/api/auth/oidc/callback");
  AnswerWith(ClaimsFor(begun));
  const auto code = Finish(begun);
  ASSERT_TRUE(code.ok()) << code.status().ToString();

  // RFC 7636 §4.6, and RFC 6749 §2.3.1 with its encoding before Basic.
  http::Request form;
  ASSERT_TRUE(http::SetTarget("/?" + token_request_.body, form).ok());
  EXPECT_EQ(form.Query("code"), "the code");
  EXPECT_EQ(form.Query("grant_type"), "authorization_code");
  EXPECT_EQ(form.Query("redirect_uri"), Parameter(begun.url, "redirect_uri"));
  EXPECT_EQ(Parameter(begun.url, "code_challenge"), Challenge(*form.Query("code_verifier")));
  EXPECT_EQ(begun.url.find(*form.Query("code_verifier")), std::string::npos);
  EXPECT_EQ(token_request_.Header("Authorization"),
            "Basic " + base::EncodeBase64("the%20client:s%3Aecret"));

  const auto session = login_->Open(*code, begun.browser, kRemote);
  ASSERT_TRUE(session.ok()) << session.status().ToString();
  EXPECT_EQ(session->user.email, "eve@example.org");
  EXPECT_TRUE(auth_.Authenticate(session->token).ok());
  EXPECT_FALSE(login_->Open(*code, begun.browser, kRemote).ok()) << "a code is good once";
}

TEST_F(LoginTest, NothingIsAskedBeforeSomebodyLogsIn) {
  EXPECT_EQ(discoveries_, 0);
  Begin();
  Begin();
  EXPECT_EQ(discoveries_, 1);
  clock_.Advance(std::chrono::hours(1));
  Begin();
  EXPECT_EQ(discoveries_, 2);
}

TEST_F(LoginTest, AnAnswerIsGoodOnceAndInItsBrowserAlone) {
  const Login::Begun begun = Begin();
  AnswerWith(ClaimsFor(begun));
  Login::Begun elsewhere = begun;
  elsewhere.browser = Begin().browser;
  EXPECT_EQ(ReasonOf(Finish(elsewhere)), "expired");
  EXPECT_EQ(ReasonOf(Finish(begun)), "expired") << "the attempt has spent the state";

  const Login::Begun second = Begin();
  AnswerWith(ClaimsFor(second));
  const auto code = Finish(second);
  ASSERT_TRUE(code.ok());
  EXPECT_EQ(ReasonOf(Finish(second)), "expired");
  EXPECT_FALSE(login_->Open(*code, begun.browser, kRemote).ok()) << "a code of another browser";

  Login::Begun without = Begin();
  without.browser.clear();
  EXPECT_EQ(ReasonOf(Finish(without)), "expired");
  EXPECT_EQ(ReasonOf(login_->Finish({"c", "no such state", "", ""}, begun.browser, kRemote)),
            "expired");
}

TEST_F(LoginTest, StateAndCodeExpire) {
  const Login::Begun late = Begin();
  clock_.Advance(std::chrono::minutes(10));
  EXPECT_EQ(ReasonOf(Finish(late)), "expired");
  const Login::Begun begun = Begin();
  AnswerWith(ClaimsFor(begun));
  const auto code = Finish(begun);
  ASSERT_TRUE(code.ok());
  clock_.Advance(std::chrono::minutes(1));
  EXPECT_FALSE(login_->Open(*code, begun.browser, kRemote).ok());
}

TEST_F(LoginTest, ATokenForAnotherLoginIsRefused) {
  const Login::Begun first = Begin();
  const Login::Begun second = Begin();
  AnswerWith(ClaimsFor(first));
  EXPECT_EQ(ReasonOf(Finish(second)), "invalid");
  EXPECT_EQ(FinishedReason(SigningKey::OtherRsa()), "invalid");
}

TEST_F(LoginTest, ErrorsOfTheProviderAreTold) {
  const auto answer = [&](const char* error) {
    const Login::Begun begun = Begin();
    return ReasonOf(
        login_->Finish({"", Parameter(begun.url, "state"), "", error}, begun.browser, kRemote));
  };
  EXPECT_EQ(answer("access_denied"), "cancelled");
  EXPECT_EQ(answer("server_error"), "invalid");
  EXPECT_EQ(answer(""), "invalid") << "neither code nor error";

  token_answer_ = {{"error", "invalid_grant"}};
  token_status_ = 400;
  EXPECT_EQ(ReasonOf(Finish(Begin())), "invalid");
  token_answer_ = {{"error", "invalid_client"}};
  token_status_ = 401;
  EXPECT_EQ(ReasonOf(Finish(Begin())), "unavailable");
}

TEST_F(LoginTest, AnAnswerOfAnotherIssuerIsAMixUp) {
  const auto finish = [&](const std::string& issuer) {
    const Login::Begun begun = Begin();
    AnswerWith(ClaimsFor(begun));
    return ReasonOf(
        login_->Finish({"c", Parameter(begun.url, "state"), issuer, ""}, begun.browser, kRemote));
  };
  EXPECT_EQ(finish("https://evil.example"), "invalid");
  EXPECT_EQ(finish(issuer_), "");
  document_["authorization_response_iss_parameter_supported"] = true;
  clock_.Advance(std::chrono::hours(1));
  EXPECT_EQ(finish(""), "invalid") << "it says that it always names itself";
}

TEST_F(LoginTest, ANewKeyIsReadOnceAMinute) {
  EXPECT_EQ(FinishedReason(SigningKey::Ec()), "");
  EXPECT_EQ(key_reads_, 1);
  published_ = {&SigningKey::OtherRsa()};
  EXPECT_EQ(FinishedReason(SigningKey::OtherRsa()), "invalid") << "read just before";
  EXPECT_EQ(key_reads_, 1);
  clock_.Advance(std::chrono::minutes(1));
  EXPECT_EQ(FinishedReason(SigningKey::OtherRsa()), "");
  EXPECT_EQ(key_reads_, 2);
  for (int i = 0; i < 3; ++i) EXPECT_EQ(FinishedReason(SigningKey::Ec()), "invalid");
  EXPECT_EQ(key_reads_, 2);
}

TEST_F(LoginTest, AProviderThatFailsIsNotAskedAgainAtOnce) {
  const base::Json good = std::exchange(document_, nullptr);
  EXPECT_EQ(Login::Reason(login_->Begin().status()), "unavailable");
  EXPECT_FALSE(login_->Begin().ok());
  EXPECT_EQ(discoveries_, 1);
  document_ = good;
  clock_.Advance(std::chrono::seconds(5));
  EXPECT_TRUE(login_->Begin().ok());
}

TEST_F(LoginTest, ADocumentThatCannotBeTrustedIsRefused) {
  for (const auto& [name, value] : std::vector<std::pair<std::string, base::Json>>{
           {"issuer", issuer_ + "/"},
           {"token_endpoint", "http://id.example.com/token"},
           {"authorization_endpoint", "javascript:alert(1)"},
           {"jwks_uri", nullptr},
           {"userinfo_endpoint", "http://id.example.com/"},
           {"id_token_signing_alg_values_supported", {"HS256", "none"}},
           {"code_challenge_methods_supported", {"plain"}}}) {
    const base::Json good = document_;
    document_[name] = value;
    clock_.Advance(std::chrono::seconds(5));
    EXPECT_EQ(login_->Begin().status().code(), base::Code::kUnavailable) << name;
    document_ = good;
  }
}

TEST_F(LoginTest, WhatTheTokenLacksComesFromUserinfo) {
  const auto finish = [&] {
    const Login::Begun begun = Begin();
    base::Json claims = ClaimsFor(begun);
    claims.erase("email");
    claims["email_verified"] = true;
    AnswerWith(claims);
    return ReasonOf(Finish(begun));
  };
  userinfo_ = {{"sub", "eve-1"}};
  EXPECT_EQ(finish(), "email_missing");
  userinfo_ = {{"sub", "mallory"}, {"email", "eve@example.org"}};
  EXPECT_EQ(finish(), "invalid");
  userinfo_ = {{"sub", "eve-1"}, {"email", "eve@example.org"}, {"email_verified", false}};
  EXPECT_EQ(finish(), "email_missing") << "the token's word is of no other e-mail";
  userinfo_.erase("email_verified");
  EXPECT_EQ(finish(), "");
}

TEST_F(LoginTest, ASecretMayGoInTheBody) {
  document_["token_endpoint_auth_methods_supported"] = {"client_secret_post"};
  EXPECT_EQ(FinishedReason(SigningKey::Rsa()), "");
  EXPECT_EQ(token_request_.Header("Authorization"), "");
  EXPECT_NE(token_request_.body.find("client_secret=s%3Aecret"), std::string::npos);
}

TEST_F(LoginTest, TheAuditLogSaysWhoCameAndCountsWhoWasRefused) {
  const Login::Begun begun = Begin();
  AnswerWith(ClaimsFor(begun));
  const auto code = Finish(begun);
  const auto session = login_->Open(*code, begun.browser, "192.0.2.7");
  ASSERT_TRUE(session.ok()) << session.status().ToString();
  ASSERT_TRUE(auth_.Logout(*auth_.Authenticate(session->token)).ok());
  EXPECT_EQ(ReasonOf(Finish(begun)), "expired");
  EXPECT_FALSE(login_->Open(*code, begun.browser, kRemote).ok());
  // Neither who gave up nor a provider that fails is a failed login.
  const Login::Begun given_up = Begin();
  EXPECT_EQ(ReasonOf(login_->Finish({"", Parameter(given_up.url, "state"), "", "access_denied"},
                                    given_up.browser, kRemote)),
            "cancelled");
  token_status_ = 503;
  token_answer_ = nullptr;
  EXPECT_EQ(ReasonOf(Finish(Begin())), "unavailable");
  token_status_ = 200;
  Deactivate();
  EXPECT_EQ(FinishedReason(SigningKey::Rsa()), "refused");
  ASSERT_TRUE(auth_.failed_logins().Flush().ok());

  audit::AuditLog log(*database_);
  const auto entries = log.Next({}, 0, 500);
  ASSERT_TRUE(entries.ok()) << entries.status().ToString();
  std::vector<std::string> actions;
  std::map<std::string, int64_t> refused;
  for (const audit::Entry& entry : *entries) {
    actions.push_back(entry.action);
    if (entry.action != "auth.login_failed") continue;
    const base::Json what = base::Json::parse(entry.after);
    refused[entry.resource_id] = what.at("refused_single_sign_on").get<int64_t>();
    EXPECT_EQ(what.at("wrong"), 0);
  }
  EXPECT_EQ(actions,
            (std::vector<std::string>{"user.create", "user.link", "auth.login", "auth.logout",
                                      "auth.login_failed", "auth.login_failed"}));
  EXPECT_EQ(entries->at(2).actor, "eve@example.org");
  EXPECT_EQ(entries->at(2).address, "192.0.2.7");
  EXPECT_EQ(refused, (std::map<std::string, int64_t>{{"unknown", 2}, {session->user.id, 1}}));
}

TEST_F(LoginTest, ADeactivationBetweenTheStepsHolds) {
  const Login::Begun begun = Begin();
  AnswerWith(ClaimsFor(begun));
  const auto code = Finish(begun);
  ASSERT_TRUE(code.ok());
  Deactivate();
  EXPECT_FALSE(login_->Open(*code, begun.browser, kRemote).ok());
}

}  // namespace
}  // namespace energy::oidc
