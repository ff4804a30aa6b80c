#include "oidc/login.h"

#include <map>

#include "audit/audit_log.h"
#include "auth/hash.h"
#include "oidc/login_fixture.h"

namespace energy::oidc {
namespace {

/// RFC 7636 §4.2, from the verifier that came last.
std::string Challenge(std::string_view verifier) {
  const std::string hex = auth::Sha256Hex(verifier);
  std::string digest;
  for (size_t i = 0; i < hex.size(); i += 2) {
    digest += static_cast<char>(std::stoi(hex.substr(i, 2), nullptr, 16));
  }
  return base::EncodeBase64Url(digest);
}

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
