#pragma once

#include <string>
#include <string_view>

namespace energy::auth {

/// HMAC-SHA256 (RFC 2104): 32 bytes.
std::string HmacSha256(std::string_view key, std::string_view data);

/// SHA-256 as 64 lower-case hex digits.
std::string Sha256Hex(std::string_view data);

std::string ToHex(std::string_view bytes);

/// Compares without telling by its time where the difference is. The lengths are not secret.
bool ConstantTimeEqual(std::string_view a, std::string_view b);

}  // namespace energy::auth
