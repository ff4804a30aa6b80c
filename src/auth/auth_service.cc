#include "auth/auth_service.h"

#include <utility>

#include "audit/audit.h"
#include "auth/hash.h"

namespace energy::auth {
namespace {

constexpr std::string_view kFirstAdminEmail = "admin@localhost";
constexpr size_t kMaxAccountBytes = 255;
constexpr std::chrono::minutes kChallengeLife{5};

/// The request of this thread, as that of `user`.
audit::Actor ActorFor(const User& user, std::string_view remote) {
  audit::Actor actor = audit::CurrentActor().value_or(audit::Actor());
  actor.id = user.id;
  actor.name = user.email;
  if (!remote.empty()) actor.address = remote;
  return actor;
}

std::string AddressOfRequest() { return audit::CurrentActor().value_or(audit::Actor()).address; }

base::Status Locked(std::chrono::seconds left, int free_failures) {
  const std::string seconds = std::to_string(left.count());
  return {base::Code::kRateLimited,
          "too many failed logins: try again in " + seconds + " s",
          {{"retry_after_s", seconds}, {"limit", std::to_string(free_failures)}}};
}

}  // namespace

AuthService::AuthService(sql::Database& database, AuthCaches caches, const base::Clock& clock,
                         base::Random& random, std::string signing_key, AuthOptions options,
                         base::Logger logger)
    : database_(database),
      clock_(clock),
      random_(random),
      options_(std::move(options)),
      logger_(std::move(logger)),
      signer_(signing_key, clock),
      // Another key, so that half a login is no access token.
      challenge_signer_(HmacSha256(signing_key, "second factor"), clock),
      hasher_(random, options_.bcrypt_cost),
      users_(random, clock),
      refresh_tokens_(random, clock),
      second_factor_(random, clock, options_.credential_key),
      accounts_(database, clock, random, HmacSha256(options_.credential_key, "api keys"), logger_),
      failed_logins_(database, clock, logger_),
      throttle_(options_.throttle, caches.counts, clock),
      revocations_(caches.sessions) {}

base::Status AuthService::Load() {
  const base::Timestamp now = clock_.Now();
  ENERGY_ASSIGN_OR_RETURN(const auto families, database_.Read([&](sql::Connection& connection) {
    return refresh_tokens_.RevokedSince(connection, now - options_.access_ttl);
  }));
  for (const auto& [family_id, revoked_at] : families) {
    revocations_.Add(family_id, revoked_at + options_.access_ttl, now);
  }
  return accounts_.Load();
}

base::Result<Session> AuthService::Login(std::string_view email, std::string_view password,
                                         std::string_view remote) {
  const std::string account = NormalizeEmail(email);
  const bool plausible = account.size() <= kMaxAccountBytes && sql::IsStorableText(account);
  if (const auto left = throttle_.Locked(account, remote); left.count() > 0) {
    failed_logins_.Add("", remote, FailedLogins::Why::kLocked);
    return Locked(left, options_.throttle.free_failures);
  }

  std::optional<StoredUser> stored;
  if (plausible) {
    ENERGY_ASSIGN_OR_RETURN(stored, database_.Read([&](sql::Connection& connection) {
      return users_.FindByEmail(connection, account);
    }));
  }
  bool good = false;
  if (stored) {
    good = hasher_.Verify(password, stored->password_hash) && stored->user.is_active;
  } else {
    hasher_.VerifyNobody(password);
  }
  if (!good) {
    if (plausible) throttle_.Failed(account, remote);
    failed_logins_.Add(stored ? stored->user.id : "", remote, FailedLogins::Why::kPassword);
    // The email as typed may be a password in the wrong field, so it stays out of the log.
    logger_->warn("failed login of {} from {}", stored ? "user " + stored->user.id : "nobody known",
                  remote);
    return base::Unauthenticated("email or password is wrong");
  }
  // Failures are forgotten when the whole login is done, else a known password would let guess
  // codes.
  if (stored->user.second_factor) return MakeChallenge(stored->user);
  throttle_.Succeeded(account);
  return StartSession(std::move(stored->user), remote, SecondFactor::Spent::kNothing);
}

Session AuthService::MakeChallenge(const User& user) const {
  const base::Timestamp now = clock_.Now();
  const std::string id = base::NewUuid(random_, clock_);
  Session session;
  session.expires_in = kChallengeLife;
  session.user = user;
  session.challenge = challenge_signer_.Sign({.user_id = user.id,
                                              .email = user.email,
                                              .role = user.role,
                                              .session_id = id,
                                              .token_id = id,
                                              .issued_at = now,
                                              .expires_at = now + kChallengeLife});
  return session;
}

base::Result<Session> AuthService::FinishLogin(std::string_view challenge, std::string_view code,
                                               std::string_view remote) {
  const auto claims = challenge_signer_.Verify(challenge);
  if (!claims.ok()) return base::Unauthenticated("the login took too long: begin again");
  if (const auto left = throttle_.Locked(claims->email, remote); left.count() > 0) {
    failed_logins_.Add(claims->user_id, remote, FailedLogins::Why::kLocked);
    return Locked(left, options_.throttle.free_failures);
  }
  ENERGY_ASSIGN_OR_RETURN(const SecondFactor::Spent spent,
                          database_.Transaction([&](sql::Connection& connection) {
                            return second_factor_.Spend(connection, claims->user_id, code);
                          }));
  if (spent == SecondFactor::Spent::kNothing) {
    throttle_.Failed(claims->email, remote);
    failed_logins_.Add(claims->user_id, remote, FailedLogins::Why::kCode);
    logger_->warn("wrong second factor of user {} from {}", claims->user_id, remote);
    return base::Unauthenticated("the code is wrong or was used already");
  }
  ENERGY_ASSIGN_OR_RETURN(User user, GetUser(claims->user_id));
  if (!user.is_active) return base::Unauthenticated("the account is not active");
  throttle_.Succeeded(claims->email);
  return StartSession(std::move(user), remote, spent);
}

base::Result<Session> AuthService::LoginVouched(User user, std::string_view remote) {
  logger_->info("user {} was vouched for from {}", user.id, remote);
  return StartSession(std::move(user), remote, SecondFactor::Spent::kNothing);
}

base::Result<Session> AuthService::StartSession(User user, std::string_view remote,
                                                SecondFactor::Spent second_factor) {
  using Spent = SecondFactor::Spent;
  const audit::Acting acting(ActorFor(user, remote));
  const std::string id = base::NewUuid(random_, clock_);
  const base::Json how{{"second_factor", second_factor == Spent::kCode           ? "code"
                                         : second_factor == Spent::kRecoveryCode ? "recovery code"
                                                                                 : "none"}};
  return database_.Transaction([&](sql::Connection& connection) -> base::Result<Session> {
    ENERGY_RETURN_IF_ERROR(users_.TouchLastLogin(connection, user.id));
    user.last_login = clock_.Now();
    ENERGY_RETURN_IF_ERROR(
        audit::Record(connection, clock_, {"auth.login", "session", id, nullptr, how}));
    return OpenSession(connection, user, id);
  });
}

base::Result<Session> AuthService::OpenSession(sql::Connection& connection, const User& user,
                                               const std::string& family_id) {
  ENERGY_ASSIGN_OR_RETURN(
      std::string refresh_token,
      refresh_tokens_.Issue(connection, family_id, user.id, options_.refresh_ttl));
  const base::Timestamp now = clock_.Now();
  const Claims claims{.user_id = user.id,
                      .email = user.email,
                      .role = user.role,
                      .session_id = family_id,
                      .token_id = base::NewUuid(random_, clock_),
                      .issued_at = now,
                      .expires_at = now + options_.access_ttl};
  return Session{signer_.Sign(claims), std::move(refresh_token), options_.access_ttl, user};
}

base::Result<Session> AuthService::Refresh(std::string_view refresh_token) {
  using Outcome = SpentToken::Outcome;
  SpentToken spent;
  // A refusal must commit too: the end of a family is written by it.
  ENERGY_ASSIGN_OR_RETURN(
      std::optional<Session> session,
      database_.Transaction([&](sql::Connection& c) -> base::Result<std::optional<Session>> {
        ENERGY_ASSIGN_OR_RETURN(spent, refresh_tokens_.Spend(c, refresh_token));
        if (spent.outcome == Outcome::kInvalid) return std::optional<Session>();
        ENERGY_ASSIGN_OR_RETURN(const std::optional<User> user, users_.FindById(c, spent.user_id));
        if (spent.outcome == Outcome::kReused && user) {
          const audit::Acting acting(ActorFor(*user, ""));
          ENERGY_RETURN_IF_ERROR(audit::Record(
              c, clock_, {"auth.refresh_reuse", "session", spent.family_id, nullptr, nullptr}));
        }
        if (spent.outcome == Outcome::kReused || !user || !user->is_active) {
          ENERGY_RETURN_IF_ERROR(refresh_tokens_.RevokeFamily(c, spent.family_id));
          return std::optional<Session>();
        }
        ENERGY_ASSIGN_OR_RETURN(Session opened, OpenSession(c, *user, spent.family_id));
        return std::optional<Session>(std::move(opened));
      }));
  if (session) return std::move(*session);
  if (spent.outcome != Outcome::kInvalid) Revoke(spent.family_id);
  if (spent.outcome == Outcome::kReused) {
    logger_->warn("a refresh token of user {} was used twice: session {} ended", spent.user_id,
                  spent.family_id);
  }
  return base::Unauthenticated("the session is over: log in again");
}

base::Status AuthService::Logout(const Claims& claims) {
  // Memory first: should the database fail, this process at least refuses the session.
  Revoke(claims.session_id);
  return database_.Transaction([&](sql::Connection& connection) -> base::Status {
    ENERGY_RETURN_IF_ERROR(audit::Record(
        connection, clock_, {"auth.logout", "session", claims.session_id, nullptr, nullptr}));
    return refresh_tokens_.RevokeFamily(connection, claims.session_id);
  });
}

void AuthService::Revoke(const std::string& family_id) {
  const base::Timestamp now = clock_.Now();
  if (!revocations_.Add(family_id, now + options_.access_ttl, now)) {
    logger_->warn("session {}: not all replicas know that it has ended", family_id);
  }
}

base::Result<Claims> AuthService::Authenticate(std::string_view bearer) const {
  if (bearer.empty()) return base::Unauthenticated("a token is needed: log in first");
  constexpr std::string_view kScheme = "Bearer ";
  if (bearer.starts_with(kScheme)) bearer.remove_prefix(kScheme.size());
  if (bearer.starts_with(Accounts::kKeyPrefix)) return accounts_.FindKey(bearer);
  ENERGY_ASSIGN_OR_RETURN(Claims claims, signer_.Verify(bearer));
  const auto ended = revocations_.Contains(claims.session_id);
  if (!ended.ok() && !options_.trust_without_cache) {
    return base::Unavailable("whether the session has ended cannot be checked: try again soon");
  }
  if (ended.ok() && *ended) {
    return base::Unauthenticated("the session is over: log in again");
  }
  return accounts_.Refresh(std::move(claims));
}

base::Status AuthService::EndSessions(sql::Connection& connection, std::string_view user_id,
                                      std::string_view except) {
  ENERGY_ASSIGN_OR_RETURN(const std::vector<std::string> families,
                          refresh_tokens_.RevokeUser(connection, user_id, except));
  for (const std::string& family_id : families) Revoke(family_id);
  return {};
}

base::Status AuthService::ConfirmPassword(std::string_view email, std::string_view password,
                                          std::string_view field) {
  const std::string account = NormalizeEmail(email);
  if (const auto left = throttle_.Locked(account); left.count() > 0)
    return Locked(left, options_.throttle.free_failures);
  ENERGY_ASSIGN_OR_RETURN(const std::optional<StoredUser> stored,
                          database_.Read([&](sql::Connection& connection) {
                            return users_.FindByEmail(connection, account);
                          }));
  if (stored && hasher_.Verify(password, stored->password_hash)) {
    throttle_.Succeeded(account);
    return {};
  }
  throttle_.Failed(account);
  failed_logins_.Add(stored ? stored->user.id : "", AddressOfRequest(),
                     FailedLogins::Why::kPassword);
  return base::InvalidField(std::string(field), "is wrong");
}

base::Result<User> AuthService::GetUser(std::string_view id) {
  ENERGY_ASSIGN_OR_RETURN(
      std::optional<User> user,
      database_.Read([&](sql::Connection& connection) { return users_.FindById(connection, id); }));
  if (!user) return base::NotFound("there is no such user");
  return std::move(*user);
}

base::Result<FirstAdmin> AuthService::EnsureFirstAdmin(const std::optional<std::string>& email,
                                                       const std::optional<std::string>& password) {
  const auto count = [this](sql::Connection& connection) { return users_.Count(connection); };
  ENERGY_ASSIGN_OR_RETURN(const int64_t before, database_.Read(count));
  if (before > 0) return FirstAdmin{};

  FirstAdmin admin;
  if (!password) admin.generated_password = base::NewSecret(random_, 16);
  NewUser user{email.value_or(std::string(kFirstAdminEmail)), "Administrator", Role::kAdmin, ""};
  ENERGY_ASSIGN_OR_RETURN(user.password_hash,
                          hasher_.Hash(password ? *password : *admin.generated_password));
  ENERGY_ASSIGN_OR_RETURN(
      FirstAdmin made,
      database_.Transaction([&](sql::Connection& connection) -> base::Result<FirstAdmin> {
        ENERGY_ASSIGN_OR_RETURN(const int64_t users, count(connection));
        if (users > 0) return FirstAdmin{};  // another process was faster
        ENERGY_ASSIGN_OR_RETURN(const User created, users_.Create(connection, user));
        admin.created = true;
        admin.email = created.email;
        return admin;
      }));
  ENERGY_RETURN_IF_ERROR(accounts_.Load());
  return made;
}

}  // namespace energy::auth
