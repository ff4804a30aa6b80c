#include "api/answer_later.h"
#include "api/input.h"
#include "api/json_views.h"
#include "api/resources.h"
#include "api/session_answer.h"
#include "base/time_text.h"

namespace energy::api {
namespace {

using http::Method;
using http::Request;
using http::Response;

Response Login(Request& request, auth::AuthService& auth, std::chrono::seconds refresh_lifetime,
               const Envelope& envelope) {
  BodyInput input(request);
  const std::string email = input.RequiredText("email");
  const std::string password = input.RequiredText("password");
  if (const base::Status status = input.Check(); !status.ok()) return envelope.Error(status);
  return SessionResponse(request, auth.Login(email, password, request.remote_address),
                         refresh_lifetime, envelope);
}

Response FinishLogin(Request& request, auth::AuthService& auth,
                     std::chrono::seconds refresh_lifetime, const Envelope& envelope) {
  BodyInput input(request);
  const std::string challenge = input.RequiredText("challenge");
  const std::string code = input.RequiredText("code");
  if (const base::Status status = input.Check(); !status.ok()) return envelope.Error(status);
  return SessionResponse(request, auth.FinishLogin(challenge, code, request.remote_address),
                         refresh_lifetime, envelope);
}

Response Refresh(Request& request, auth::AuthService& auth, std::chrono::seconds refresh_lifetime,
                 const Envelope& envelope) {
  BodyInput input(request, /*optional=*/true);
  const auto in_body = input.Text("refresh_token");
  if (const base::Status status = input.Check(); !status.ok()) return envelope.Error(status);
  const std::string token = in_body.value_or(std::string(request.Cookie(kRefreshCookie)));
  if (token.empty()) return envelope.Error(base::Unauthenticated("There is no session: log in."));
  return SessionResponse(request, auth.Refresh(token), refresh_lifetime, envelope);
}

}  // namespace

void AddAuthRoutes(Routes& routes, AuthRouteParts parts, const Envelope& envelope) {
  auth::AuthService& auth = parts.auth;
  routes.Add(Method::kPost, "/api/auth/login",
             [parts, &envelope](Request& request, const auth::Claims&) {
               return AnswerOn(parts.passwords, request, envelope, [parts, &envelope](Request& r) {
                 return Login(r, parts.auth, parts.refresh_lifetime, envelope);
               });
             });
  routes.Add(Method::kPost, "/api/auth/login/second-factor",
             [parts, &envelope](Request& request, const auth::Claims&) {
               return FinishLogin(request, parts.auth, parts.refresh_lifetime, envelope);
             });
  routes.Add(Method::kPost, "/api/auth/refresh",
             [parts, &envelope](Request& request, const auth::Claims&) {
               return Refresh(request, parts.auth, parts.refresh_lifetime, envelope);
             });
  routes.Add(Method::kPost, "/api/auth/logout", [&](Request& request, const auth::Claims& caller) {
    if (const base::Status status = auth.Logout(caller); !status.ok()) {
      return envelope.Error(status);
    }
    Response response = envelope.Ok({{"message", "Logged out successfully"}});
    SetRefreshCookie(request, response, "", std::chrono::seconds(0));
    return response;
  });
  routes.Add(Method::kGet, "/api/auth/me", [&](Request&, const auth::Claims& caller) {
    return envelope.From(auth.GetUser(caller.user_id),
                         [](const auth::User& user) { return ToJson(user); });
  });
  routes.Add(Method::kGet, "/api/auth/validate", [&](Request&, const auth::Claims& caller) {
    return envelope.From(auth.GetUser(caller.user_id), [&](const auth::User& user) -> base::Json {
      return {{"user", ToJson(user)}, {"expires_at", base::FormatTimestamp(caller.expires_at)}};
    });
  });
}

}  // namespace energy::api
