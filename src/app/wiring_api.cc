#include "api/entity_tag.h"
#include "api/gateway.h"
#include "api/resources.h"
#include "api/web.h"
#include "app/version.h"
#include "app/wiring_layers.h"
#include "base/yaml.h"

namespace energy::app {
namespace {

void AddChecks(Parts& p) {
  p.checks.Add("metadata", [&p] { return p.database->Check(); });
  p.checks.Add("telemetry", [&p] {
    if (const base::Status status = p.committer->health(); !status.ok()) return status;
    const series::StoreStats stats = p.store->Stats();
    return stats.writable ? base::Status() : base::Unavailable(stats.error);
  });
  // Where sessions are accepted without it, an outage costs shared limits only.
  if (p.redis && p.settings.sessions_without_cache == "refuse") {
    p.checks.Add("cache", [&p] { return p.redis->health(); });
  }
  p.checks.Add("mqtt sessions", [&p] { return p.broker->health(); });
  p.checks.Add("dead letters", [&p] { return p.dead_letter_writer->health(); });
}

api::RateLimits LimitsOf(const Settings& s) {
  if (!s.limits_enabled) return {.per_minute = {}};
  return {.per_minute = {s.limits_auth, s.limits_devices, s.limits_data, s.limits_others,
                         s.limits_ingest}};
}

api::LiveLimits LiveLimitsOf(const Settings& s) {
  if (!s.limits_enabled) return {.per_user = 0, .per_address = 0};
  return {.per_user = s.limits_live_per_user, .per_address = s.limits_live_per_address};
}

void WireAccessLog(Parts& p) {
  if (p.settings.access_log.empty()) return;
  std::filesystem::path path = p.settings.access_log;
  if (path != "-") path = p.data_dir.path() / path;  // an absolute one stays
  p.access_log =
      std::make_unique<http::AccessLog>(path, static_cast<uintmax_t>(p.settings.access_log_bytes),
                                        base::Named(p.logger, "access-log"), p.metrics);
  p.router->SetObserver([&p](const http::Request& request, const http::Response& response,
                             std::chrono::nanoseconds took) {
    p.access_log->Add(http::AccessLine(request, response, p.clock.Now(), took));
  });
}

void WireRouter(Parts& p) {
  p.envelope = std::make_unique<api::Envelope>(p.clock);
  p.router = std::make_unique<http::Router>();
  p.rate_limiter = std::make_unique<api::RateLimiter>(LimitsOf(p.settings), *p.counting_cache);
  p.routes = std::make_unique<api::Routes>(*p.router, *p.auth, *p.envelope, *p.rate_limiter);
  api::UseCors(*p.router, p.settings.cors_origins);
  api::UseSecurityHeaders(*p.router, *p.envelope,
                          std::chrono::seconds(p.settings.http_hsts_max_age_s));
  api::UseRateLimitHeaders(*p.router);
  api::UseEntityTags(*p.router);
  WireAccessLog(p);
}

void AddAccountRoutes(Parts& p) {
  const api::Envelope& envelope = *p.envelope;
  const api::AuthRouteParts auth{*p.auth, *p.users, *p.password_workers,
                                 std::chrono::seconds(p.settings.refresh_token_s)};
  api::AddAuthRoutes(*p.routes, auth, envelope);
  api::AddUserRoutes(*p.routes, auth, envelope);
  api::AddSecondFactorRoutes(*p.routes, {*p.second_factors, *p.password_workers}, envelope);
  api::AddOidcRoutes(
      *p.routes, {p.oidc.get(), p.oidc_workers.get(), p.settings.oidc.label, auth.refresh_lifetime},
      envelope);
  api::AddApiKeyRoutes(*p.routes, *p.api_keys, envelope);
}

void AddResourceRoutes(Parts& p) {
  const api::Envelope& envelope = *p.envelope;
  api::AddDeviceRoutes(*p.routes,
                       {*p.devices, *p.mqtt_credentials, *p.queries, *p.health, p.clock, *p.workers,
                        p.redis ? http::Run::kWorker : http::Run::kInline},
                       envelope);
  api::AddDeviceCsvRoutes(*p.routes, {*p.devices, *p.registry}, envelope);
  api::AddQueryRoutes(*p.routes, *p.queries, {*p.sql_queries, *p.sql_workers}, p.clock, envelope);
  api::AddProfileRoutes(*p.routes, {*p.devices, *p.registry, *p.rules}, envelope);
  api::AddIngestRoutes(*p.router,
                       {*p.auth, *p.mqtt_access, *p.lanes, *p.workers, p.clock, kVersion,
                        *p.rate_limiter, p.redis ? http::Run::kWorker : http::Run::kBySize},
                       envelope);
  api::AddArrivalRoutes(*p.routes, {*p.activity, *p.dead_letter_writer, *p.registry}, envelope);
  api::AddDeadLetterRoutes(*p.routes, {*p.dead_letters, *p.replay}, envelope);
  const auto places = std::make_shared<api::LivePlaces>(LiveLimitsOf(p.settings));
  api::AddLiveRoute(*p.routes, {*p.auth, *p.registry, *p.store, *p.live, places}, envelope);
  const api::RuleRouteParts rules{*p.rules, *p.store, *p.registry, p.clock};
  api::AddRuleRoutes(*p.routes, rules, envelope);
  api::AddRuleTrialRoutes(*p.routes, rules, envelope);
  api::AddAlertRoutes(*p.routes, *p.alerts, envelope);
  api::AddAlertLiveRoute(*p.routes, {*p.auth, *p.live_alerts, places}, envelope);
  api::AddNotificationRoutes(*p.routes, {*p.notifications, *p.rule_routing, *p.preferences},
                             envelope);
  p.audit = std::make_unique<audit::AuditLog>(*p.database);
  p.audit_retention = std::make_unique<audit::Retention>(
      *p.audit, p.clock, std::chrono::days(p.settings.audit_retention_days),
      p.data_dir.path() / "audit", base::Named(p.logger, "audit"));
  api::AddAuditRoutes(*p.routes, *p.audit, envelope);
  api::AddMqttRoutes(*p.routes, *p.broker, envelope);
  api::AddMqttAccessRoutes(*p.routes, *p.mqtt_credentials, envelope);
}

void AddSystemRoutes(Parts& p) {
  api::AddSystemRoutes(
      *p.routes,
      {p.checks, p.metrics, p.clock, kVersion, p.settings.roles,
       [&p] {
         const series::StoreStats stats = p.store->Stats();
         return base::Json{{"telemetry_bytes", stats.chunk_bytes + stats.log_bytes},
                           {"metadata_bytes", p.database->SizeBytes()},
                           {"free_bytes", p.data_dir.FreeBytes()}};
       },
       [&p] { return static_cast<uint64_t>(p.broker->stats().connections); }, *p.activity,
       *p.dead_letter_writer, *p.registry,
       [&p] {
         const auto text = base::YamlToJson(PrintSettings(p.settings));
         return text.ok() ? *text : base::Json::object();
       }},
      *p.envelope);
}

}  // namespace

void WireApi(Parts& p) {
  AddChecks(p);
  WireRouter(p);
  AddAccountRoutes(p);
  AddResourceRoutes(p);
  AddSystemRoutes(p);
  p.routes->CheckTable();
}

}  // namespace energy::app
