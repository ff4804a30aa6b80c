#pragma once

#include <functional>
#include <string_view>

#include "api/access.h"
#include "api/envelope.h"
#include "api/rate_limit.h"
#include "auth/auth_service.h"
#include "http/router.h"

namespace energy::api {

/// Adds routes that count towards the rate limits (LLD §5.1), and check the bearer token and the
/// role before their handler runs (decision 2: without a valid token 401, with the wrong role 403).
/// Who may use a route says the table in access.cc: adding one that has no row there aborts.
class Routes {
 public:
  /// `caller`: whom the token belongs to; empty claims on public routes.
  using Handler = std::function<http::Response(http::Request& request, const auth::Claims& caller)>;

  Routes(http::Router& router, auth::AuthService& auth, const Envelope& envelope,
         RateLimiter& limiter)
      : router_(router), auth_(auth), envelope_(envelope), limiter_(limiter) {}

  void Add(http::Method method, std::string_view pattern, Handler handler,
           http::Run run = http::Run::kWorker, size_t body_limit = 0);

  /// Aborts when the router has a route, however it was added, that has no row in the table.
  void CheckTable() const;

  http::Router& router() { return router_; }

 private:
  http::Router& router_;
  auth::AuthService& auth_;
  const Envelope& envelope_;
  RateLimiter& limiter_;

  /// Counts a request of its user or address. Errors: kRateLimited.
  base::Status Count(RateClass rate, http::Request& request);
};

/// Who asks, for the services that note it.
auth::Actor ActorOf(const http::Request& request, const auth::Claims& caller);

}  // namespace energy::api
