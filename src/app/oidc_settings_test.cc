#include "app/oidc_settings.h"

#include <gtest/gtest.h>

#include <functional>

namespace energy::app {
namespace {

OidcSettings Good() {
  OidcSettings settings;
  settings.issuer = "https://id.example.com/realms/plant";
  settings.client_id = "energy";
  settings.client_secret = "s3cret";
  settings.public_url = "https://energy.example.com:8443";
  settings.role_claim = "groups";
  settings.roles = {"energy-admins=admin", "a=b=viewer"};
  return settings;
}

TEST(OidcSettings, BecomeTheOptionsOfTheLogin) {
  const auto options = Good().Check();
  ASSERT_TRUE(options.ok()) << options.status().ToString();
  ASSERT_TRUE(options->has_value());
  EXPECT_EQ((*options)->redirect_uri, "https://energy.example.com:8443/api/auth/oidc/callback");
  ASSERT_EQ((*options)->roles.size(), 2U);
  EXPECT_EQ((*options)->roles[1].value, "a=b");
  EXPECT_EQ((*options)->roles[1].role, auth::Role::kViewer);
  EXPECT_EQ((*options)->default_role, std::nullopt);
}

TEST(OidcSettings, AreNothingWithoutAnIssuer) {
  const auto options = OidcSettings().Check();
  ASSERT_TRUE(options.ok());
  EXPECT_FALSE(options->has_value());
}

TEST(OidcSettings, NameEachMistakeByItsOption) {
  using Change = std::function<void(OidcSettings&)>;
  const auto issuer = [](const char* url) { return [=](OidcSettings& s) { s.issuer = url; }; };
  const auto page = [](const char* url) { return [=](OidcSettings& s) { s.public_url = url; }; };
  for (const auto& [option, change] : std::vector<std::pair<std::string, Change>>{
           {"issuer", issuer("http://id.example.com")},
           {"issuer", issuer("https://id.example.com?tenant=1")},
           {"issuer", issuer("id.example.com")},
           {"client_id", [](OidcSettings& s) { s.client_id = ""; }},
           {"public_url", page("")},
           {"public_url", page("http://energy.example.com")},
           {"public_url", page("https://energy.example.com/")},
           {"public_url", page("https://energy.example.com/page")},
           {"public_url", page("https://energy.example.com@evil.example")},
           {"scopes", [](OidcSettings& s) { s.scopes = {"email"}; }},
           {"label", [](OidcSettings& s) { s.label = ""; }},
           {"roles", [](OidcSettings& s) { s.roles = {"staff=owner"}; }},
           {"roles", [](OidcSettings& s) { s.roles = {"=admin"}; }},
           {"roles", [](OidcSettings& s) { s.roles = {}; }},
           {"roles", [](OidcSettings& s) { s.role_claim = ""; }},
           {"ca_file", [](OidcSettings& s) { s.ca_file = "/no/such/file.pem"; }}}) {
    OidcSettings settings = Good();
    change(settings);
    const base::Status status = settings.Check().status();
    ASSERT_FALSE(status.ok()) << option;
    EXPECT_EQ(status.fields().front().field, "auth.oidc." + option) << status.ToString();
  }
  OidcSettings nobody = Good();
  nobody.role_claim = "";
  nobody.roles = {};
  EXPECT_EQ(nobody.Check().status().fields().front().field, "auth.oidc.default_role");
  nobody.default_role = "viewer";
  EXPECT_TRUE(nobody.Check().ok());
  OidcSettings several = Good();
  several.client_id = several.public_url = "";
  EXPECT_EQ(several.Check().status().fields().size(), 2U) << "all at once";
}

TEST(OidcSettings, ShowNoSecret) {
  OidcSettings settings = Good();
  base::Config config;
  settings.Bind(config);
  EXPECT_EQ(config.Print().find("s3cret"), std::string::npos);
  EXPECT_NE(config.Print().find("realms/plant"), std::string::npos);
}

}  // namespace
}  // namespace energy::app
