#pragma once

#include <chrono>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/json.h"
#include "base/log.h"
#include "base/status.h"
#include "http/outgoing.h"
#include "oidc/jwk.h"
#include "oidc/options.h"

namespace energy::oidc {

/// What a provider says of itself (OpenID Connect Discovery 1.0 §3).
struct Metadata {
  std::string authorization_endpoint;
  std::string token_endpoint;
  std::string userinfo_endpoint;  ///< may be empty
  std::string jwks_uri;
  bool secret_in_body = false;  ///< it takes client_secret_post and not client_secret_basic
  bool names_itself = false;    ///< its answers have `iss` (RFC 9207)
};

/// The OpenID provider. Nothing is asked before somebody logs in. What it says of itself and its
/// keys are kept for an hour; a token by an unknown key makes the keys be read again, once a minute
/// at most. After a failure everybody is told so for five seconds without asking again.
///
/// Errors: kUnavailable when it does not answer, or not as it should, with what for the log;
///   kUnauthenticated when it, or a check of its token, refuses.
/// Threads: safe anywhere; calls wait for each other while they ask the provider, each exchange at
///   most ten seconds.
class Provider {
 public:
  /// All outlive it.
  Provider(const Options& options, http::Outgoing& http, const base::Clock& clock,
           base::Logger logger);

  base::Result<Metadata> Discover();

  /// The claims of whom the provider gave `code` for: those of the ID token, and what that lacks of
  /// e-mail and roles from the userinfo endpoint (OIDC Core §5.3).
  base::Result<base::Json> Exchange(std::string_view code, std::string_view verifier,
                                    std::string_view nonce);

 private:
  using Time = std::chrono::steady_clock::time_point;

  base::Result<Metadata> Read();
  base::Status ReadKeys(const std::string& uri);
  base::Result<Key> FindKey(const std::string& uri, const std::optional<std::string>& id,
                            Algorithm algorithm);
  base::Result<base::Json> GetJson(const std::string& url, const std::string& token);
  base::Result<base::Json> AskForTokens(const Metadata& metadata, std::string_view code,
                                        std::string_view verifier);
  base::Status AddUserInfo(const Metadata& metadata, const std::string& access_token,
                           base::Json& claims);

  const Options& options_;
  http::Outgoing& http_;
  const base::Clock& clock_;
  base::Logger logger_;

  std::mutex mutex_;  // held while the provider is asked: one at a time
  std::optional<Metadata> metadata_;
  Time metadata_at_{};
  std::optional<KeySet> keys_;
  Time keys_at_{};
  Time keys_asked_at_{};  // also without success
  base::Status failure_;
  Time failed_at_{};
};

}  // namespace energy::oidc
