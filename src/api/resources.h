#pragma once

#include "alerts/alert_service.h"
#include "alerts/live_hub.h"
#include "api/envelope.h"
#include "api/health.h"
#include "api/live_places.h"
#include "api/routes.h"
#include "api/sql_answer.h"
#include "audit/audit_log.h"
#include "auth/api_key_service.h"
#include "auth/auth_service.h"
#include "auth/mqtt_access.h"
#include "auth/mqtt_credential_service.h"
#include "auth/second_factor_service.h"
#include "auth/user_service.h"
#include "base/worker_pool.h"
#include "devices/device_service.h"
#include "health/health.h"
#include "mqtt/broker.h"
#include "notifications/preferences.h"
#include "notifications/rule_routing.h"
#include "notifications/service.h"
#include "oidc/login.h"
#include "query/engine.h"
#include "rules/rule_service.h"
#include "sqlquery/service.h"
#include "telemetry/activity.h"
#include "telemetry/dead_letter_replay.h"
#include "telemetry/dead_letter_writer.h"
#include "telemetry/live_hub.h"

namespace energy::api {

/// The routes of one resource each. What they take must outlive the router; their handlers block on
/// SQL or the store and run on the worker pool.

struct AuthRouteParts {
  auth::AuthService& auth;
  auth::UserService& users;
  /// For what takes a bcrypt, so that other requests never wait behind logins.
  base::WorkerPool& passwords;
  /// Of the cookie that keeps a browser's session.
  std::chrono::seconds refresh_lifetime;
};
void AddAuthRoutes(Routes& routes, AuthRouteParts parts, const Envelope& envelope);

struct SecondFactorRouteParts {
  auth::SecondFactorService& service;
  base::WorkerPool& passwords;
};
/// /api/auth/second-factor, and its reset by an admin.
void AddSecondFactorRoutes(Routes& routes, SecondFactorRouteParts parts, const Envelope& envelope);

/// /api/auth/oidc: login by an OpenID provider.
struct OidcRouteParts {
  oidc::Login* login = nullptr;         ///< null: not configured
  base::WorkerPool* workers = nullptr;  ///< for what waits for the provider; null with it
  std::string label;                    ///< of the button
  std::chrono::seconds refresh_lifetime{};
};
void AddOidcRoutes(Routes& routes, OidcRouteParts parts, const Envelope& envelope);

/// /api/users, and /api/auth/register and /password.
void AddUserRoutes(Routes& routes, AuthRouteParts parts, const Envelope& envelope);

void AddApiKeyRoutes(Routes& routes, auth::ApiKeyService& keys, const Envelope& envelope);

struct DeviceRouteParts {
  devices::DeviceService& devices;
  auth::MqttCredentialService& mqtt_credentials;
  const query::Engine& queries;
  health::HealthService& health;
  const base::Clock& clock;
  base::WorkerPool& workers;
  /// Where a device is read: on the I/O thread unless authentication waits for a server.
  http::Run read = http::Run::kInline;
};
void AddDeviceRoutes(Routes& routes, DeviceRouteParts parts, const Envelope& envelope);

/// Devices as CSV: export, and import with a dry run.
struct DeviceCsvParts {
  devices::DeviceService& devices;
  const devices::Registry& registry;
};
void AddDeviceCsvRoutes(Routes& routes, DeviceCsvParts parts, const Envelope& envelope);

/// Reading telemetry: /api/data/telemetry/{id}, /api/data/latest, /api/data/stats/{id},
/// /api/data/query, also with SQL.
void AddQueryRoutes(Routes& routes, const query::Engine& queries, SqlParts sql,
                    const base::Clock& clock, const Envelope& envelope);

/// What writes telemetry: JSON, and line protocol at the addresses of InfluxDB with its /ping.
struct IngestRouteParts {
  auth::AuthService& auth;
  auth::MqttAccess& mqtt_access;
  telemetry::LanePool& lanes;
  base::WorkerPool& workers;
  const base::Clock& clock;
  std::string version;
  RateLimiter& limiter;
  /// Where short requests run; not on the I/O thread when authentication waits for a server.
  http::Run run = http::Run::kBySize;
};
void AddIngestRoutes(http::Router& router, IngestRouteParts parts, const Envelope& envelope);

/// How well readings arrive, in all and by device.
struct ArrivalRouteParts {
  telemetry::Activity& activity;
  const telemetry::DeadLetterWriter& dead_letters;
  const devices::Registry& registry;
};
void AddArrivalRoutes(Routes& routes, ArrivalRouteParts parts, const Envelope& envelope);

struct DeadLetterRouteParts {
  telemetry::DeadLetterRepository& letters;
  telemetry::DeadLetterReplay& replay;
};
void AddDeadLetterRoutes(Routes& routes, DeadLetterRouteParts parts, const Envelope& envelope);

struct ProfileRouteParts {
  devices::DeviceService& devices;
  const devices::Registry& registry;
  rules::RuleService& rules;
};
void AddProfileRoutes(Routes& routes, ProfileRouteParts parts, const Envelope& envelope);

/// The WebSocket `/api/data/telemetry/{id}/live` (decision 7).
struct LiveRouteParts {
  auth::AuthService& auth;
  devices::Registry& registry;
  series::Store& store;
  telemetry::LiveHub& hub;
  std::shared_ptr<LivePlaces> places;
};
void AddLiveRoute(Routes& routes, LiveRouteParts parts, const Envelope& envelope);

/// /api/audit: who did what, and whether the log is whole.
void AddAuditRoutes(Routes& routes, audit::AuditLog& log, const Envelope& envelope);

struct RuleRouteParts {
  rules::RuleService& rules;
  const series::Store& store;
  const devices::Registry& registry;
  const base::Clock& clock;
};
void AddRuleRoutes(Routes& routes, RuleRouteParts parts, const Envelope& envelope);
/// POST /api/rules/backtest and /api/rules/{id}/evaluate: what a rule would do, without doing it.
void AddRuleTrialRoutes(Routes& routes, RuleRouteParts parts, const Envelope& envelope);
void AddAlertRoutes(Routes& routes, alerts::AlertService& alerts, const Envelope& envelope);

/// The WebSocket `/api/alerts/live`: each change of an alert.
struct AlertLiveRouteParts {
  auth::AuthService& auth;
  alerts::LiveHub& hub;
  std::shared_ptr<LivePlaces> places;
};
void AddAlertLiveRoute(Routes& routes, AlertLiveRouteParts parts, const Envelope& envelope);

/// /api/notifications, /api/rules/{id}/recipients, and the caller's own
/// /api/auth/me/notifications.
struct NotificationRouteParts {
  notifications::NotificationService& service;
  notifications::RuleRoutingService& routing;
  notifications::PreferencesService& preferences;
};
void AddNotificationRoutes(Routes& routes, NotificationRouteParts parts, const Envelope& envelope);

/// /api/mqtt: who is connected and what went wrong; who may connect, and do what (admins).
void AddMqttRoutes(Routes& routes, mqtt::Broker& broker, const Envelope& envelope);
void AddMqttAccessRoutes(Routes& routes, auth::MqttCredentialService& access,
                         const Envelope& envelope);

/// /health, /ready, /metrics, /api/system and /api/openapi.json.
struct SystemRouteParts {
  const HealthChecks& checks;
  base::Metrics& metrics;
  const base::Clock& clock;
  std::string version;
  std::vector<std::string> roles;
  /// Answers the numbers of /api/system that belong to other modules.
  std::function<base::Json()> storage;
  std::function<uint64_t()> mqtt_connections;
  const telemetry::Activity& activity;
  const telemetry::DeadLetterWriter& dead_letters;
  const devices::Registry& registry;
  /// The options in force, as a JSON object; secrets are ***.
  std::function<base::Json()> settings;
};
void AddSystemRoutes(Routes& routes, SystemRouteParts parts, const Envelope& envelope);

}  // namespace energy::api
