#include "api/input.h"
#include "api/json_views.h"
#include "api/resources.h"

namespace energy::api {
namespace {

using auth::Claims;
using http::Method;
using http::Request;
using http::Response;

Response List(Request& request, auth::ApiKeyService& keys, const Envelope& envelope) {
  QueryInput input(request);
  const std::string search = input.Text("search").value_or("");
  const std::string sort = input.Text("sort").value_or("");
  const sql::Page page = input.Page();
  if (const base::Status status = input.Check(); !status.ok()) return envelope.Error(status);
  return envelope.From(keys.List(search, sort, page),
                       [](const auto& listing) { return ListToJson("api_keys", listing); });
}

Response Create(Request& request, const Claims& caller, auth::ApiKeyService& keys,
                const Envelope& envelope) {
  BodyInput input(request);
  const std::string name = input.RequiredText("name");
  auth::Scopes scopes = 0;
  const auto names = input.Texts("scopes");
  if (!names && !input.Has("scopes")) input.Fail("scopes", "is missing");
  for (const std::string& text : names.value_or(std::vector<std::string>())) {
    const auto scope = auth::ParseScope(text);
    if (scope) {
      scopes |= static_cast<auth::Scopes>(*scope);
    } else {
      input.Fail("scopes", "takes read_telemetry, write_telemetry, manage_devices");
    }
  }
  const auto expires_at = input.Time("expires_at");
  if (const base::Status status = input.Check(); !status.ok()) return envelope.Error(status);
  return envelope.From(
      keys.Create(ActorOf(request, caller), name, scopes, expires_at),
      [](const auth::IssuedApiKey& issued) -> base::Json {
        return {{"api_key", ToJson(issued.key)}, {"secret", issued.secret}};
      },
      201);
}

}  // namespace

void AddApiKeyRoutes(Routes& routes, auth::ApiKeyService& keys, const Envelope& envelope) {
  routes.Add(Method::kGet, "/api/api-keys",
             [&](Request& request, const Claims&) { return List(request, keys, envelope); });
  routes.Add(Method::kPost, "/api/api-keys", [&](Request& request, const Claims& caller) {
    return Create(request, caller, keys, envelope);
  });
  routes.Add(Method::kDelete, "/api/api-keys/{id}", [&](Request& request, const Claims& caller) {
    const base::Status status = keys.Revoke(ActorOf(request, caller), request.Param("id"));
    if (!status.ok()) return envelope.Error(status);
    return envelope.Ok({{"message", "The API key is revoked and opens nothing any more."}});
  });
}

}  // namespace energy::api
