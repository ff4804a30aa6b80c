#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "auth/accounts.h"
#include "auth/api_key_repository.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/random.h"
#include "base/status.h"
#include "sql/database.h"

namespace energy::auth {

/// A key as it is shown once.
struct IssuedApiKey {
  ApiKey key;
  std::string secret;  ///< "ep_" and 40 characters: the bearer token
};

/// Keys of machines: named, with scopes, revocable.
///
/// Threads: safe anywhere; all block on SQL.
class ApiKeyService {
 public:
  ApiKeyService(sql::Database& database, const base::Clock& clock, base::Random& random,
                Accounts& accounts, base::Logger logger)
      : database_(database),
        clock_(clock),
        random_(random),
        accounts_(accounts),
        logger_(std::move(logger)) {}

  /// `name`: 1 to 100 characters. Without `expires_at` it is good until it is revoked.
  /// Errors: kInvalidArgument with fields, kConflict for a known name.
  base::Result<IssuedApiKey> Create(const Actor& actor, std::string_view name, Scopes scopes,
                                    std::optional<base::Timestamp> expires_at);
  base::Result<sql::Listing<ApiKey>> List(std::string_view search, std::string_view sort,
                                          sql::Page page);
  /// It opens nothing any more when this returns. Errors: kNotFound.
  base::Status Revoke(const Actor& actor, std::string_view id);

 private:
  sql::Database& database_;
  const base::Clock& clock_;
  base::Random& random_;
  Accounts& accounts_;
  base::Logger logger_;
  const ApiKeyRepository keys_{};
};

}  // namespace energy::auth
