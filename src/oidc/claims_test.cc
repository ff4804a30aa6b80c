#include "oidc/claims.h"

#include <gtest/gtest.h>

namespace energy::oidc {
namespace {

using auth::Role;

Options WithRules(std::string claim) {
  Options options;
  options.issuer = "https://id.example.com";
  options.role_claim = std::move(claim);
  options.roles = {
      {"staff", Role::kViewer}, {"energy-admins", Role::kAdmin}, {"ops", Role::kEngineer}};
  return options;
}

std::optional<Role> RoleBy(const Options& options, const base::Json& claims) {
  return PersonOf(claims, options).role;
}

TEST(Claims, TheHighestRoleOfAllRulesCounts) {
  const Options options = WithRules("groups");
  EXPECT_EQ(RoleBy(options, {{"groups", {"staff", "ops"}}}), Role::kEngineer);
  EXPECT_EQ(RoleBy(options, {{"groups", {"energy-admins", "staff"}}}), Role::kAdmin);
  EXPECT_EQ(RoleBy(options, {{"groups", "staff"}}), Role::kViewer);
}

TEST(Claims, WhoNoRuleNamesGetsTheDefaultOrNothing) {
  Options options = WithRules("groups");
  for (const base::Json& claims :
       {base::Json::object(), base::Json{{"groups", {"others"}}}, base::Json{{"groups", "Staff"}},
        base::Json{{"groups", {{"staff", true}}}}, base::Json{{"groups", 7}},
        base::Json{{"role", "energy-admins"}}}) {
    options.default_role = std::nullopt;
    EXPECT_EQ(RoleBy(options, claims), std::nullopt) << claims.dump();
    options.default_role = Role::kViewer;
    EXPECT_EQ(RoleBy(options, claims), Role::kViewer) << claims.dump();
  }
}

TEST(Claims, ARoleMayLieWithinAnObject) {
  const base::Json keycloak{{"realm_access", {{"roles", {"ops"}}}}};
  EXPECT_EQ(RoleBy(WithRules("realm_access.roles"), keycloak), Role::kEngineer);
  EXPECT_EQ(RoleBy(WithRules("realm_access.groups"), keycloak), std::nullopt);
  EXPECT_EQ(
      RoleBy(WithRules("https://example.com/roles"), {{"https://example.com/roles", {"ops"}}}),
      Role::kEngineer)
      << "a name with dots";
}

TEST(Claims, APersonHasWhatTheProviderSays) {
  const Person person = PersonOf({{"sub", "s"},
                                  {"email", " Eve@Example.com "},
                                  {"email_verified", true},
                                  {"name", ""},
                                  {"preferred_username", "eve"}},
                                 WithRules("groups"));
  EXPECT_EQ(person.issuer, "https://id.example.com");
  EXPECT_EQ(person.subject, "s");
  EXPECT_EQ(person.email, "eve@example.com");
  EXPECT_EQ(person.email_verified, true);
  EXPECT_EQ(person.name, "eve");
  // Only true is verified: some providers send texts.
  EXPECT_EQ(PersonOf({{"email_verified", "true"}}, {}).email_verified, std::nullopt);
  EXPECT_EQ(PersonOf({{"name", std::string(256, 'x')}, {"email", "a@b.c"}}, {}).name, "a@b.c");
}

TEST(SecureUrls, AreHttpsOrOfThisMachine) {
  for (const char* url : {"https://a.example", "https://a.example:8443/x?y",
                          "http://localhost:80/x", "http://127.0.0.1", "http://[::1]:9"}) {
    EXPECT_TRUE(IsSecureUrl(url)) << url;
  }
  for (const char* url :
       {"", "http://a.example", "http://localhost.evil.example", "http://127.0.0.1.evil.example",
        "http://127.0.0.1@evil.example", "https://user@host", "https://", "ftp://localhost",
        "javascript:alert(1)", "https://a b", "http://evil.example\\@localhost", "//a.example"}) {
    EXPECT_FALSE(IsSecureUrl(url)) << url;
  }
}

}  // namespace
}  // namespace energy::oidc
