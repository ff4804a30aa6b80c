#include "oidc/login.h"

#include <openssl/evp.h>

#include <array>

#include "auth/hash.h"
#include "base/base64.h"
#include "base/json.h"
#include "base/url_text.h"

namespace energy::oidc {
namespace {

constexpr std::chrono::minutes kCodeLife{1};
constexpr size_t kSecretBytes = 32;
constexpr size_t kMaxParameterBytes = 4096;

constexpr const char* kUnavailable = "unavailable";
constexpr const char* kInvalid = "invalid";
constexpr const char* kExpired = "expired";
constexpr const char* kCancelled = "cancelled";

base::Status Failure(std::string message, const char* reason) {
  return {base::Code::kUnauthenticated, std::move(message), {{kReasonField, reason}}};
}

std::string FieldOf(const base::Status& status, std::string_view name) {
  for (const base::FieldError& field : status.fields()) {
    if (field.field == name) return field.message;
  }
  return "";
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
    return Failure(
        "the login took too long, was used already or began in another browser: begin again",
        kExpired);
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
  begun.url += base::EncodeForm({{"response_type", "code"},
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
      return Failure("given up at the provider", kCancelled);
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
  if (!code.ok()) NoteFailure(code.status(), remote);
  return code;
}

base::Result<auth::Session> Login::OpenFor(std::string_view code, std::string_view browser,
                                           std::string_view remote) {
  ENERGY_ASSIGN_OR_RETURN(const base::Json entry, TakeEntry(parts_.cache, CodeKey(code), browser));
  ENERGY_ASSIGN_OR_RETURN(auth::User user, parts_.sessions.GetUser(entry.value("user", "")));
  if (!user.is_active) {
    return base::Status(base::Code::kUnauthenticated, "the account is not active",
                        {{kReasonField, kRefused}, {kUserField, user.id}});
  }
  return parts_.sessions.LoginVouched(std::move(user), remote);
}

base::Result<auth::Session> Login::Open(std::string_view code, std::string_view browser,
                                        std::string_view remote) {
  auto session = OpenFor(code, browser, remote);
  if (!session.ok()) NoteFailure(session.status(), remote);
  return session;
}

void Login::NoteFailure(const base::Status& failure, std::string_view remote) {
  logger_->warn("failed login by OpenID Connect from {}: {}", remote, failure.message());
  const std::string reason = Reason(failure);
  if (reason == kUnavailable || reason == kCancelled) return;  // nobody was refused
  parts_.sessions.failed_logins().Add(FieldOf(failure, kUserField), remote,
                                      auth::FailedLogins::Why::kProvider);
}

std::string Login::Reason(const base::Status& status) {
  const std::string reason = FieldOf(status, kReasonField);
  if (!reason.empty()) return reason;
  return status.code() == base::Code::kUnauthenticated ? kInvalid : kUnavailable;
}

}  // namespace energy::oidc
