#include "app/oidc_settings.h"

#include <algorithm>
#include <filesystem>

namespace energy::app {
namespace {

constexpr const char* kCallback = "/api/auth/oidc/callback";
constexpr size_t kMaxIssuerBytes = 255;

/// "value=role"; the value may have more of the sign.
std::optional<oidc::RoleRule> ParseRule(const std::string& text) {
  const size_t sign = text.rfind('=');
  if (sign == std::string::npos || sign == 0) return std::nullopt;
  const auto role = auth::ParseRole(text.substr(sign + 1));
  if (!role) return std::nullopt;
  return oidc::RoleRule{text.substr(0, sign), *role};
}

/// Scheme and host, without a path.
bool IsOrigin(const std::string& url) {
  return oidc::IsSecureUrl(url) &&
         url.find_first_of("/?#", url.find("//") + 2) == std::string::npos;
}

}  // namespace

void OidcSettings::Bind(base::Config& config) {
  config.Bind("auth.oidc.issuer", &issuer,
              {.description = "OpenID provider for logins, as its discovery document names it; "
                              "https, or http of this machine; empty: none."});
  config.Bind("auth.oidc.client_id", &client_id,
              {.description = "What the provider calls this platform."});
  config.Bind("auth.oidc.client_secret", &client_secret,
              {.description = "Secret of that client; empty: a public client, with PKCE alone.",
               .secret = true});
  config.Bind("auth.oidc.public_url", &public_url,
              {.description = "Where browsers reach this platform, as https://host[:port]. The "
                              "provider must know this with /api/auth/oidc/callback behind it."});
  config.Bind("auth.oidc.scopes", &scopes,
              {.description = "What the provider is asked for; openid among them."});
  config.Bind("auth.oidc.role_claim", &role_claim,
              {.description = "Claim that decides the role at each login, such as groups or "
                              "realm_access.roles; empty: accounts keep the role they have here."});
  config.Bind("auth.oidc.roles", &roles,
              {.description = "Which value of that claim gives which role, as value=admin, "
                              "value=engineer or value=viewer; the highest counts."});
  config.Bind("auth.oidc.default_role", &default_role,
              {.description = "Role of those whom no rule gives one.",
               .one_of = {"refuse", "viewer", "engineer"}});
  config.Bind("auth.oidc.label", &label,
              {.description = "What the button of the login page calls the provider."});
  config.Bind("auth.oidc.create_users", &create_users,
              {.description = "Whether who is not known yet gets an account."});
  config.Bind("auth.oidc.link_verified_email", &link_verified_email,
              {.description = "Whether an e-mail that the provider has verified opens the account "
                              "that has it here. Only for providers that verify them."});
  config.Bind("auth.oidc.ca_file", &ca_file,
              {.description = "PEM file of the authorities trusted for the provider's certificate; "
                              "empty: those of the system."});
}

base::Result<std::optional<oidc::Options>> OidcSettings::Check() const {
  if (issuer.empty()) return std::optional<oidc::Options>();
  std::vector<base::FieldError> errors;
  const auto require = [&errors](bool good, const char* option, const char* message) {
    if (!good) errors.push_back({std::string("auth.oidc.") + option, message});
  };
  require(oidc::IsSecureUrl(issuer) && issuer.find_first_of("?#") == std::string::npos &&
              issuer.size() <= kMaxIssuerBytes,
          "issuer", "must be https://host[/path], or http of this machine; at most 255 bytes");
  require(!client_id.empty(), "client_id", "is missing: the provider gives one to each client");
  require(IsOrigin(public_url), "public_url",
          "must be https://host[:port] without a path, or http of this machine");
  require(std::find(scopes.begin(), scopes.end(), "openid") != scopes.end(), "scopes",
          "must have openid");
  require(!label.empty() && label.size() <= 64, "label", "must have 1 to 64 bytes");
  require(role_claim.empty() == roles.empty(), "roles",
          "needs auth.oidc.role_claim, and the other way round");
  require(default_role != "refuse" || !role_claim.empty() || !create_users, "default_role",
          "must be viewer or engineer, unless auth.oidc.roles gives roles or "
          "auth.oidc.create_users is off");
  require(ca_file.empty() || std::filesystem::exists(ca_file), "ca_file", "does not exist");
  oidc::Options options{.issuer = issuer,
                        .client_id = client_id,
                        .client_secret = client_secret,
                        .scopes = scopes,
                        .redirect_uri = public_url + kCallback,
                        .role_claim = role_claim,
                        .default_role = auth::ParseRole(default_role),
                        .create_users = create_users,
                        .link_verified_email = link_verified_email};
  for (const std::string& text : roles) {
    const auto rule = ParseRule(text);
    require(rule.has_value(), "roles", "takes value=admin, value=engineer or value=viewer");
    if (rule) options.roles.push_back(*rule);
  }
  if (!errors.empty()) return base::InvalidArgument("the configuration is not valid", errors);
  return std::optional<oidc::Options>(std::move(options));
}

}  // namespace energy::app
