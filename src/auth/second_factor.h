#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "auth/model.h"
#include "base/clock.h"
#include "base/random.h"
#include "base/status.h"
#include "sql/database.h"

namespace energy::auth {

/// The tables `second_factors` and `recovery_codes`: who logs in with a code of an authenticator
/// (RFC 6238) as well. Secrets are encrypted, recovery codes hashed. Statements run on the
/// connection of the caller.
///
/// Threads: safe anywhere.
class SecondFactor {
 public:
  /// `key`: at least 32 bytes.
  SecondFactor(base::Random& random, const base::Clock& clock, std::string_view key);

  struct Enrolment {
    std::string secret;  ///< base32, to be typed
    std::string uri;     ///< otpauth, to be shown as a QR picture
  };
  struct State {
    bool enabled = false;
    int64_t recovery_codes_left = 0;
  };

  /// What a login was completed with.
  enum class Spent { kNothing, kCode, kRecoveryCode };

  base::Result<State> Get(sql::Connection& connection, std::string_view user_id) const;

  /// Makes a secret that counts once Confirm has seen a code of it.
  /// Errors: kConflict while one is in use.
  base::Result<Enrolment> Begin(sql::Connection& connection, std::string_view user_id,
                                std::string_view email) const;

  /// The recovery codes, to be shown once. Errors: kInvalidArgument for a wrong code, kConflict
  /// when no enrolment has begun or it is confirmed already.
  base::Result<std::vector<std::string>> Confirm(sql::Connection& connection,
                                                 std::string_view user_id,
                                                 std::string_view code) const;

  /// Uses up a code of the authenticator or a recovery code. kNothing when it is wrong or was used.
  base::Result<Spent> Spend(sql::Connection& connection, std::string_view user_id,
                            std::string_view code) const;

  /// False when there was none.
  base::Result<bool> Remove(sql::Connection& connection, std::string_view user_id) const;

 private:
  struct Stored;
  base::Result<std::optional<Stored>> Find(sql::Connection& connection,
                                           std::string_view user_id) const;
  base::Result<bool> TakeStep(sql::Connection& connection, std::string_view user_id, int64_t step,
                              bool confirm) const;
  std::string CodeHash(std::string_view user_id, std::string_view code) const;

  base::Random& random_;
  const base::Clock& clock_;
  const std::string seal_key_;
  const std::string code_key_;
};

}  // namespace energy::auth
