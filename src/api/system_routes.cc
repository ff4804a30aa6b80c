#include <unistd.h>

#include <fstream>

#include "api/json_views.h"
#include "api/openapi.h"
#include "api/resources.h"
#include "base/time_text.h"

namespace energy::api {
namespace {

using auth::Claims;
using http::Method;
using http::Request;
using http::Response;

Response Plain(int status, std::string_view type, std::string body) {
  Response response;
  response.status = status;
  response.SetHeader("Content-Type", type);
  response.SetHeader("Cache-Control", "no-store");
  response.body = std::move(body);
  return response;
}

base::Json ChecksToJson(const std::vector<HealthChecks::Outcome>& outcomes) {
  base::Json checks = base::Json::array();
  for (const HealthChecks::Outcome& outcome : outcomes) {
    checks.push_back({{"name", outcome.name},
                      {"ok", outcome.status.ok()},
                      {"detail", outcome.status.message()}});
  }
  return checks;
}

Response Ready(const HealthChecks& checks) {
  const auto outcomes = checks.Run();
  bool ready = true;
  for (const auto& outcome : outcomes) ready = ready && outcome.status.ok();
  const base::Json body{{"status", ready ? "ready" : "unready"},
                        {"checks", ChecksToJson(outcomes)}};
  return Plain(ready ? 200 : 503, "application/json", body.dump());
}

// Resident memory of this process.
uint64_t MemoryBytes() {
  std::ifstream statm("/proc/self/statm");
  uint64_t total_pages = 0;
  uint64_t resident_pages = 0;
  statm >> total_pages >> resident_pages;
  return resident_pages * static_cast<uint64_t>(sysconf(_SC_PAGESIZE));
}

}  // namespace

void AddSystemRoutes(Routes& routes, SystemRouteParts parts, const Envelope& envelope) {
  const auto started_at = parts.clock.Now();
  const auto started = parts.clock.Steady();
  routes.Add(
      Method::kGet, "/health",  // The form that clients of InfluxDB probe for.
      [version = parts.version](Request&, const Claims&) {
        const base::Json body{{"name", "energy-platform"},
                              {"status", "pass"},
                              {"message", "ready for queries and writes"},
                              {"version", version}};
        return Plain(200, "application/json", body.dump());
      },
      http::Run::kInline);
  routes.Add(Method::kGet, "/ready",
             [&checks = parts.checks](Request&, const Claims&) { return Ready(checks); });
  routes.Add(Method::kGet, "/metrics", [&metrics = parts.metrics](Request&, const Claims&) {
    return Plain(200, "text/plain; version=0.0.4; charset=utf-8", metrics.Text());
  });
  routes.Add(Method::kGet, "/api/openapi.json", [&envelope](Request&, const Claims&) {
    const auto& document = OpenApiJson();
    return document.ok() ? Plain(200, "application/json", *document)
                         : envelope.Error(document.status());
  });
  routes.Add(Method::kGet, "/api/system",
             [parts, started, started_at, &envelope](Request&, const Claims&) {
               const std::chrono::duration<double> uptime = parts.clock.Steady() - started;
               return envelope.Ok({{"version", parts.version},
                                   {"roles", parts.roles},
                                   {"uptime_s", uptime.count()},
                                   {"started_at", base::FormatTimestamp(started_at)},
                                   {"checks", ChecksToJson(parts.checks.Run())},
                                   {"storage", parts.storage()},
                                   {"mqtt", {{"connections", parts.mqtt_connections()}}},
                                   {"ingest",
                                    {{"rate_per_s", parts.activity.rate_per_s()},
                                     {"accepted_total", parts.activity.accepted_total()},
                                     {"rejected_total", parts.dead_letters.written()}}},
                                   {"devices",
                                    {{"registered", parts.registry.Snapshot()->size()},
                                     {"reporting", parts.activity.DevicesReporting()}}},
                                   {"memory_bytes", MemoryBytes()}});
             });
  routes.Add(Method::kGet, "/api/system/settings", [parts, &envelope](Request&, const Claims&) {
    return envelope.Ok({{"settings", parts.settings()}});
  });
}

}  // namespace energy::api
