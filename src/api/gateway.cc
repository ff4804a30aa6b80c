#include "api/gateway.h"

#include <algorithm>

#include "api/rate_limit.h"

namespace energy::api {
namespace {

using http::Request;
using http::Response;

constexpr std::string_view kMethods = "GET, POST, PUT, PATCH, DELETE";
constexpr std::string_view kAsked =
    "Authorization, Content-Type, If-Match, If-None-Match, X-Request-Id";
constexpr std::string_view kShown =
    "ETag, Retry-After, RateLimit-Limit, RateLimit-Remaining, RateLimit-Reset, X-Request-Id";

void AddVary(Response& response, std::string_view name) {
  const std::string present(response.Header("Vary"));
  response.SetHeader("Vary",
                     present.empty() ? std::string(name) : present + ", " + std::string(name));
}

}  // namespace

void UseCors(http::Router& router, std::vector<std::string> origins) {
  if (origins.empty()) return;
  router.Use([origins = std::move(origins)](Request& request, const http::Handler& next) {
    const std::string origin(request.Header("Origin"));
    Response response = next(request);
    AddVary(response, "Origin");
    if (std::find(origins.begin(), origins.end(), origin) == origins.end()) return response;
    response.SetHeader("Access-Control-Allow-Origin", origin);
    response.SetHeader("Access-Control-Expose-Headers", kShown);
    if (request.method != http::Method::kOptions) return response;
    response.SetHeader("Access-Control-Allow-Methods", kMethods);
    response.SetHeader("Access-Control-Allow-Headers", kAsked);
    response.SetHeader("Access-Control-Max-Age", "600");
    return response;
  });
}

void UseRateLimitHeaders(http::Router& router) {
  router.Use([](Request& request, const http::Handler& next) {
    Response response = next(request);
    if (const auto* verdict = std::any_cast<RateLimiter::Verdict>(&request.context)) {
      RateLimiter::SetHeaders(*verdict, response);
    }
    return response;
  });
}

}  // namespace energy::api
