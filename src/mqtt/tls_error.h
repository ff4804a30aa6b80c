#pragma once

#include <openssl/err.h>

#include <cstring>
#include <string>

namespace energy::mqtt {

/// What OpenSSL says of the last failure on this thread, which it forgets. The first error says
/// what happened, the later ones who passed it on.
inline std::string TakeTlsError() {
  const unsigned long code = ERR_get_error();  // NOLINT(google-runtime-int): OpenSSL's
  ERR_clear_error();
  if (ERR_SYSTEM_ERROR(code)) return std::strerror(ERR_GET_REASON(code));
  const char* reason = ERR_reason_error_string(code);
  return reason != nullptr ? reason : "unknown error";
}

}  // namespace energy::mqtt
