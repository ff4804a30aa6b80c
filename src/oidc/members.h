#pragma once

#include "auth/auth_service.h"
#include "auth/password.h"
#include "auth/user_repository.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/random.h"
#include "base/status.h"
#include "oidc/claims.h"
#include "oidc/options.h"
#include "sql/database.h"

namespace energy::oidc {

/// Why somebody whom the provider vouches for does not come in. Never rename: in the page's URL.
inline constexpr const char* kReasonField = "reason";
inline constexpr const char* kRefused = "refused";
inline constexpr const char* kEmailTaken = "email_taken";
inline constexpr const char* kEmailMissing = "email_missing";
/// Field with the id of the account that it was about, where there is one.
inline constexpr const char* kUserField = "user_id";

/// The accounts of those who log in by a provider (table `user_identities`). An account belongs to
/// an issuer and a subject; an e-mail finds an account that is there already only when the provider
/// has verified it and Options::link_verified_email says so.
///
/// Threads: safe anywhere. Blocks on SQL, and for a new account on a bcrypt (255 ms).
class Members {
 public:
  /// All outlive it.
  Members(const Options& options, sql::Database& database, auth::AuthService& sessions,
          const base::Clock& clock, base::Random& random, unsigned bcrypt_cost,
          base::Logger logger);

  /// The account of `person`, with the role of now: made, linked or updated where that is due, and
  /// noted in the audit log.
  /// Errors: kPermissionDenied with the fields "reason" and "user_id"; kConflict, when it is the
  ///   last active admin whose role would be taken, with the reason "refused"; those of SQL.
  base::Result<auth::User> Admit(const Person& person);

 private:
  struct Outcome {
    auth::User user;
    bool changed = false;
  };

  base::Result<std::optional<auth::User>> Find(sql::Connection& connection, const Person& person);
  base::Result<auth::User> Link(sql::Connection& connection, const Person& person,
                                const std::string& password_hash);
  base::Result<Outcome> Update(sql::Connection& connection, const auth::User& user,
                               const Person& person);
  base::Status NoteIdentity(sql::Connection& connection, const auth::User& user,
                            const Person& person);

  const Options& options_;
  sql::Database& database_;
  auth::AuthService& sessions_;
  const base::Clock& clock_;
  base::Random& random_;
  base::Logger logger_;
  const auth::PasswordHasher hasher_;
  const auth::UserRepository users_;
};

}  // namespace energy::oidc
