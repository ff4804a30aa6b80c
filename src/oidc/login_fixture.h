#pragma once

#include <atomic>
#include <memory>
#include <string>
#include <vector>

#include "cache/memory_cache.h"
#include "http/test_support.h"
#include "oidc/login.h"
#include "oidc/test_support.h"
#include "sql/test_database.h"

// For the tests of this module.

namespace energy::oidc {

inline constexpr const char* kRemote = "127.0.0.1";

inline std::string Parameter(const std::string& url, const std::string& name) {
  http::Request request;
  EXPECT_TRUE(http::SetTarget(url.substr(url.find('/', 8)), request).ok());
  return std::string(request.Query(name).value_or(""));
}

inline http::Response JsonAnswer(const base::Json& json, int status = 200) {
  http::Response response;
  response.status = status;
  response.SetHeader("Content-Type", "application/json");
  response.body = json.dump();
  return response;
}

/// The flow against a provider over HTTP whose every answer a test decides.
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

}  // namespace energy::oidc
