#pragma once

#include <functional>
#include <string_view>

#include "api/envelope.h"
#include "auth/auth_service.h"
#include "http/router.h"

namespace energy::api {

/// Who may use a route.
enum class Access {
  kPublic,   ///< anybody, without a token
  kRead,     ///< every role
  kOperate,  ///< engineers and admins
  kAdmin,    ///< admins
};

/// True when `role` may use routes of that access: the one table of roles (LLD §4.1.4).
bool Allows(Access access, auth::Role role);

/// Adds routes that check the bearer token and the role before their handler runs (decision 2:
/// without a valid token 401, with the wrong role 403).
class Routes {
 public:
  /// `caller`: whom the token belongs to; empty claims on public routes.
  using Handler = std::function<http::Response(http::Request& request, const auth::Claims& caller)>;

  Routes(http::Router& router, auth::AuthService& auth, const Envelope& envelope)
      : router_(router), auth_(auth), envelope_(envelope) {}

  void Add(http::Method method, std::string_view pattern, Access access, Handler handler,
           http::Run run = http::Run::kWorker);

  http::Router& router() { return router_; }

 private:
  http::Router& router_;
  auth::AuthService& auth_;
  const Envelope& envelope_;
};

}  // namespace energy::api
