#pragma once

#include "app/parts.h"

// The layers of the platform, in the order in which Wire builds them: each may use what the ones
// before it built, and what a later one builds only from inside a function that runs later.
namespace energy::app {

/// Metadata database, telemetry store, caches. Replays the log and migrates.
base::Status WireStorage(Parts& parts);
/// Accounts, sessions, API keys, the first admin; the OpenID provider; MQTT credentials and access
/// rules.
base::Status WireAccess(Parts& parts);
/// Who is told of alerts, and by what. Errors: notifications.*.
base::Status WireNotifications(Parts& parts);
/// What happens to alerts goes to the outbox. After WireDevices.
void ConnectOutbox(Parts& parts);
/// Device registry, rules, alerts.
base::Status WireDevices(Parts& parts);
/// The way of a reading from a lane to the subscribers of the feed; health scores.
base::Status WireTelemetry(Parts& parts);
/// The MQTT broker, and who acknowledges what it took.
void WireBroker(Parts& parts);
/// Structured queries and SQL.
void WireQueries(Parts& parts);
/// Router, middleware, access log, every route, the health checks.
void WireApi(Parts& parts);
/// The web page and the HTTP servers. Errors: http.trusted_proxies.
base::Status WireServers(Parts& parts);

}  // namespace energy::app
