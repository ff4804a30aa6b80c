#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"

namespace energy::auth {

/// Time-based one-time passwords (RFC 6238): HMAC-SHA1, 30 s, six digits, as every app knows them.

/// RFC 4648 §6, without padding.
std::string EncodeBase32(std::string_view bytes);

/// The code of a step (RFC 4226 §5.3).
std::string TotpCode(std::string_view secret, int64_t step);

/// The step of a time.
int64_t TotpStep(base::Timestamp time);

/// The step whose code this is: of now, or one before or after, for clocks that differ. Only steps
/// after `last_step` count, so that no code is good twice.
std::optional<int64_t> FindTotpStep(std::string_view secret, std::string_view code,
                                    base::Timestamp now, int64_t last_step);

/// "otpauth://totp/...": what an authenticator reads from a QR picture.
std::string OtpauthUri(std::string_view secret, std::string_view account);

}  // namespace energy::auth
