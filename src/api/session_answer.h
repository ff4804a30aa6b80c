#pragma once

#include <chrono>
#include <string>

#include "api/envelope.h"
#include "auth/auth_service.h"
#include "http/message.h"

namespace energy::api {

/// Sets the cookie that keeps a browser's session; an empty token and no lifetime remove it.
void SetRefreshCookie(const http::Request& request, http::Response& response,
                      const std::string& token, std::chrono::seconds lifetime);

/// The answer to a login or refresh: tokens with the cookie, or the challenge of a second factor.
http::Response SessionResponse(const http::Request& request,
                               const base::Result<auth::Session>& session,
                               std::chrono::seconds refresh_lifetime, const Envelope& envelope);

/// The cookie's name.
inline constexpr std::string_view kRefreshCookie = "energy_refresh";

}  // namespace energy::api
