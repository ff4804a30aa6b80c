#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/json.h"
#include "base/status.h"
#include "oidc/jwk.h"

namespace energy::oidc {

/// What an ID token must say.
struct Expected {
  std::string issuer;
  std::string client_id;
  std::string nonce;
  base::Timestamp now;
};

/// Finds the key that a token names, or says why there is none.
using FindKey =
    std::function<base::Result<Key>(const std::optional<std::string>& id, Algorithm algorithm)>;

/// The claims of an ID token (a JWT of at most 16 KiB) that passes every check of OIDC Core
/// §3.1.3.7: signature by a key of the provider, issuer, audience, authorized party, expiry, time
/// of issue, nonce, and a subject. Clocks may differ by a minute.
///
/// Errors: kUnauthenticated, with what is wrong for the log; those of `find_key`.
/// Threads: as `find_key`.
base::Result<base::Json> VerifyIdToken(std::string_view token, const FindKey& find_key,
                                       const Expected& expected);

}  // namespace energy::oidc
