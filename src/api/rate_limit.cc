#include "api/rate_limit.h"

#include "base/address.h"

namespace energy::api {
namespace {

constexpr std::chrono::minutes kWindow{1};
constexpr std::array<std::string_view, kRateClasses> kNames{"auth", "devices", "data", "others",
                                                            "ingest"};

bool Below(std::string_view pattern, std::string_view prefix) {
  return pattern.starts_with(prefix) &&
         (pattern.size() == prefix.size() || pattern[prefix.size()] == '/' ||
          pattern[prefix.size()] == '.');
}

}  // namespace

RateClass RateClassOf(http::Method method, std::string_view pattern) {
  const bool post = method == http::Method::kPost;
  if (pattern == "/write" || pattern == "/api/v2/write" ||
      (post && pattern == "/api/data/telemetry/{id}")) {
    return RateClass::kIngest;
  }
  if (!Below(pattern, "/api") || pattern == "/api/openapi.json") return RateClass::kNone;
  // A page that is loaded asks who its user is; that guesses nothing, nor does a one-time code.
  const bool upkeep = pattern == "/api/auth/refresh" || pattern == "/api/auth/logout" ||
                      pattern == "/api/auth/oidc/session";
  if (post && !upkeep && Below(pattern, "/api/auth")) return RateClass::kAuth;
  if (Below(pattern, "/api/devices")) return RateClass::kDevices;
  if (Below(pattern, "/api/data")) return RateClass::kData;
  return RateClass::kOthers;
}

RateLimiter::Verdict RateLimiter::Take(RateClass rate_class, std::string_view user,
                                       std::string_view remote) {
  const auto index = static_cast<size_t>(rate_class);
  if (rate_class == RateClass::kNone || limits_.per_minute[index] == 0) return {};
  Verdict verdict;
  verdict.limit = limits_.per_minute[index];
  std::string key = "limit/";
  key.append(kNames[index]).append(user.empty() ? "/address/" : "/user/");
  key += user.empty() ? base::AddressGroup(remote) : std::string(user);
  const auto taken = counts_.TakePlace(key, verdict.limit, kWindow);
  // A cache that fails for good does not stop the platform.
  if (!taken.ok()) return {};
  verdict.remaining = taken->remaining;
  verdict.reset_s = std::chrono::ceil<std::chrono::seconds>(taken->wait).count();
  if (taken->granted) return verdict;
  const std::string seconds = std::to_string(verdict.reset_s);
  verdict.status = {base::Code::kRateLimited,
                    "more than " + std::to_string(verdict.limit) +
                        " requests within a minute: try again in " + seconds + " s",
                    {{"retry_after_s", seconds}, {"limit", std::to_string(verdict.limit)}}};
  return verdict;
}

void RateLimiter::SetHeaders(const Verdict& verdict, http::Response& response) {
  // A 429 has its own, also that of a locked account.
  if (verdict.limit == 0 || response.status == 429) return;
  response.SetHeader("RateLimit-Limit", std::to_string(verdict.limit));
  response.SetHeader("RateLimit-Remaining", std::to_string(verdict.remaining));
  response.SetHeader("RateLimit-Reset", std::to_string(verdict.reset_s));
}

}  // namespace energy::api
