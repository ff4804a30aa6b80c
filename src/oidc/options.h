#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "auth/model.h"

namespace energy::oidc {

/// Whoever has `value` in the claim of roles gets `role`.
struct RoleRule {
  std::string value;
  auth::Role role = auth::Role::kViewer;
};

/// One OpenID provider, and who may come in by it.
struct Options {
  std::string issuer = {};  ///< https://, or http:// of this machine
  std::string client_id = {};
  std::string client_secret = {};  ///< empty: a public client, which PKCE alone protects
  std::vector<std::string> scopes{"openid", "email", "profile"};
  std::string redirect_uri = {};  ///< of this platform's callback, as the provider knows it
  /// Name of the claim that says what somebody is; "realm_access.roles" for a member of an object.
  /// Empty: the role is that of the account, and `default_role` that of new ones.
  std::string role_claim = {};
  std::vector<RoleRule> roles = {};
  std::optional<auth::Role> default_role = {};  ///< without a rule that applies; nothing: refused
  bool create_users = true;
  /// Whether an e-mail that the provider has verified opens the account that has it already.
  bool link_verified_email = false;
};

/// Whether a URL is one to send secrets to: https://, or http:// to a loopback address.
bool IsSecureUrl(std::string_view url);

}  // namespace energy::oidc
