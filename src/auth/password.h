#pragma once

#include <string>
#include <string_view>

#include "base/random.h"
#include "base/status.h"

namespace energy::auth {

/// bcrypt cuts its input here; longer passwords are refused instead.
inline constexpr size_t kMaxPasswordBytes = 72;
inline constexpr size_t kMinPasswordBytes = 8;

/// bcrypt ($2b$) by libxcrypt.
///
/// Threads: safe anywhere. Cost: 2^cost rounds, about 255 ms at 12: on a worker pool.
class PasswordHasher {
 public:
  static constexpr unsigned kDefaultCost = 12;

  /// `cost` 4 to 16; only tests go below the default.
  explicit PasswordHasher(base::Random& random, unsigned cost = kDefaultCost);

  /// Errors: kInvalidArgument (field "password") for less than 8 or more than 72 bytes, or a NUL.
  base::Result<std::string> Hash(std::string_view password) const;

  /// True when `hash` is a whole $2b$ hash of `password`. Compares in constant time.
  bool Verify(std::string_view password, const std::string& hash) const;

  /// Takes as long as Verify with a hash of this cost, for users that do not exist.
  void VerifyNobody(std::string_view password) const;

 private:
  base::Random& random_;
  const unsigned cost_;
};

}  // namespace energy::auth
