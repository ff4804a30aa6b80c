#pragma once

#include "alerts/alert_service.h"
#include "api/envelope.h"
#include "api/health.h"
#include "api/routes.h"
#include "auth/auth_service.h"
#include "auth/mqtt_access.h"
#include "devices/device_service.h"
#include "rules/rule_service.h"
#include "telemetry/activity.h"
#include "telemetry/dead_letter_repository.h"
#include "telemetry/dead_letter_writer.h"
#include "telemetry/live_hub.h"
#include "telemetry/queries.h"

namespace energy::api {

/// The routes of one resource each. What they take must outlive the router; their handlers block on
/// SQL or the store and run on the worker pool.

/// `refresh_lifetime`: of the cookie that keeps a browser's session.
void AddAuthRoutes(Routes& routes, auth::AuthService& auth, std::chrono::seconds refresh_lifetime,
                   const Envelope& envelope);

struct DeviceRouteParts {
  devices::DeviceService& devices;
  auth::MqttAccess& mqtt_access;
  telemetry::Queries& queries;
  const base::Clock& clock;
};
void AddDeviceRoutes(Routes& routes, DeviceRouteParts parts, const Envelope& envelope);

struct TelemetryRouteParts {
  telemetry::Queries& queries;
  telemetry::Activity& activity;
  telemetry::DeadLetterRepository& dead_letters;
  telemetry::DeadLetterWriter& dead_letter_writer;
  const base::Clock& clock;
};
void AddTelemetryRoutes(Routes& routes, TelemetryRouteParts parts, const Envelope& envelope);

/// The WebSocket `/api/data/telemetry/{id}/live` (decision 7).
void AddLiveRoute(Routes& routes, auth::AuthService& auth, devices::Registry& registry,
                  series::Store& store, telemetry::LiveHub& hub, const Envelope& envelope);

void AddRuleRoutes(Routes& routes, rules::RuleService& rules, const Envelope& envelope);
void AddAlertRoutes(Routes& routes, alerts::AlertService& alerts, const Envelope& envelope);

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
};
void AddSystemRoutes(Routes& routes, SystemRouteParts parts, const Envelope& envelope);

}  // namespace energy::api
