#include "auth/api_key_service.h"

#include "audit/audit.h"
#include "base/json_values.h"
#include "base/text.h"

namespace energy::auth {
namespace {

constexpr size_t kSecretLength = 40;
constexpr size_t kHintLength = 8;
constexpr size_t kLongestName = 100;

base::Json StateOf(const ApiKey& key) {
  return {{"name", key.name},
          {"hint", key.hint},
          {"scopes", ScopeNames(key.scopes)},
          {"expires_at", base::TimeOrNull(key.expires_at)}};
}

}  // namespace

base::Result<IssuedApiKey> ApiKeyService::Create(const Actor& actor, std::string_view name,
                                                 Scopes scopes,
                                                 std::optional<base::Timestamp> expires_at) {
  std::vector<base::FieldError> errors;
  if (name.empty() || !sql::IsStorableText(name) || base::CharacterCount(name) > kLongestName) {
    errors.push_back({"name", "must have 1 to 100 characters"});
  }
  if (scopes == 0) errors.push_back({"scopes", "must name at least one scope"});
  if (expires_at && *expires_at <= clock_.Now()) {
    errors.push_back({"expires_at", "must be in the future"});
  }
  if (!errors.empty()) {
    return base::InvalidArgument("the API key is not valid", std::move(errors));
  }
  IssuedApiKey issued;
  issued.secret = std::string(Accounts::kKeyPrefix) + base::NewSecret(random_, kSecretLength);
  ApiKey& key = issued.key;
  key.id = base::NewUuid(random_, clock_);
  key.name = name;
  key.hint = issued.secret.substr(0, kHintLength);
  key.scopes = scopes;
  key.created_by = actor.name;
  key.created_at = clock_.Now();
  key.expires_at = expires_at;
  ENERGY_RETURN_IF_ERROR(database_.Transaction([&](sql::Connection& c) -> base::Status {
    ENERGY_RETURN_IF_ERROR(keys_.Create(c, {key, accounts_.KeyHash(issued.secret)}, actor.user_id));
    return audit::Record(c, clock_, {"api_key.create", "api_key", key.id, nullptr, StateOf(key)});
  }));
  ENERGY_RETURN_IF_ERROR(accounts_.Load());
  logger_->info("API key {} was made by {} from {}", key.id, actor.user_id, actor.address);
  return issued;
}

base::Result<sql::Listing<ApiKey>> ApiKeyService::List(std::string_view search,
                                                       std::string_view sort, sql::Page page) {
  return database_.Read([&](sql::Connection& c) { return keys_.List(c, search, sort, page); });
}

base::Status ApiKeyService::Revoke(const Actor& actor, std::string_view id) {
  ENERGY_RETURN_IF_ERROR(database_.Transaction([&](sql::Connection& c) -> base::Status {
    ENERGY_ASSIGN_OR_RETURN(const ApiKey before, keys_.Get(c, id));
    ENERGY_RETURN_IF_ERROR(keys_.Remove(c, id));
    return audit::Record(c, clock_,
                         {"api_key.revoke", "api_key", before.id, StateOf(before), nullptr});
  }));
  ENERGY_RETURN_IF_ERROR(accounts_.Load());
  logger_->info("API key {} was revoked by {} from {}", id, actor.user_id, actor.address);
  return {};
}

}  // namespace energy::auth
