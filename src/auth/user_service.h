#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "auth/auth_service.h"
#include "auth/model.h"
#include "auth/password.h"
#include "auth/user_repository.h"
#include "base/clock.h"
#include "base/json.h"
#include "base/log.h"
#include "base/random.h"
#include "base/status.h"
#include "sql/database.h"
#include "sql/list_query.h"

namespace energy::auth {

/// What the audit log keeps of an account.
base::Json AuditState(const User& user);

/// Field errors for a password that somebody chooses, as NIST SP 800-63B §5.1.1.2 has it: by length
/// and by what is tried first, not by which characters it has. `email`: of the account.
base::Status CheckNewPassword(std::string_view password, std::string_view email,
                              std::string_view field);

/// Administration of accounts, and what a user does with his own.
///
/// Threads: safe anywhere. All block on SQL, and those that take a password for a bcrypt (255 ms).
class UserService {
 public:
  UserService(sql::Database& database, const base::Clock& clock, base::Random& random,
              AuthService& sessions, unsigned bcrypt_cost, base::Logger logger);

  /// Errors: kInvalidArgument with fields, kConflict for a known email.
  base::Result<User> Create(const Actor& actor, std::string_view email, std::string_view full_name,
                            Role role, std::string_view password);
  /// Errors: kNotFound.
  base::Result<User> Get(std::string_view id);
  base::Result<sql::Listing<User>> List(const UserFilter& filter, sql::Page page);

  /// A changed role holds for tokens in use when this returns; a deactivation ends the sessions.
  /// Errors: kInvalidArgument with fields, kNotFound, kConflict for a stale version and when no
  ///   active admin would be left.
  base::Result<User> Update(const Actor& actor, std::string_view id, const UserPatch& patch);

  /// Ends the sessions of that user. Errors: kInvalidArgument, kNotFound.
  base::Status ResetPassword(const Actor& actor, std::string_view id, std::string_view password);

  /// Ends the other sessions of the actor. `session_id`: the one that stays.
  /// Errors: kInvalidArgument with fields, kRateLimited after wrong present passwords.
  base::Status ChangePassword(const Actor& actor, std::string_view session_id,
                              std::string_view present, std::string_view next);

 private:
  base::Status StorePassword(std::string_view user_id, std::string_view password,
                             std::string_view except_session);

  sql::Database& database_;
  const base::Clock& clock_;
  AuthService& sessions_;
  base::Logger logger_;
  const PasswordHasher hasher_;
  const UserRepository users_;
};

}  // namespace energy::auth
