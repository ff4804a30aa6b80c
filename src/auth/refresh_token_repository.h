#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/random.h"
#include "base/status.h"
#include "sql/database.h"

namespace energy::auth {

/// What came of presenting a refresh token.
struct SpentToken {
  enum class Outcome {
    kSpent,    ///< good, and now used up
    kReused,   ///< used before: its family must end
    kInvalid,  ///< unknown, expired or revoked
  };
  Outcome outcome = Outcome::kInvalid;
  std::string family_id;
  std::string user_id;
};

/// The table `refresh_tokens`. Only SHA-256 hashes are stored: the tokens have 256 random bits.
///
/// Threads: safe anywhere.
class RefreshTokenRepository {
 public:
  RefreshTokenRepository(base::Random& random, const base::Clock& clock);

  /// A new token of the family, good for `ttl`. Drops the expired ones of everybody.
  base::Result<std::string> Issue(sql::Connection& connection, const std::string& family_id,
                                  const std::string& user_id, std::chrono::seconds ttl) const;
  base::Result<SpentToken> Spend(sql::Connection& connection, std::string_view token) const;
  base::Status RevokeFamily(sql::Connection& connection, const std::string& family_id) const;
  /// Revokes the families of a user but `except`, and tells which.
  base::Result<std::vector<std::string>> RevokeUser(sql::Connection& connection,
                                                    std::string_view user_id,
                                                    std::string_view except) const;
  /// Families revoked at or after `since`, with the latest time.
  base::Result<std::vector<std::pair<std::string, base::Timestamp>>> RevokedSince(
      sql::Connection& connection, base::Timestamp since) const;

 private:
  base::Random& random_;
  const base::Clock& clock_;
};

}  // namespace energy::auth
