#include "api/gateway.h"

#include <algorithm>
#include <cstdio>

#include "api/rate_limit.h"
#include "http/static_files.h"

namespace energy::api {
namespace {

using http::Request;
using http::Response;

constexpr std::string_view kMethods = "GET, POST, PUT, PATCH, DELETE";
constexpr std::string_view kAsked = "Authorization, Content-Type, If-None-Match, X-Request-Id";
constexpr std::string_view kShown =
    "ETag, Retry-After, RateLimit-Limit, RateLimit-Remaining, RateLimit-Reset, X-Request-Id";

void AddVary(Response& response, std::string_view name) {
  const std::string present(response.Header("Vary"));
  response.SetHeader("Vary",
                     present.empty() ? std::string(name) : present + ", " + std::string(name));
}

// FNV-1a (draft-eastlake-fnv): two versions of a resource are told apart, nobody is kept from
// making two that are not.
uint64_t Hash(std::string_view bytes) {
  uint64_t hash = 0xcbf29ce484222325;
  for (const char byte : bytes) {
    hash = (hash ^ static_cast<unsigned char>(byte)) * 0x100000001b3;
  }
  return hash;
}

bool IsOneResource(const Request& request, const Response& response) {
  return request.method == http::Method::kGet && response.status == 200 && !response.more &&
         !response.later && request.route.ends_with('}') && request.route.starts_with("/api/") &&
         response.Header("ETag").empty() &&
         response.Header("Content-Type").starts_with("application/json");
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

void UseEntityTags(http::Router& router) {
  router.Use([](Request& request, const http::Handler& next) {
    Response response = next(request);
    if (!IsOneResource(request, response)) return response;
    const std::string_view body = response.Body();
    // The envelope's last member is the time of the answer.
    const std::string_view lasting = body.substr(0, body.rfind(R"(,"timestamp":)"));
    char tag[17];
    std::snprintf(tag, sizeof(tag), "%016llx", static_cast<unsigned long long>(Hash(lasting)));
    response.SetHeader("ETag", "W/\"" + std::string(tag) + "\"");
    response.SetHeader("Cache-Control", "private, no-cache");
    if (!http::NamesTag(request.Header("If-None-Match"), tag)) return response;
    response.status = 304;
    response.body.clear();
    response.shared_body.reset();
    return response;
  });
}

}  // namespace energy::api
