#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/config.h"
#include "base/status.h"
#include "oidc/options.h"

namespace energy::app {

/// auth.oidc.*: login by an OpenID provider.
struct OidcSettings {
  std::string issuer;
  std::string client_id;
  std::string client_secret;
  std::string public_url;
  std::vector<std::string> scopes{"openid", "email", "profile"};
  std::string role_claim;
  std::vector<std::string> roles;
  std::string default_role = "refuse";
  std::string label = "single sign-on";
  bool create_users = true;
  bool link_verified_email = false;
  std::string ca_file;

  void Bind(base::Config& config);

  /// Nothing without an issuer. Errors: kInvalidArgument with all options that are wrong.
  base::Result<std::optional<oidc::Options>> Check() const;
};

}  // namespace energy::app
