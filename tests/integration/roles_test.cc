// Every route with every role, and with none, against the table of who may do what.
#include <map>
#include <set>

#include "api/access.h"
#include "auth/key_file.h"
#include "auth/token.h"
#include "base/random.h"
#include "integration/api_fixture.h"

namespace energy::integration {
namespace {

using http::Method;

class Roles : public Api {
 protected:
  void SetUp() override {
    Start();
    ids_["admin"] = api().GetData("/api/auth/me").at("id");
    for (const std::string role : {"engineer", "viewer"}) {
      const base::Json user{{"email", role + "@example.org"},
                            {"full_name", role},
                            {"role", role},
                            {"password", "correct horse battery"}};
      ids_[role] = api().PostData("/api/auth/register", user).at("id");
    }
  }
  // A token of its own for each request: one of them is a logout.
  std::string TokenOf(auth::Role role) {
    const auto key = auth::LoadOrCreateKey(data_dir() / "keys" / "jwt.key", 32, random_);
    const auto now = clock_.Now();
    return auth::TokenSigner(*key, clock_)
        .Sign({.user_id = ids_.at(std::string(auth::RoleName(role))),
               .email = "somebody@example.org",
               .role = role,
               .session_id = base::NewUuid(random_, clock_),
               .token_id = base::NewUuid(random_, clock_),
               .issued_at = now,
               .expires_at = now + std::chrono::minutes(5)});
  }
  // Names things that do not exist, so that what is allowed changes nothing.
  static std::string Target(std::string_view pattern) {
    std::string target;
    for (size_t at = 0; at < pattern.size();) {
      if (pattern[at] == '{') {
        target += "none";
        at = pattern.find('}', at) + 1;
      } else {
        target += pattern[at++];
      }
    }
    return target;
  }
  int StatusOf(const api::RouteAccess& row, const std::string& token) {
    ApiClient client = Anonymous();
    client.set_token(token);
    http::Headers headers;
    if (row.pattern.ends_with("/live")) {
      headers = {{"Connection", "Upgrade"},
                 {"Upgrade", "websocket"},
                 {"Sec-WebSocket-Version", "13"},
                 {"Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ=="}};
    }
    std::string target = Target(row.pattern);
    if (row.pattern == "/api/alerts/live") target += "?severity=none";  // it would be opened
    const std::string body = row.method == Method::kGet ? "" : "{}";
    return client.Call(row.method, target, body, headers).status;
  }

  std::map<std::string, std::string> ids_;  // by role
  base::SystemClock clock_;
  base::SystemRandom random_;
};

TEST_F(Roles, EveryRouteTakesWhomTheTableSays) {
  for (const api::RouteAccess& row : api::AccessTable()) {
    SCOPED_TRACE(std::string(http::MethodName(row.method)) + " " + std::string(row.pattern));
    const int anonymous = StatusOf(row, "");
    if (row.access == api::Access::kPublic) {
      // A login without a password is 400, a refresh without a session is nobody's.
      EXPECT_NE(anonymous, 403);
      continue;
    }
    EXPECT_EQ(anonymous, 401);
    for (const auto role : {auth::Role::kAdmin, auth::Role::kEngineer, auth::Role::kViewer}) {
      SCOPED_TRACE(auth::RoleName(role));
      const int status = StatusOf(row, TokenOf(role));
      if (api::Allows(row.access, role)) {
        EXPECT_TRUE(status != 401 && status != 403 && status < 500) << status;
      } else {
        EXPECT_EQ(status, 403);
      }
    }
  }
}

TEST_F(Roles, AnApiKeyOpensWhatItsScopeSays) {
  for (const auto scope :
       {auth::Scope::kReadTelemetry, auth::Scope::kWriteTelemetry, auth::Scope::kManageDevices}) {
    const auto names = auth::ScopeNames(static_cast<auth::Scopes>(scope));
    SCOPED_TRACE(names.front());
    const std::string secret =
        api().PostData("/api/api-keys", {{"name", names.front()}, {"scopes", names}}).at("secret");
    int allowed = 0;
    for (const api::RouteAccess& row : api::AccessTable()) {
      if (row.access == api::Access::kPublic) continue;
      SCOPED_TRACE(std::string(http::MethodName(row.method)) + " " + std::string(row.pattern));
      const int status = StatusOf(row, secret);
      if ((row.scopes & static_cast<auth::Scopes>(scope)) != 0) {
        ++allowed;
        EXPECT_TRUE(status != 401 && status != 403 && status < 500) << status;
      } else {
        EXPECT_EQ(status, 403);
      }
    }
    EXPECT_GT(allowed, 0);
  }
  ApiClient influx = Anonymous();
  const std::string secret =
      api()
          .PostData("/api/api-keys", {{"name", "line"}, {"scopes", {"write_telemetry"}}})
          .at("secret");
  const std::string lines = "telemetry,device_id=none voltage=1";
  const auto write = [&](const std::string& authorization) {
    return influx.Call(Method::kPost, "/api/v2/write", lines, {{"Authorization", authorization}})
        .status;
  };
  EXPECT_EQ(write("Token " + secret), write("Bearer " + api().token())) << "as InfluxDB sends it";
  EXPECT_EQ(write("Token " + secret + "x"), 401);
}

TEST_F(Roles, AChangedRoleAndADeactivationHoldAtOnce) {
  const std::string token = TokenOf(auth::Role::kEngineer);
  ApiClient engineer = Anonymous();
  engineer.set_token(token);
  EXPECT_EQ(engineer.Get("/api/mqtt/clients").status, 200);
  const std::string path = "/api/users/" + ids_.at("engineer");
  EXPECT_EQ(api().Put(path, {{"role", "viewer"}}).status, 200);
  EXPECT_EQ(engineer.Get("/api/mqtt/clients").status, 403);
  EXPECT_EQ(engineer.Get("/api/devices").status, 200);
  EXPECT_EQ(api().Put(path, {{"is_active", false}}).status, 200);
  EXPECT_EQ(engineer.Get("/api/devices").status, 401);
  const std::string own = "/api/users/" + ids_.at("admin");
  ExpectError(api().Put(own, {{"role", "viewer"}}), 409, "CONFLICT");
  ExpectError(api().Put(own, {{"is_active", false}}), 409, "CONFLICT");
}

TEST_F(Roles, TheDocumentAndTheTableNameTheSameRoutes) {
  std::set<std::string> in_table;
  for (const api::RouteAccess& row : api::AccessTable()) {
    in_table.insert(std::string(http::MethodName(row.method)) + " " + std::string(row.pattern));
  }
  std::set<std::string> in_document;
  const base::Json document =
      base::Json::parse(Anonymous().Get("/api/openapi.json").response.Body());
  for (const auto& [path, operations] : document.at("paths").items()) {
    for (const auto& [method, operation] : operations.items()) {
      if (method == "parameters") continue;
      std::string name = method;
      for (char& c : name) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
      in_document.insert(name + " " + path);
    }
  }
  EXPECT_EQ(in_table, in_document);
}

}  // namespace
}  // namespace energy::integration
