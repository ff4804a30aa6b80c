#include "api/routes.h"

#include <cstdio>
#include <cstdlib>

#include "audit/audit.h"

namespace energy::api {
namespace {

const RouteAccess& RowOf(http::Method method, std::string_view pattern) {
  const RouteAccess* const row = FindAccess(method, pattern);
  if (row != nullptr) return *row;
  std::fprintf(stderr, "%s %s has no row in src/api/access.cc\n",
               std::string(http::MethodName(method)).c_str(), std::string(pattern).c_str());
  std::abort();
}

}  // namespace

auth::Actor ActorOf(const http::Request& request, const auth::Claims& caller) {
  return {caller.user_id, caller.email, request.remote_address};
}

void Routes::Add(http::Method method, std::string_view pattern, Handler handler, http::Run run,
                 size_t body_limit) {
  const RouteAccess& row = RowOf(method, pattern);
  const RateClass rate = RateClassOf(method, pattern);
  if (row.access == Access::kPublic) {
    router_.Add(
        method, pattern,
        [this, rate, handler = std::move(handler)](http::Request& request) -> http::Response {
          if (const base::Status status = Count(rate, request); !status.ok()) {
            return envelope_.Error(status);
          }
          const audit::Acting acting({"", "anonymous", request.remote_address, request.id});
          return handler(request, {});
        },
        run, body_limit);
    return;
  }
  router_.Add(
      method, pattern,
      [this, &row, rate, handler = std::move(handler)](http::Request& request) -> http::Response {
        const auto caller = auth_.Authenticate(request.Header("Authorization"));
        if (caller.ok()) request.user = caller->user_id;
        if (const base::Status over = Count(rate, request); !over.ok()) {
          return envelope_.Error(over);
        }
        if (!caller.ok()) return envelope_.Error(caller.status());
        if (const base::Status status = CheckAccess(row, *caller); !status.ok()) {
          return envelope_.Error(status);
        }
        const bool key = caller->is_api_key();
        const audit::Acting acting({key ? caller->api_key_id : caller->user_id,
                                    (key ? "API key " : "") + caller->email, request.remote_address,
                                    request.id});
        return handler(request, *caller);
      },
      run, body_limit);
}

base::Status Routes::Count(RateClass rate, http::Request& request) {
  RateLimiter::Verdict verdict = limiter_.Take(rate, request.user, request.remote_address);
  base::Status status = verdict.status;
  request.context = std::move(verdict);  // for UseRateLimitHeaders
  return status;
}

void Routes::CheckTable() const {
  for (const http::Router::Route& route : router_.routes()) RowOf(route.method, route.pattern);
}

}  // namespace energy::api
