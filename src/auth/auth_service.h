#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "auth/accounts.h"
#include "auth/failed_logins.h"
#include "auth/login_throttle.h"
#include "auth/model.h"
#include "auth/password.h"
#include "auth/refresh_token_repository.h"
#include "auth/revocations.h"
#include "auth/second_factor.h"
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
  /// Whether access tokens are taken while the cache cannot say which sessions have ended.
  bool trust_without_cache = false;
  /// Hides the secrets of API keys; at least 32 bytes.
  std::string credential_key = {};
};

/// What replicas share of sessions and failed logins; both outlive the service.
struct AuthCaches {
  cache::Cache& sessions;  ///< ended ones
  cache::Cache& counts;    ///< of failed logins; has no errors that last
};

/// What a login or a refresh answers.
struct Session {
  std::string token;
  std::string refresh_token;
  std::chrono::seconds expires_in{};
  User user;
  /// Set instead of the tokens when the second factor is to come: see FinishLogin. It lives for
  /// `expires_in`.
  std::string challenge = {};
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
/// tokens that carry its id. Logins, logouts and reuse are in the audit log, failures in batches
/// (FailedLogins).
///
/// Threads: safe anywhere. Login, Refresh, Logout, GetUser and EnsureFirstAdmin block on SQL, and
///   Login for a bcrypt (255 ms): on a worker pool. Authenticate takes microseconds, and an
///   exchange with the cache's server where there is one (AuthCaches).
class AuthService {
 public:
  AuthService(sql::Database& database, AuthCaches caches, const base::Clock& clock,
              base::Random& random, std::string signing_key, AuthOptions options,
              base::Logger logger);

  /// Reads the sessions ended not long ago, so that a restart does not revive their access tokens.
  base::Status Load();

  /// Tells the replicas again which sessions have ended: when their cache came back.
  void ShareEndedSessions() { revocations_.Share(clock_.Now()); }

  /// `remote`: the address it came from, for the log and its lock.
  /// Errors: kUnauthenticated with one text for unknown, inactive and wrong, after the same time;
  ///   kRateLimited while the account or the address is locked, with the fields "retry_after_s"
  ///   (seconds) and "limit" (failures that are free).
  base::Result<Session> Login(std::string_view email, std::string_view password,
                              std::string_view remote);

  /// The second step of a login: a code of the authenticator or a recovery code. Wrong ones count
  /// as wrong passwords do. Errors: kUnauthenticated, kRateLimited as Login.
  base::Result<Session> FinishLogin(std::string_view challenge, std::string_view code,
                                    std::string_view remote);

  /// A session of a user for whom another way of logging in has vouched. `remote`: as Login.
  /// Errors: those of SQL.
  base::Result<Session> LoginVouched(User user, std::string_view remote);

  /// Spends `refresh_token` and gives a new pair. Errors: kUnauthenticated.
  base::Result<Session> Refresh(std::string_view refresh_token);

  /// Ends the session of a token: its refresh tokens and its access tokens.
  base::Status Logout(const Claims& claims);

  /// Ends the sessions of a user but `except`, in a transaction of the caller.
  base::Status EndSessions(sql::Connection& connection, std::string_view user_id,
                           std::string_view except);

  /// Ok when `password` is that of the user with this email. Counts failures as Login does.
  /// Errors: kInvalidArgument for `field`, kRateLimited.
  base::Status ConfirmPassword(std::string_view email, std::string_view password,
                               std::string_view field);

  /// Whom an access token or an API key belongs to, with the role of now. `bearer`: the token
  /// alone, or "Bearer <token>".
  /// Errors: kUnauthenticated; kUnavailable while the cache cannot say whether the session has
  /// ended.
  base::Result<Claims> Authenticate(std::string_view bearer) const;

  /// Errors: kNotFound.
  base::Result<User> GetUser(std::string_view id);

  Accounts& accounts() { return accounts_; }
  FailedLogins& failed_logins() { return failed_logins_; }
  const SecondFactor& second_factor() const { return second_factor_; }

  /// Makes one admin when there are no users yet (decision 6). Without an email it is
  /// "admin@localhost", without a password 16 random characters.
  base::Result<FirstAdmin> EnsureFirstAdmin(const std::optional<std::string>& email,
                                            const std::optional<std::string>& password);

 private:
  base::Result<Session> StartSession(User user, std::string_view remote,
                                     SecondFactor::Spent second_factor);
  Session MakeChallenge(const User& user) const;
  base::Result<Session> OpenSession(sql::Connection& connection, const User& user,
                                    const std::string& family_id);
  void Revoke(const std::string& family_id);

  sql::Database& database_;
  const base::Clock& clock_;
  base::Random& random_;
  const AuthOptions options_;
  base::Logger logger_;
  const TokenSigner signer_;
  const TokenSigner challenge_signer_;
  const PasswordHasher hasher_;
  const UserRepository users_;
  const RefreshTokenRepository refresh_tokens_;
  const SecondFactor second_factor_;
  Accounts accounts_;
  FailedLogins failed_logins_;
  LoginThrottle throttle_;
  Revocations revocations_;
};

}  // namespace energy::auth
