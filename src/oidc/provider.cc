#include "oidc/provider.h"

#include <algorithm>

#include "base/base64.h"
#include "base/url_text.h"
#include "oidc/claims.h"
#include "oidc/id_token.h"
#include "oidc/json_object.h"

namespace energy::oidc {
namespace {

constexpr std::chrono::hours kLifetime{1};
constexpr std::chrono::minutes kKeyInterval{1};
constexpr std::chrono::seconds kFailureLife{5};
constexpr size_t kMaxAnswerBytes = 256 << 10;

std::string Member(const base::Json& json, const char* name) {
  const auto found = json.find(name);
  return found != json.end() && found->is_string() ? found->get<std::string>() : std::string();
}

/// Whether a list of the document has `value`; `absent` when it has no such list.
bool Lists(const base::Json& json, const char* name, std::string_view value, bool absent) {
  const auto found = json.find(name);
  if (found == json.end() || !found->is_array()) return absent;
  return std::find(found->begin(), found->end(), value) != found->end();
}

/// The error code of an OAuth answer (RFC 6749 §5.2), fit for a log.
std::string ErrorOf(const base::Json& json) {
  std::string error = json.is_object() ? Member(json, "error").substr(0, 64) : "";
  std::replace_if(
      error.begin(), error.end(), [](char c) { return c < 0x20 || c > 0x7e; }, '?');
  return error.empty() ? "no reason given" : error;
}

base::Result<Metadata> MetadataOf(const base::Json& json, const Options& options) {
  const auto refuse = [](const std::string& why) {
    return base::Unavailable("the OpenID provider's discovery document " + why);
  };
  if (Member(json, "issuer") != options.issuer) {
    // Discovery §4.3: exactly, or somebody else speaks for it.
    return refuse("is of the issuer '" + Member(json, "issuer").substr(0, 200) +
                  "': set auth.oidc.issuer to that, if it is meant");
  }
  Metadata metadata;
  metadata.authorization_endpoint = Member(json, "authorization_endpoint");
  metadata.token_endpoint = Member(json, "token_endpoint");
  metadata.jwks_uri = Member(json, "jwks_uri");
  metadata.userinfo_endpoint = Member(json, "userinfo_endpoint");
  for (const std::string& url :
       {metadata.authorization_endpoint, metadata.token_endpoint, metadata.jwks_uri}) {
    if (!IsSecureUrl(url)) return refuse("lacks an endpoint with https");
  }
  if (!metadata.userinfo_endpoint.empty() && !IsSecureUrl(metadata.userinfo_endpoint)) {
    return refuse("has a userinfo endpoint without https");
  }
  if (!Lists(json, "id_token_signing_alg_values_supported", "RS256", true) &&
      !Lists(json, "id_token_signing_alg_values_supported", "ES256", true)) {
    return refuse("offers neither RS256 nor ES256");
  }
  if (!Lists(json, "code_challenge_methods_supported", "S256", true)) {
    return refuse("does not offer PKCE with S256");
  }
  constexpr const char* kMethods = "token_endpoint_auth_methods_supported";
  metadata.secret_in_body = !Lists(json, kMethods, "client_secret_basic", true) &&
                            Lists(json, kMethods, "client_secret_post", false);
  const auto named = json.find("authorization_response_iss_parameter_supported");
  metadata.names_itself = named != json.end() && named->is_boolean() && named->get<bool>();
  return metadata;
}

}  // namespace

Provider::Provider(const Options& options, http::Outgoing& http, const base::Clock& clock,
                   base::Logger logger)
    : options_(options), http_(http), clock_(clock), logger_(std::move(logger)) {}

base::Result<base::Json> Provider::GetJson(const std::string& url, const std::string& token) {
  http::OutgoingRequest request{.url = url, .headers = {{"Accept", "application/json"}}};
  request.max_body_bytes = kMaxAnswerBytes;
  if (!token.empty()) request.headers.emplace_back("Authorization", "Bearer " + token);
  ENERGY_ASSIGN_OR_RETURN(const http::Response answer, http_.Send(request));
  base::Json json = ParseObject(answer.body);
  if (answer.status != 200 || !json.is_object()) {
    return base::Unavailable(url + " answered " + std::to_string(answer.status) +
                             (answer.status == 200 ? " and no JSON object" : ""));
  }
  return json;
}

base::Result<Metadata> Provider::Read() {
  // Discovery §4.1: a slash at the end of the issuer goes first.
  std::string url = options_.issuer;
  while (url.ends_with('/')) url.pop_back();
  ENERGY_ASSIGN_OR_RETURN(const base::Json json,
                          GetJson(url + "/.well-known/openid-configuration", ""));
  return MetadataOf(json, options_);
}

base::Result<Metadata> Provider::Discover() {
  std::lock_guard lock(mutex_);
  const Time now = clock_.Steady();
  if (metadata_ && now - metadata_at_ < kLifetime) return *metadata_;
  if (!failure_.ok() && now - failed_at_ < kFailureLife) return failure_;
  auto read = Read();
  if (!read.ok()) {
    logger_->warn("the OpenID provider cannot be used: {}", read.status().message());
    failure_ = base::Unavailable(read.status().message());
    failed_at_ = clock_.Steady();
    return failure_;
  }
  failure_ = {};
  metadata_ = std::move(read).value();
  metadata_at_ = now;
  return *metadata_;
}

base::Status Provider::ReadKeys(const std::string& uri) {
  keys_asked_at_ = clock_.Steady();
  ENERGY_ASSIGN_OR_RETURN(const base::Json json, GetJson(uri, ""));
  ENERGY_ASSIGN_OR_RETURN(keys_, KeySet::Parse(json.dump()));
  keys_at_ = keys_asked_at_;
  return {};
}

base::Result<Key> Provider::FindKey(const std::string& uri, const std::optional<std::string>& id,
                                    Algorithm algorithm) {
  std::lock_guard lock(mutex_);
  if (!keys_ || clock_.Steady() - keys_at_ >= kLifetime) {
    keys_.reset();
    ENERGY_RETURN_IF_ERROR(ReadKeys(uri));
  }
  const Key* key = keys_->Find(id, algorithm);
  if (key == nullptr && clock_.Steady() - keys_asked_at_ >= kKeyInterval) {
    // It may have a new one; tokens by invented keys must not make us ask for each.
    ENERGY_RETURN_IF_ERROR(ReadKeys(uri));
    key = keys_->Find(id, algorithm);
  }
  if (key == nullptr) return base::Unauthenticated("the ID token is signed by an unknown key");
  return *key;
}

base::Result<base::Json> Provider::AskForTokens(const Metadata& metadata, std::string_view code,
                                                std::string_view verifier) {
  http::OutgoingRequest request{.method = http::Method::kPost, .url = metadata.token_endpoint};
  request.headers = {{"Accept", "application/json"},
                     {"Content-Type", "application/x-www-form-urlencoded"}};
  request.max_body_bytes = kMaxAnswerBytes;
  std::vector<std::pair<std::string_view, std::string_view>> form{
      {"grant_type", "authorization_code"},
      {"code", code},
      {"redirect_uri", options_.redirect_uri},
      {"code_verifier", verifier}};
  const bool secret = !options_.client_secret.empty();
  if (secret && !metadata.secret_in_body) {
    // RFC 6749 §2.3.1: each encoded before the colon joins them.
    const std::string pair =
        base::PercentEncode(options_.client_id) + ":" + base::PercentEncode(options_.client_secret);
    request.headers.emplace_back("Authorization", "Basic " + base::EncodeBase64(pair));
  } else {
    form.emplace_back("client_id", options_.client_id);
    if (secret) form.emplace_back("client_secret", options_.client_secret);
  }
  request.body = base::EncodeForm(form);
  ENERGY_ASSIGN_OR_RETURN(const http::Response answer, http_.Send(request));
  base::Json json = ParseObject(answer.body);
  if (answer.status == 200 && json.is_object() && !Member(json, "id_token").empty()) return json;
  const std::string error = ErrorOf(json);
  if (error == "invalid_client" || answer.status == 401) {
    return base::Unavailable(
        "the OpenID provider does not know this client: check auth.oidc.client_id and "
        "auth.oidc.client_secret");
  }
  if (answer.status == 200) return base::Unavailable("the OpenID provider gave no ID token");
  if (answer.status >= 500) {
    return base::Unavailable("the OpenID provider answered " + std::to_string(answer.status));
  }
  return base::Unauthenticated("the OpenID provider refused the code: " + error);
}

base::Status Provider::AddUserInfo(const Metadata& metadata, const std::string& access_token,
                                   base::Json& claims) {
  const bool whole =
      claims.contains("email") &&
      (options_.role_claim.empty() || FindClaim(claims, options_.role_claim) != nullptr);
  if (whole || metadata.userinfo_endpoint.empty() || access_token.empty()) return {};
  ENERGY_ASSIGN_OR_RETURN(const base::Json more, GetJson(metadata.userinfo_endpoint, access_token));
  // OIDC Core §5.3.2: of the same subject, or not to be used.
  if (Member(more, "sub") != Member(claims, "sub")) {
    return base::Unauthenticated("the userinfo endpoint speaks of somebody else");
  }
  // Whether it is verified is said of one e-mail.
  if (!claims.contains("email")) claims.erase("email_verified");
  for (const auto& [name, value] : more.items()) {
    if (!claims.contains(name)) claims[name] = value;
  }
  return {};
}

base::Result<base::Json> Provider::Exchange(std::string_view code, std::string_view verifier,
                                            std::string_view nonce) {
  ENERGY_ASSIGN_OR_RETURN(const Metadata metadata, Discover());
  ENERGY_ASSIGN_OR_RETURN(const base::Json tokens, AskForTokens(metadata, code, verifier));
  const auto find_key = [&](const std::optional<std::string>& id, Algorithm algorithm) {
    return FindKey(metadata.jwks_uri, id, algorithm);
  };
  const Expected expected{options_.issuer, options_.client_id, std::string(nonce), clock_.Now()};
  ENERGY_ASSIGN_OR_RETURN(base::Json claims,
                          VerifyIdToken(Member(tokens, "id_token"), find_key, expected));
  ENERGY_RETURN_IF_ERROR(AddUserInfo(metadata, Member(tokens, "access_token"), claims));
  return claims;
}

}  // namespace energy::oidc
