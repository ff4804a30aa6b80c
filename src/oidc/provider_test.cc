#include "oidc/provider.h"

#include "oidc/login_fixture.h"

/// What the login makes of the provider's answers.
namespace energy::oidc {
namespace {

using ProviderTest = LoginTest;

TEST_F(ProviderTest, NothingIsAskedBeforeSomebodyLogsIn) {
  EXPECT_EQ(discoveries_, 0);
  Begin();
  Begin();
  EXPECT_EQ(discoveries_, 1);
  clock_.Advance(std::chrono::hours(1));
  Begin();
  EXPECT_EQ(discoveries_, 2);
}

TEST_F(ProviderTest, ErrorsOfTheProviderAreTold) {
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

TEST_F(ProviderTest, ANewKeyIsReadOnceAMinute) {
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

TEST_F(ProviderTest, AProviderThatFailsIsNotAskedAgainAtOnce) {
  const base::Json good = std::exchange(document_, nullptr);
  EXPECT_EQ(Login::Reason(login_->Begin().status()), "unavailable");
  EXPECT_FALSE(login_->Begin().ok());
  EXPECT_EQ(discoveries_, 1);
  document_ = good;
  clock_.Advance(std::chrono::seconds(5));
  EXPECT_TRUE(login_->Begin().ok());
}

TEST_F(ProviderTest, ADocumentThatCannotBeTrustedIsRefused) {
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

TEST_F(ProviderTest, WhatTheTokenLacksComesFromUserinfo) {
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

TEST_F(ProviderTest, ASecretMayGoInTheBody) {
  document_["token_endpoint_auth_methods_supported"] = {"client_secret_post"};
  EXPECT_EQ(FinishedReason(SigningKey::Rsa()), "");
  EXPECT_EQ(token_request_.Header("Authorization"), "");
  EXPECT_NE(token_request_.body.find("client_secret=s%3Aecret"), std::string::npos);
}

}  // namespace
}  // namespace energy::oidc
