#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "auth/auth_service.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/random.h"
#include "base/status.h"
#include "cache/cache.h"
#include "http/outgoing.h"
#include "oidc/members.h"
#include "oidc/options.h"
#include "oidc/provider.h"

namespace energy::oidc {

/// What a login shares with the rest of the platform; all outlive it.
struct LoginParts {
  http::Outgoing& http;
  sql::Database& database;
  auth::AuthService& sessions;
  cache::Cache& cache;  ///< that of all replicas: any of them may finish what another began
  const base::Clock& clock;
  base::Random& random;
  unsigned bcrypt_cost = auth::PasswordHasher::kDefaultCost;
};

/// Login by an OpenID provider: the authorization code flow (OIDC Core §3.1) with state, nonce and
/// PKCE (RFC 7636, S256), in three steps of the browser: Begin, away to the provider and back,
/// Finish, and Open from the page, so that no token is ever part of a URL. `browser` is a cookie
/// that ties the steps together: neither an answer of the provider nor a code of Finish works in
/// another browser, and each works once (RFC 9700 §4.7: login CSRF, and §4.5: injected codes).
/// What is refused counts as a failed login (auth::FailedLogins), in the audit log.
///
/// Errors: Reason() tells what to say; the message is for the log.
/// Threads: safe anywhere. Begin and Finish wait for the provider, at most half a minute: on
///   threads that nothing else needs. Open blocks on SQL.
class Login {
 public:
  Login(Options options, LoginParts parts, base::Logger logger);

  struct Begun {
    std::string url;      ///< of the provider, where the browser goes next
    std::string browser;  ///< for the cookie
  };
  base::Result<Begun> Begin();

  /// The parameters of the provider's answer (OIDC Core §3.1.2.5); empty: absent.
  struct Answer {
    std::string code;
    std::string state;
    std::string issuer;  ///< RFC 9207
    std::string error;
  };
  /// A code for Open, good for a minute. `remote`: for the log.
  base::Result<std::string> Finish(const Answer& answer, std::string_view browser,
                                   std::string_view remote);

  /// Errors: kUnauthenticated for a code that is not good any more, or of another browser.
  base::Result<auth::Session> Open(std::string_view code, std::string_view browser,
                                   std::string_view remote);

  /// What happened, for the page: unavailable, expired, cancelled, invalid, refused, email_taken,
  /// email_missing. Never rename.
  static std::string Reason(const base::Status& status);

  static constexpr std::chrono::minutes kStateLife{10};

 private:
  std::string NewSecret() const;
  base::Result<std::string> Admit(const Answer& answer, std::string_view browser);
  base::Result<auth::Session> OpenFor(std::string_view code, std::string_view browser,
                                      std::string_view remote);
  void NoteFailure(const base::Status& failure, std::string_view remote);

  const Options options_;
  const LoginParts parts_;
  base::Logger logger_;
  Provider provider_;
  Members members_;
};

}  // namespace energy::oidc
