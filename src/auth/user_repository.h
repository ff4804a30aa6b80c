#pragma once

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

struct NewUser {
  std::string email;
  std::string full_name;
  Role role = Role::kViewer;
  std::string password_hash;
};

struct StoredUser {
  User user;
  std::string password_hash;
};

struct UserFilter {
  std::optional<Role> role = {};
  std::optional<bool> is_active = {};
  std::string search = {};  ///< in email and name
  std::string sort = {};    ///< email (default), full_name, role, created_at, last_login
};

/// What to change; what is absent stays.
struct UserPatch {
  std::optional<std::string> full_name = {};
  std::optional<Role> role = {};
  std::optional<bool> is_active = {};
  std::optional<int64_t> version = {};  ///< the version the change was made from
};

/// Field errors for an account about to be made; ok when there are none.
base::Status ValidateNewUser(const NewUser& user);

/// The table `users`. Statements run on the connection of the caller, who decides on transactions.
///
/// Threads: safe anywhere.
class UserRepository {
 public:
  UserRepository(base::Random& random, const base::Clock& clock);

  /// Without regard to case. Nothing when there is none.
  base::Result<std::optional<StoredUser>> FindByEmail(sql::Connection& connection,
                                                      std::string_view email) const;
  base::Result<std::optional<User>> FindById(sql::Connection& connection,
                                             std::string_view id) const;
  /// Errors: kInvalidArgument with fields, kConflict for a known email.
  base::Result<User> Create(sql::Connection& connection, const NewUser& user) const;
  base::Result<std::vector<User>> All(sql::Connection& connection) const;
  base::Result<sql::Listing<User>> List(sql::Connection& connection, const UserFilter& filter,
                                        sql::Page page) const;
  /// Errors: kInvalidArgument with fields, kNotFound, kConflict when `patch.version` is not the
  ///   present one, and when no active admin would be left.
  base::Result<User> Update(sql::Connection& connection, std::string_view id,
                            const UserPatch& patch) const;
  base::Status SetPassword(sql::Connection& connection, std::string_view id,
                           std::string_view password_hash) const;
  base::Status TouchLastLogin(sql::Connection& connection, std::string_view id) const;
  base::Result<int64_t> Count(sql::Connection& connection) const;

 private:
  base::Random& random_;
  const base::Clock& clock_;
};

}  // namespace energy::auth
