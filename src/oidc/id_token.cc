#include "oidc/id_token.h"

#include <algorithm>

#include "auth/hash.h"
#include "base/base64.h"
#include "oidc/json_object.h"

namespace energy::oidc {
namespace {

constexpr size_t kMaxTokenBytes = 16 << 10;
constexpr size_t kMaxSubjectBytes = 255;  // OIDC Core §2
constexpr double kSkewSeconds = 60;
constexpr double kMaxAgeSeconds = 600;

base::Status Wrong(const std::string& what) {
  return base::Unauthenticated("the ID token is refused: " + what);
}

base::Json DecodeObject(std::string_view encoded) {
  return ParseObject(base::DecodeBase64Url(encoded).value_or(""));
}

std::optional<std::string> Text(const base::Json& json, const char* name) {
  const auto found = json.find(name);
  if (found == json.end() || !found->is_string()) return std::nullopt;
  return found->get<std::string>();
}

/// A NumericDate (RFC 7519 §2): seconds since 1970, perhaps with a fraction.
std::optional<double> Seconds(const base::Json& json, const char* name) {
  const auto found = json.find(name);
  if (found == json.end() || !found->is_number()) return std::nullopt;
  return found->get<double>();
}

base::Status CheckAudience(const base::Json& claims, const std::string& client_id) {
  const auto audience = claims.find("aud");
  const bool several = audience != claims.end() && audience->is_array();
  const bool ours =
      audience != claims.end() &&
      (several ? std::find(audience->begin(), audience->end(), client_id) != audience->end()
               : *audience == client_id);
  if (!ours) return Wrong("it is for another audience");
  const bool shared = several && audience->size() > 1;
  if ((shared || claims.contains("azp")) && Text(claims, "azp") != client_id) {
    return Wrong("it was issued to another party (azp)");
  }
  return {};
}

base::Status CheckTimes(const base::Json& claims, base::Timestamp at) {
  const double now = std::chrono::duration<double>(at.time_since_epoch()).count();
  const auto expires = Seconds(claims, "exp");
  const auto issued = Seconds(claims, "iat");
  if (!expires || !issued) return Wrong("it lacks exp or iat");
  if (now >= *expires + kSkewSeconds) return Wrong("it has expired");
  if (*issued > now + kSkewSeconds) return Wrong("it is from the future: compare the clocks");
  if (*issued < now - kMaxAgeSeconds) return Wrong("it was issued too long ago");
  const auto not_before = Seconds(claims, "nbf");
  if (not_before && *not_before > now + kSkewSeconds) return Wrong("it does not hold yet");
  return {};
}

base::Status CheckClaims(const base::Json& claims, const Expected& expected) {
  if (Text(claims, "iss") != expected.issuer) return Wrong("it is of another issuer");
  ENERGY_RETURN_IF_ERROR(CheckAudience(claims, expected.client_id));
  ENERGY_RETURN_IF_ERROR(CheckTimes(claims, expected.now));
  const auto nonce = Text(claims, "nonce");
  if (!nonce || !auth::ConstantTimeEqual(*nonce, expected.nonce)) {
    return Wrong("it answers another login (nonce)");
  }
  const auto subject = Text(claims, "sub");
  if (!subject || subject->empty() || subject->size() > kMaxSubjectBytes) {
    return Wrong("it needs a subject of 1 to 255 bytes");
  }
  return {};
}

}  // namespace

base::Result<base::Json> VerifyIdToken(std::string_view token, const FindKey& find_key,
                                       const Expected& expected) {
  // Three parts (RFC 7515 §7.1); five would be an encrypted one.
  const size_t first = token.find('.');
  const size_t last = token.rfind('.');
  if (token.size() > kMaxTokenBytes || first == std::string_view::npos || first == last ||
      token.find('.', first + 1) != last) {
    return Wrong("it is no signed JWT");
  }
  const base::Json header = DecodeObject(token.substr(0, first));
  if (!header.is_object()) return Wrong("its header is not readable");
  // The algorithm comes from this list and must be that of the key, whatever the token asks for
  // (RFC 8725 §3.1); an extension that must be understood is not (RFC 7515 §4.1.11).
  const auto algorithm = ParseAlgorithm(Text(header, "alg").value_or(""));
  if (!algorithm || header.contains("crit")) return Wrong("its algorithm is not RS256 or ES256");
  ENERGY_ASSIGN_OR_RETURN(const Key key, find_key(Text(header, "kid"), *algorithm));
  const auto signature = base::DecodeBase64Url(token.substr(last + 1));
  if (key.algorithm() != *algorithm || !signature ||
      !key.Verifies(token.substr(0, last), *signature)) {
    return Wrong("its signature is not the provider's");
  }
  base::Json claims = DecodeObject(token.substr(first + 1, last - first - 1));
  if (!claims.is_object()) return Wrong("its claims are not readable");
  ENERGY_RETURN_IF_ERROR(CheckClaims(claims, expected));
  return claims;
}

}  // namespace energy::oidc
