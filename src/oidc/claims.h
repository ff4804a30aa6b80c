#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "auth/model.h"
#include "base/json.h"
#include "oidc/options.h"

namespace energy::oidc {

/// Somebody whom the provider vouches for.
struct Person {
  std::string issuer;
  std::string subject;  ///< never given to another person by the same issuer (OIDC Core §5.7)
  std::string email;    ///< normalized; may be empty
  /// What the provider says of it; many say nothing.
  std::optional<bool> email_verified;
  std::string name;                ///< never empty
  std::optional<auth::Role> role;  ///< by the rules; nothing: may not come in
};

/// The claim of that name; of "a.b", when no claim is named so, the member b of the claim a. Null
/// when there is none.
const base::Json* FindClaim(const base::Json& claims, std::string_view name);

/// Who the (verified) claims speak of. The highest role of all rules that apply counts.
Person PersonOf(const base::Json& claims, const Options& options);

}  // namespace energy::oidc
