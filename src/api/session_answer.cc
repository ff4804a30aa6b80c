#include "api/session_answer.h"

#include "api/json_views.h"

namespace energy::api {

void SetRefreshCookie(const http::Request& request, http::Response& response,
                      const std::string& token, std::chrono::seconds lifetime) {
  response.AddHeader("Set-Cookie", std::string(kRefreshCookie) + "=" + token + "; HttpOnly" +
                                       (request.secure ? "; Secure" : "") +
                                       "; SameSite=Strict; Path=/api/auth; Max-Age=" +
                                       std::to_string(lifetime.count()));
}

http::Response SessionResponse(const http::Request& request,
                               const base::Result<auth::Session>& session,
                               std::chrono::seconds refresh_lifetime, const Envelope& envelope) {
  if (!session.ok()) return envelope.Error(session.status());
  if (!session->challenge.empty()) {
    return envelope.Ok({{"second_factor_required", true},
                        {"challenge", session->challenge},
                        {"expires_in", session->expires_in.count()}});
  }
  http::Response response = envelope.Ok({{"token", session->token},
                                         {"refresh_token", session->refresh_token},
                                         {"expires_in", session->expires_in.count()},
                                         {"user", ToJson(session->user)}});
  SetRefreshCookie(request, response, session->refresh_token, refresh_lifetime);
  return response;
}

}  // namespace energy::api
