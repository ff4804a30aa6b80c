#include "api/answer_later.h"
#include "api/input.h"
#include "api/resources.h"
#include "api/session_answer.h"
#include "audit/audit.h"

namespace energy::api {
namespace {

using http::Method;
using http::Request;
using http::Response;

constexpr std::string_view kCookie = "energy_oidc";
constexpr std::string_view kPage = "/login#";

/// Lax: the browser comes back from the provider's site.
void SetCookie(const Request& request, Response& response, const std::string& value,
               std::chrono::seconds lifetime) {
  response.AddHeader(
      "Set-Cookie",
      std::string(kCookie) + "=" + value + "; HttpOnly" + (request.secure ? "; Secure" : "") +
          "; SameSite=Lax; Path=/api/auth/oidc; Max-Age=" + std::to_string(lifetime.count()));
}

Response Redirect(const std::string& url) {
  Response response;
  response.status = 303;
  response.SetHeader("Location", url);
  response.SetHeader("Cache-Control", "no-store");
  return response;
}

/// What the page reads: a fragment stays in the browser.
Response ToPage(const std::string& name, const std::string& value) {
  return Redirect(std::string(kPage) + name + "=" + value);
}

Response Begin(const Request& request, oidc::Login& login) {
  const auto begun = login.Begin();
  if (!begun.ok()) return ToPage("sso_error", oidc::Login::Reason(begun.status()));
  Response response = Redirect(begun->url);
  SetCookie(request, response, begun->browser, oidc::Login::kStateLife);
  return response;
}

Response Finish(const Request& request, oidc::Login& login) {
  // A client ignores parameters that it does not know (RFC 6749 §4.1.2).
  const auto parameter = [&](std::string_view name) {
    return std::string(request.Query(name).value_or(""));
  };
  // What changes now, the provider's word changes.
  const audit::Acting acting({"", "system", request.remote_address, request.id});
  const auto code =
      login.Finish({parameter("code"), parameter("state"), parameter("iss"), parameter("error")},
                   request.Cookie(kCookie), request.remote_address);
  return code.ok() ? ToPage("sso", *code) : ToPage("sso_error", oidc::Login::Reason(code.status()));
}

Response Open(Request& request, oidc::Login* login, std::chrono::seconds refresh_lifetime,
              const Envelope& envelope) {
  BodyInput input(request);
  const std::string code = input.RequiredText("code");
  if (const base::Status status = input.Check(); !status.ok()) return envelope.Error(status);
  const auto session = login == nullptr
                           ? base::Unauthenticated("login by OpenID Connect is not configured")
                           : login->Open(code, request.Cookie(kCookie), request.remote_address);
  Response response = SessionResponse(request, session, refresh_lifetime, envelope);
  if (session.ok()) SetCookie(request, response, "", std::chrono::seconds(0));
  return response;
}

}  // namespace

void AddOidcRoutes(Routes& routes, OidcRouteParts parts, const Envelope& envelope) {
  using Step = Response (*)(const Request&, oidc::Login&);
  const auto step = [parts, &envelope](Step run) {
    return [parts, &envelope, run](Request& request, const auth::Claims&) {
      if (parts.login == nullptr) {
        return envelope.Error(base::NotFound("Login by OpenID Connect is not configured."));
      }
      oidc::Login& login = *parts.login;
      return AnswerOn(*parts.workers, request, envelope,
                      [&login, run](Request& kept) { return run(kept, login); });
    };
  };
  routes.Add(Method::kGet, "/api/auth/oidc", [parts, &envelope](Request&, const auth::Claims&) {
    return envelope.Ok(
        {{"enabled", parts.login != nullptr},
         {"label", parts.login == nullptr ? base::Json() : base::Json(parts.label)}});
  });
  routes.Add(Method::kGet, "/api/auth/oidc/login", step(&Begin));
  routes.Add(Method::kGet, "/api/auth/oidc/callback", step(&Finish));
  routes.Add(Method::kPost, "/api/auth/oidc/session",
             [parts, &envelope](Request& request, const auth::Claims&) {
               return Open(request, parts.login, parts.refresh_lifetime, envelope);
             });
}

}  // namespace energy::api
