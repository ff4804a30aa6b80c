#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/random.h"

namespace energy::auth {

/// Encrypts what must be read again, with AES-256-GCM (NIST SP 800-38D): base64url of nonce, cipher
/// text and tag. `key`: 32 bytes. `owner`: what it belongs to, so that a copy elsewhere opens
/// nothing.
std::string Seal(std::string_view key, std::string_view owner, std::string_view plain,
                 base::Random& random);

/// Nothing when it was not sealed with that key for that owner.
std::optional<std::string> Unseal(std::string_view key, std::string_view owner,
                                  std::string_view sealed);

}  // namespace energy::auth
