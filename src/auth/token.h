#pragma once

#include <array>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "auth/model.h"
#include "base/clock.h"
#include "base/status.h"

namespace energy::auth {

inline constexpr std::string_view kIssuer = "energy-platform";
inline constexpr std::string_view kAudience = "energy-platform-users";

/// What an access token says about its bearer (decision 5, LLD §10.1), or whose an API key is.
struct Claims {
  std::string user_id;  ///< claims `sub` and `userId`; empty for an API key
  std::string email;    ///< of an API key: its name
  Role role = Role::kViewer;
  std::string session_id;  ///< claim `sid`: the family of refresh tokens it came from
  std::string token_id;    ///< claim `jti`
  base::Timestamp issued_at;
  base::Timestamp expires_at;
  std::string api_key_id = {};  ///< set for an API key, which has scopes instead of a role
  Scopes scopes = 0;

  bool is_api_key() const { return !api_key_id.empty(); }
};

/// JSON Web Tokens with HS256 (RFC 7519, RFC 7515). The algorithm is fixed; the token's header is
/// only checked against it.
///
/// Threads: safe anywhere. Cost: below a microsecond for a token that was verified a short while
/// ago, else ten.
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
  // A genuine token and what it says: clients send the same one with each request. Bounded, and no
  // way around the expiry or a revocation: those are looked at each time.
  struct Known {
    std::string token;
    Claims claims;
  };
  std::optional<Claims> Recall(std::string_view token) const;
  void Remember(std::string_view token, const Claims& claims) const;
  Known& Slot(std::string_view token) const {
    return known_[std::hash<std::string_view>()(token) % known_.size()];
  }

  const std::string key_;
  const base::Clock& clock_;
  mutable std::mutex mutex_;
  mutable std::array<Known, 256> known_;  // guarded by mutex_; by a hash of the token
};

}  // namespace energy::auth
