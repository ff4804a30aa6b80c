#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "auth/login_throttle.h"
#include "auth/model.h"
#include "auth/password.h"
#include "auth/refresh_token_repository.h"
#include "auth/revocations.h"
#include "auth/token.h"
#include "auth/user_repository.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/random.h"
#include "base/status.h"
#include "sql/database.h"

namespace energy::auth {

struct AuthOptions {
  std::chrono::seconds access_ttl{3600};
  std::chrono::seconds refresh_ttl{7 * 24 * 3600};
  unsigned bcrypt_cost = PasswordHasher::kDefaultCost;
  ThrottleOptions throttle{};
};

/// What a login or a refresh answers.
struct Session {
  std::string token;
  std::string refresh_token;
  std::chrono::seconds expires_in{};
  User user;
};

struct FirstAdmin {
  bool created = false;
  std::string email;
  /// Only when it was generated here: to be shown once.
  std::optional<std::string> generated_password;
};

/// Accounts, sessions and tokens (LLD §4.1, decisions 5 and 6).
///
/// A login starts a session: a family of refresh tokens, each good for one refresh. The reuse of a
/// spent one means that it was stolen from somebody, so the family ends, and with it the access
/// tokens that carry its id.
///
/// Threads: safe anywhere. Login, Refresh, Logout, GetUser and EnsureFirstAdmin block on SQL, and
///   Login for a bcrypt (255 ms): on a worker pool. Authenticate takes microseconds.
class AuthService {
 public:
  AuthService(sql::Database& database, const base::Clock& clock, base::Random& random,
              std::string signing_key, AuthOptions options, base::Logger logger);

  /// Reads the sessions ended not long ago, so that a restart does not revive their access tokens.
  base::Status Load();

  /// `remote`: the address it came from, for the log.
  /// Errors: kUnauthenticated with one text for unknown, inactive and wrong, after the same time;
  ///   kRateLimited while the account is locked, with the fields "retry_after_s" (seconds) and
  ///   "limit" (failures that are free).
  base::Result<Session> Login(std::string_view email, std::string_view password,
                              std::string_view remote);

  /// Spends `refresh_token` and gives a new pair. Errors: kUnauthenticated.
  base::Result<Session> Refresh(std::string_view refresh_token);

  /// Ends the session of a token: its refresh tokens and its access tokens.
  base::Status Logout(const Claims& claims);

  /// Whom an access token belongs to. `bearer`: the token alone, or "Bearer <token>".
  /// Errors: kUnauthenticated.
  base::Result<Claims> Authenticate(std::string_view bearer) const;

  /// Errors: kNotFound.
  base::Result<User> GetUser(std::string_view id);

  /// Adds an account. Errors: kInvalidArgument with fields, kConflict.
  base::Result<User> CreateUser(std::string_view email, std::string_view full_name, Role role,
                                std::string_view password);

  /// Makes one admin when there are no users yet (decision 6). Without an email it is
  /// "admin@localhost", without a password 16 random characters.
  base::Result<FirstAdmin> EnsureFirstAdmin(const std::optional<std::string>& email,
                                            const std::optional<std::string>& password);

 private:
  base::Result<Session> OpenSession(sql::Connection& connection, const User& user,
                                    const std::string& family_id);
  void Revoke(const std::string& family_id);

  sql::Database& database_;
  const base::Clock& clock_;
  base::Random& random_;
  const AuthOptions options_;
  base::Logger logger_;
  const TokenSigner signer_;
  const PasswordHasher hasher_;
  const UserRepository users_;
  const RefreshTokenRepository refresh_tokens_;
  LoginThrottle throttle_;
  Revocations revocations_;
};

}  // namespace energy::auth
