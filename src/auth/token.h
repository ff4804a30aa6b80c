#pragma once

#include <string>
#include <string_view>

#include "auth/model.h"
#include "base/clock.h"
#include "base/status.h"

namespace energy::auth {

inline constexpr std::string_view kIssuer = "energy-platform";
inline constexpr std::string_view kAudience = "energy-platform-users";

/// What an access token says about its bearer (decision 5, LLD §10.1).
struct Claims {
  std::string user_id;  ///< claims `sub` and `userId`
  std::string email;
  Role role = Role::kViewer;
  std::string session_id;  ///< claim `sid`: the family of refresh tokens it came from
  std::string token_id;    ///< claim `jti`
  base::Timestamp issued_at;
  base::Timestamp expires_at;
};

/// JSON Web Tokens with HS256 (RFC 7519, RFC 7515). The algorithm is fixed; the token's header is
/// only checked against it.
///
/// Threads: safe anywhere. Cost: a few microseconds.
class TokenSigner {
 public:
  static constexpr size_t kMaxTokenBytes = 4096;

  /// `key`: at least 32 bytes.
  TokenSigner(std::string key, const base::Clock& clock);

  std::string Sign(const Claims& claims) const;

  /// Errors: kUnauthenticated for anything but a whole token of ours that has not expired; the
  /// message says "expired" when that is all that is wrong.
  base::Result<Claims> Verify(std::string_view token) const;

 private:
  const std::string key_;
  const base::Clock& clock_;
};

}  // namespace energy::auth
