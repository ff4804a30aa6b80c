#include "oidc/claims.h"

#include <algorithm>

#include "base/text.h"
#include "sql/list_query.h"

namespace energy::oidc {
namespace {

constexpr size_t kMaxNameCharacters = 255;

std::string Text(const base::Json& claims, const char* name) {
  const auto found = claims.find(name);
  return found != claims.end() && found->is_string() ? found->get<std::string>() : std::string();
}

/// Whether a claim that is a text or a list of texts holds `value`.
bool Holds(const base::Json& claim, const std::string& value) {
  if (!claim.is_array()) return claim == value;
  return std::find(claim.begin(), claim.end(), value) != claim.end();
}

std::optional<auth::Role> RoleOf(const base::Json& claims, const Options& options) {
  const base::Json* const claim =
      options.role_claim.empty() ? nullptr : FindClaim(claims, options.role_claim);
  std::optional<auth::Role> best;
  for (const RoleRule& rule : options.roles) {
    // Roles are declared from the highest down.
    if (claim != nullptr && Holds(*claim, rule.value) && (!best || rule.role < *best)) {
      best = rule.role;
    }
  }
  return best ? best : options.default_role;
}

bool FitsAName(const std::string& text) {
  return !text.empty() && sql::IsStorableText(text) &&
         base::CharacterCount(text) <= kMaxNameCharacters;
}

}  // namespace

const base::Json* FindClaim(const base::Json& claims, std::string_view name) {
  if (!claims.is_object()) return nullptr;
  if (const auto found = claims.find(std::string(name)); found != claims.end()) return &*found;
  const size_t dot = name.find('.');
  if (dot == std::string_view::npos) return nullptr;
  const auto outer = claims.find(std::string(name.substr(0, dot)));
  return outer == claims.end() ? nullptr : FindClaim(*outer, name.substr(dot + 1));
}

Person PersonOf(const base::Json& claims, const Options& options) {
  Person person;
  person.issuer = options.issuer;
  person.subject = Text(claims, "sub");
  person.email = auth::NormalizeEmail(Text(claims, "email"));
  const auto verified = claims.find("email_verified");
  if (verified != claims.end() && verified->is_boolean()) {
    person.email_verified = verified->get<bool>();
  }
  for (const std::string& name : {Text(claims, "name"), Text(claims, "preferred_username"),
                                  person.email, std::string("Somebody")}) {
    if (!FitsAName(name)) continue;
    person.name = name;
    break;
  }
  person.role = RoleOf(claims, options);
  return person;
}

}  // namespace energy::oidc
