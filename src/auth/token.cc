#include "auth/token.h"

#include <chrono>
#include <utility>

#include "auth/hash.h"
#include "base/base64.h"
#include "base/json.h"

namespace energy::auth {
namespace {

constexpr std::string_view kHeader = R"({"alg":"HS256","typ":"JWT"})";

int64_t ToSeconds(base::Timestamp time) {
  return std::chrono::floor<std::chrono::seconds>(time).time_since_epoch().count();
}

base::Json ParseObject(std::string_view base64url) {
  const std::optional<std::string> text = base::DecodeBase64Url(base64url);
  if (!text) return base::Json();
  return base::Json::parse(*text, nullptr, /*allow_exceptions=*/false);
}

/// The member as text; nothing when it is absent, of another type or empty.
std::optional<std::string> Text(const base::Json& json, const char* name) {
  const auto found = json.find(name);
  if (found == json.end() || !found->is_string()) return std::nullopt;
  auto text = found->get<std::string>();
  if (text.empty()) return std::nullopt;
  return text;
}

std::optional<base::Timestamp> Time(const base::Json& json, const char* name) {
  constexpr int64_t kYear2255 = 9'000'000'000;  // nanoseconds since 1970 end in 2262
  const auto found = json.find(name);
  if (found == json.end() || !found->is_number_integer()) return std::nullopt;
  const auto seconds = found->get<int64_t>();
  if (seconds < 0 || seconds > kYear2255) return std::nullopt;
  return base::Timestamp(std::chrono::seconds(seconds));
}

std::optional<Claims> ReadClaims(const base::Json& json) {
  if (!json.is_object() || Text(json, "iss") != kIssuer || Text(json, "aud") != kAudience) {
    return std::nullopt;
  }
  const auto user_id = Text(json, "sub");
  const auto email = Text(json, "email");
  const auto role = ParseRole(Text(json, "role").value_or(""));
  const auto session_id = Text(json, "sid");
  const auto token_id = Text(json, "jti");
  const auto issued_at = Time(json, "iat");
  const auto expires_at = Time(json, "exp");
  if (!user_id || !email || !role || !session_id || !token_id || !issued_at || !expires_at) {
    return std::nullopt;
  }
  return Claims{.user_id = *user_id,
                .email = *email,
                .role = *role,
                .session_id = *session_id,
                .token_id = *token_id,
                .issued_at = *issued_at,
                .expires_at = *expires_at,
                .api_key_id = {}};
}

std::optional<Claims> ReadToken(std::string_view header_text, std::string_view payload) {
  const base::Json header = ParseObject(header_text);
  if (!header.is_object() || Text(header, "alg") != "HS256" || header.contains("crit")) {
    return std::nullopt;
  }
  return ReadClaims(ParseObject(payload));
}

}  // namespace

TokenSigner::TokenSigner(std::string key, const base::Clock& clock)
    : key_(std::move(key)), clock_(clock) {}

std::string TokenSigner::Sign(const Claims& claims) const {
  const base::Json payload = {{"sub", claims.user_id},
                              {"userId", claims.user_id},
                              {"email", claims.email},
                              {"role", RoleName(claims.role)},
                              {"sid", claims.session_id},
                              {"iss", kIssuer},
                              {"aud", kAudience},
                              {"iat", ToSeconds(claims.issued_at)},
                              {"exp", ToSeconds(claims.expires_at)},
                              {"jti", claims.token_id}};
  std::string token = base::EncodeBase64Url(kHeader);
  token += '.';
  token += base::EncodeBase64Url(payload.dump());
  const std::string mac = HmacSha256(key_, token);
  return token + '.' + base::EncodeBase64Url(mac);
}

std::optional<Claims> TokenSigner::Recall(std::string_view token) const {
  std::lock_guard lock(mutex_);
  const Known& known = Slot(token);
  // How long it takes says nothing of a token that somebody is guessing at.
  if (!ConstantTimeEqual(known.token, token)) return std::nullopt;
  return known.claims;
}

void TokenSigner::Remember(std::string_view token, const Claims& claims) const {
  std::lock_guard lock(mutex_);
  Slot(token) = {std::string(token), claims};
}

base::Result<Claims> TokenSigner::Verify(std::string_view token) const {
  const auto invalid = [] { return base::Unauthenticated("the token is not valid: log in again"); };
  if (token.empty() || token.size() > kMaxTokenBytes) return invalid();
  std::optional<Claims> claims = Recall(token);
  if (!claims) {
    const size_t first = token.find('.');
    const size_t last = token.rfind('.');
    if (first == std::string_view::npos || last == first) return invalid();
    // The signature comes first: nothing of an unsigned text is parsed.
    const std::optional<std::string> mac = base::DecodeBase64Url(token.substr(last + 1));
    if (!mac || !ConstantTimeEqual(*mac, HmacSha256(key_, token.substr(0, last)))) return invalid();
    claims = ReadToken(token.substr(0, first), token.substr(first + 1, last - first - 1));
    if (!claims) return invalid();
    Remember(token, *claims);
  }
  if (clock_.Now() >= claims->expires_at) {
    return base::Unauthenticated("the token has expired: refresh it or log in again");
  }
  return std::move(*claims);
}

}  // namespace energy::auth
