#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "auth/model.h"
#include "base/clock.h"
#include "base/random.h"
#include "base/status.h"
#include "sql/database.h"
#include "sql/list_query.h"

namespace energy::auth {

/// A key of a machine, without its secret.
struct ApiKey {
  std::string id;  ///< UUID
  std::string name;
  std::string hint;  ///< how the key begins
  Scopes scopes = 0;
  std::optional<std::string> created_by;  ///< email, while that account exists
  base::Timestamp created_at;
  std::optional<base::Timestamp> expires_at;
  std::optional<base::Timestamp> last_used;
};

struct StoredApiKey {
  ApiKey key;
  std::string secret_hash;  ///< hex
};

/// The table `api_keys`.
///
/// Threads: safe anywhere.
class ApiKeyRepository {
 public:
  base::Result<std::vector<StoredApiKey>> All(sql::Connection& connection) const;
  /// `created_by`: id of a user. Errors: kConflict for a known name.
  base::Status Create(sql::Connection& connection, const StoredApiKey& stored,
                      std::string_view created_by) const;
  /// Errors: kNotFound.
  base::Result<ApiKey> Get(sql::Connection& connection, std::string_view id) const;
  /// Errors: kNotFound.
  base::Status Remove(sql::Connection& connection, std::string_view id) const;
  /// `sort`: name (default), created_at, expires_at, last_used; see ListQuery::Sort.
  base::Result<sql::Listing<ApiKey>> List(sql::Connection& connection, std::string_view search,
                                          std::string_view sort, sql::Page page) const;
  /// `used`: by id.
  base::Status SaveLastUsed(sql::Connection& connection,
                            const std::map<std::string, base::Timestamp>& used) const;
};

}  // namespace energy::auth
