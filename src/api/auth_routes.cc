#include "api/input.h"
#include "api/json_views.h"
#include "api/resources.h"

namespace energy::api {
namespace {

using http::Method;
using http::Request;
using http::Response;

constexpr std::string_view kCookie = "energy_refresh";

void SetRefreshCookie(Response& response, const std::string& token, std::chrono::seconds lifetime) {
  response.AddHeader("Set-Cookie", std::string(kCookie) + "=" + token +
                                       "; HttpOnly; SameSite=Strict; Path=/api/auth; Max-Age=" +
                                       std::to_string(lifetime.count()));
}

Response SessionResponse(const base::Result<auth::Session>& session,
                         std::chrono::seconds refresh_lifetime, const Envelope& envelope) {
  if (!session.ok()) return envelope.Error(session.status());
  Response response = envelope.Ok({{"token", session->token},
                                   {"refresh_token", session->refresh_token},
                                   {"expires_in", session->expires_in.count()},
                                   {"user", ToJson(session->user)}});
  SetRefreshCookie(response, session->refresh_token, refresh_lifetime);
  return response;
}

Response Login(Request& request, auth::AuthService& auth, std::chrono::seconds refresh_lifetime,
               const Envelope& envelope) {
  BodyInput input(request);
  const std::string email = input.RequiredText("email");
  const std::string password = input.RequiredText("password");
  if (const base::Status status = input.Check(); !status.ok()) return envelope.Error(status);
  return SessionResponse(auth.Login(email, password, request.remote_address), refresh_lifetime,
                         envelope);
}

Response Refresh(Request& request, auth::AuthService& auth, std::chrono::seconds refresh_lifetime,
                 const Envelope& envelope) {
  BodyInput input(request, /*optional=*/true);
  const auto in_body = input.Text("refresh_token");
  if (const base::Status status = input.Check(); !status.ok()) return envelope.Error(status);
  const std::string token = in_body.value_or(std::string(request.Cookie(kCookie)));
  if (token.empty()) return envelope.Error(base::Unauthenticated("There is no session: log in."));
  return SessionResponse(auth.Refresh(token), refresh_lifetime, envelope);
}

}  // namespace

void AddAuthRoutes(Routes& routes, auth::AuthService& auth, std::chrono::seconds refresh_lifetime,
                   const Envelope& envelope) {
  routes.Add(Method::kPost, "/api/auth/login", Access::kPublic,
             [&auth, &envelope, refresh_lifetime](Request& request, const auth::Claims&) {
               return Login(request, auth, refresh_lifetime, envelope);
             });
  routes.Add(Method::kPost, "/api/auth/refresh", Access::kPublic,
             [&auth, &envelope, refresh_lifetime](Request& request, const auth::Claims&) {
               return Refresh(request, auth, refresh_lifetime, envelope);
             });
  routes.Add(Method::kPost, "/api/auth/logout", Access::kRead,
             [&](Request&, const auth::Claims& caller) {
               if (const base::Status status = auth.Logout(caller); !status.ok()) {
                 return envelope.Error(status);
               }
               Response response = envelope.Ok({{"message", "Logged out successfully"}});
               SetRefreshCookie(response, "", std::chrono::seconds(0));
               return response;
             });
  routes.Add(Method::kGet, "/api/auth/me", Access::kRead,
             [&](Request&, const auth::Claims& caller) {
               return envelope.From(auth.GetUser(caller.user_id),
                                    [](const auth::User& user) { return ToJson(user); });
             });
}

}  // namespace energy::api
