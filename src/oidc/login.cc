#include "oidc/login.h"

#include <openssl/evp.h>

#include <array>

#include "auth/hash.h"
#include "base/base64.h"
#include "base/json.h"
#include "oidc/form.h"

namespace energy::oidc {
namespace {

constexpr std::chrono::minutes kCodeLife{1};
constexpr size_t kSecretBytes = 32;
constexpr size_t kMaxParameterBytes = 4096;

base::Status Failure(base::Code code, std::string message, const char* reason) {
  return {code, std::move(message), {{kReasonField, reason}}};
}

/// RFC 7636 §4.2.
std::string Challenge(std::string_view verifier) {
  std::array<char, 32> digest{};
  size_t size = 0;
  EVP_Q_digest(nullptr, "SHA256", nullptr, verifier.data(), verifier.size(),
               reinterpret_cast<unsigned char*>(digest.data()), &size);
  return base::EncodeBase64Url({digest.data(), size});
}

// The cache never holds what opens something, only its hash.
std::string StateKey(std::string_view state) { return "oidc/state/" + auth::Sha256Hex(state); }
std::string CodeKey(std::string_view code) { return "oidc/code/" + auth::Sha256Hex(code); }

base::Result<base::Json> TakeEntry(cache::Cache& cache, const std::string& key,
                                   std::string_view browser) {
  ENERGY_ASSIGN_OR_RETURN(const auto text, cache.Take(key));
  const base::Json entry =
      text ? base::Json::parse(*text, nullptr, /*allow_exceptions=*/false) : base::Json();
  const bool ours = entry.is_object() && !browser.empty() &&
                    auth::ConstantTimeEqual(entry.value("browser", ""), auth::Sha256Hex(browser));
  if (!ours) {
    return Failure(base::Code::kUnauthenticated,
                   "the login took too long, was used already or began in another browser: begin "
                   "again",
                   "expired");
  }
  return entry;
}

}  // namespace

Login::Login(Options options, LoginParts parts, base::Logger logger)
    : options_(std::move(options)),
      parts_(parts),
      logger_(logger),
      provider_(options_, parts.http, parts.clock, logger),
      members_(options_, parts.database, parts.sessions, parts.clock, parts.random,
               parts.bcrypt_cost, logger) {}

std::string Login::NewSecret() const {
  std::array<unsigned char, kSecretBytes> bytes;
  parts_.random.Fill(bytes);
  return base::EncodeBase64Url({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
}

base::Result<Login::Begun> Login::Begin() {
  ENERGY_ASSIGN_OR_RETURN(const Metadata metadata, provider_.Discover());
  const std::string state = NewSecret();
  const std::string nonce = NewSecret();
  const std::string verifier = NewSecret();
  Begun begun{metadata.authorization_endpoint, NewSecret()};
  const base::Json entry{
      {"browser", auth::Sha256Hex(begun.browser)}, {"nonce", nonce}, {"verifier", verifier}};
  ENERGY_RETURN_IF_ERROR(parts_.cache.Set(StateKey(state), entry.dump(), kStateLife));
  std::string scopes;
  for (const std::string& scope : options_.scopes) scopes += (scopes.empty() ? "" : " ") + scope;
  begun.url += begun.url.find('?') == std::string::npos ? '?' : '&';
  begun.url += EncodeForm({{"response_type", "code"},
                           {"client_id", options_.client_id},
                           {"redirect_uri", options_.redirect_uri},
                           {"scope", scopes},
                           {"state", state},
                           {"nonce", nonce},
                           {"code_challenge", Challenge(verifier)},
                           {"code_challenge_method", "S256"}});
  return begun;
}

base::Result<std::string> Login::Admit(const Answer& answer, std::string_view browser) {
  // The state first: without it anybody may have written the rest.
  ENERGY_ASSIGN_OR_RETURN(const base::Json entry,
                          TakeEntry(parts_.cache, StateKey(answer.state), browser));
  ENERGY_ASSIGN_OR_RETURN(const Metadata metadata, provider_.Discover());
  // RFC 9207 §2.4: an answer of another provider is a mix-up.
  if ((metadata.names_itself || !answer.issuer.empty()) && answer.issuer != options_.issuer) {
    return base::Unauthenticated("the answer is of another issuer");
  }
  if (!answer.error.empty()) {
    if (answer.error == "access_denied") {
      return Failure(base::Code::kUnauthenticated, "given up at the provider", "cancelled");
    }
    return base::Unauthenticated("the provider answered an error");
  }
  if (answer.code.empty() || answer.code.size() > kMaxParameterBytes) {
    return base::Unauthenticated("the provider answered no code");
  }
  ENERGY_ASSIGN_OR_RETURN(
      const base::Json claims,
      provider_.Exchange(answer.code, entry.value("verifier", ""), entry.value("nonce", "")));
  ENERGY_ASSIGN_OR_RETURN(const auth::User user, members_.Admit(PersonOf(claims, options_)));
  std::string code = NewSecret();
  const base::Json handed{{"browser", auth::Sha256Hex(browser)}, {"user", user.id}};
  ENERGY_RETURN_IF_ERROR(parts_.cache.Set(CodeKey(code), handed.dump(), kCodeLife));
  return code;
}

base::Result<std::string> Login::Finish(const Answer& answer, std::string_view browser,
                                        std::string_view remote) {
  auto code = Admit(answer, browser);
  if (!code.ok()) {
    logger_->warn("failed login by OpenID Connect from {}: {}", remote, code.status().message());
  }
  return code;
}

base::Result<auth::Session> Login::Open(std::string_view code, std::string_view browser,
                                        std::string_view remote) {
  ENERGY_ASSIGN_OR_RETURN(const base::Json entry, TakeEntry(parts_.cache, CodeKey(code), browser));
  ENERGY_ASSIGN_OR_RETURN(auth::User user, parts_.sessions.GetUser(entry.value("user", "")));
  if (!user.is_active) {
    return Failure(base::Code::kUnauthenticated, "the account is not active", kRefused);
  }
  return parts_.sessions.LoginVouched(std::move(user), remote);
}

std::string Login::Reason(const base::Status& status) {
  for (const base::FieldError& field : status.fields()) {
    if (field.field == kReasonField) return field.message;
  }
  return status.code() == base::Code::kUnauthenticated ? "invalid" : "unavailable";
}

}  // namespace energy::oidc
