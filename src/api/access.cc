#include "api/access.h"

#include <algorithm>
#include <array>

namespace energy::api {
namespace {

using enum Access;
using enum http::Method;

constexpr auto kReads = static_cast<auth::Scopes>(auth::Scope::kReadTelemetry);
constexpr auto kWrites = static_cast<auth::Scopes>(auth::Scope::kWriteTelemetry);
constexpr auto kManages = static_cast<auth::Scopes>(auth::Scope::kManageDevices);
// Who reads readings must know of which devices, and in which units.
constexpr auto kSeesDevices = auth::Scope::kReadTelemetry | auth::Scope::kManageDevices;

constexpr auto kTable = std::to_array<RouteAccess>({
    {kPost, "/api/auth/login", kPublic},
    {kPost, "/api/auth/login/second-factor", kPublic},
    {kPost, "/api/auth/refresh", kPublic},
    {kGet, "/api/auth/oidc", kPublic},
    {kGet, "/api/auth/oidc/login", kPublic},
    {kGet, "/api/auth/oidc/callback", kPublic},
    {kPost, "/api/auth/oidc/session", kPublic},
    {kPost, "/api/auth/logout", kRead},
    {kGet, "/api/auth/me", kRead},
    {kGet, "/api/auth/validate", kRead},
    {kPost, "/api/auth/password", kRead},
    {kGet, "/api/auth/second-factor", kRead},
    {kPost, "/api/auth/second-factor", kRead},
    {kPost, "/api/auth/second-factor/confirm", kRead},
    {kPost, "/api/auth/second-factor/disable", kRead},
    {kPost, "/api/auth/register", kAdmin},
    {kGet, "/api/auth/me/notifications", kRead},
    {kPut, "/api/auth/me/notifications", kRead},

    {kGet, "/api/users", kAdmin},
    {kGet, "/api/users/{id}", kAdmin},
    {kPut, "/api/users/{id}", kAdmin},
    {kPost, "/api/users/{id}/password", kAdmin},
    {kDelete, "/api/users/{id}/second-factor", kAdmin},

    {kGet, "/api/api-keys", kAdmin},
    {kPost, "/api/api-keys", kAdmin},
    {kDelete, "/api/api-keys/{id}", kAdmin},

    {kGet, "/api/devices", kRead, kSeesDevices},
    {kPost, "/api/devices", kAdmin, kManages},
    {kGet, "/api/devices/{id}", kRead, kSeesDevices},
    {kPut, "/api/devices/{id}", kOperate, kManages},
    {kDelete, "/api/devices/{id}", kAdmin, kManages},
    {kGet, "/api/devices/{id}/status", kRead, kSeesDevices},
    {kGet, "/api/devices/{id}/health", kRead, kSeesDevices},
    {kGet, "/api/devices.csv", kRead, kSeesDevices},
    {kPost, "/api/devices.csv", kAdmin, kManages},
    {kGet, "/api/devices/{id}/ingest", kRead, kSeesDevices},
    {kPost, "/api/devices/{id}/credentials", kAdmin, kManages},

    {kGet, "/api/profiles", kRead, kSeesDevices},
    {kPost, "/api/profiles", kAdmin},
    {kGet, "/api/profiles/{type}", kRead, kSeesDevices},
    {kPut, "/api/profiles/{type}", kAdmin},
    {kDelete, "/api/profiles/{type}", kAdmin},

    // Writing takes the credential of a device as well (ingest_access.h).
    {kPost, "/api/data/telemetry/{id}", kOperate, kWrites},
    {kPost, "/api/v2/write", kOperate, kWrites},
    {kPost, "/write", kOperate, kWrites},
    {kGet, "/ping", kPublic},

    {kGet, "/api/data/telemetry/{id}", kRead, kReads},
    {kGet, "/api/data/telemetry/{id}/latest", kRead, kReads},
    {kGet, "/api/data/telemetry/{id}/live", kRead, kReads},
    {kGet, "/api/data/latest", kRead, kReads},
    {kGet, "/api/data/stats/{id}", kRead, kReads},
    {kPost, "/api/data/query", kRead, kReads},
    {kGet, "/api/data/ingest", kRead, kReads},

    {kGet, "/api/data/dead-letters", kRead},
    {kDelete, "/api/data/dead-letters", kAdmin},
    {kGet, "/api/data/dead-letters/download", kRead},
    {kPost, "/api/data/dead-letters/replay", kOperate},
    {kDelete, "/api/data/dead-letters/{id}", kAdmin},
    {kPost, "/api/data/dead-letters/{id}/replay", kOperate},

    {kGet, "/api/rules", kRead},
    {kPost, "/api/rules", kOperate},
    {kGet, "/api/rules/{id}", kRead},
    {kPut, "/api/rules/{id}", kOperate},
    {kPatch, "/api/rules/{id}/status", kOperate},
    {kDelete, "/api/rules/{id}", kOperate},
    {kPost, "/api/rules/{id}/evaluate", kRead},
    {kPost, "/api/rules/backtest", kOperate},

    {kGet, "/api/alerts", kRead},
    {kGet, "/api/alerts/summary", kRead},
    {kGet, "/api/alerts/statistics", kRead},
    {kGet, "/api/alerts/assignees", kRead},
    {kGet, "/api/alerts/live", kRead},
    {kPost, "/api/alerts/bulk", kOperate},
    {kGet, "/api/alerts/{id}", kRead},
    {kPost, "/api/alerts/{id}/acknowledge", kOperate},
    {kPost, "/api/alerts/{id}/resolve", kOperate},
    {kPost, "/api/alerts/{id}/reopen", kOperate},
    {kPost, "/api/alerts/{id}/shelve", kOperate},
    {kPost, "/api/alerts/{id}/unshelve", kOperate},
    {kPost, "/api/alerts/{id}/assign", kOperate},
    {kPost, "/api/alerts/{id}/comment", kOperate},

    // Addresses of people are for those who work with them.
    {kGet, "/api/notifications", kOperate},
    {kGet, "/api/notifications/channels", kOperate},
    {kPost, "/api/notifications/test", kOperate},
    {kPost, "/api/notifications/preview", kOperate},
    {kGet, "/api/notifications/{id}", kOperate},
    {kPost, "/api/notifications/{id}/retry", kOperate},
    {kGet, "/api/rules/{id}/recipients", kOperate},
    {kPut, "/api/rules/{id}/recipients", kOperate},

    {kGet, "/api/mqtt/clients", kOperate},
    {kGet, "/api/mqtt/clients/{id}", kOperate},
    {kDelete, "/api/mqtt/clients/{id}", kOperate},
    {kGet, "/api/mqtt/clients/{id}/trace", kOperate},
    {kPost, "/api/mqtt/clients/{id}/trace", kOperate},
    {kGet, "/api/mqtt/errors", kOperate},
    {kGet, "/api/mqtt/credentials", kAdmin},
    {kPost, "/api/mqtt/credentials", kAdmin},
    {kDelete, "/api/mqtt/credentials/{username}", kAdmin},
    {kPost, "/api/mqtt/credentials/{username}/password", kAdmin},
    {kGet, "/api/mqtt/acl", kAdmin},
    {kPost, "/api/mqtt/acl", kAdmin},
    {kDelete, "/api/mqtt/acl/{id}", kAdmin},

    {kGet, "/api/audit", kAdmin},
    {kGet, "/api/audit/verify", kAdmin},
    {kGet, "/api/audit/download", kAdmin},

    {kGet, "/api/system", kRead},
    {kGet, "/api/system/settings", kAdmin},
    {kGet, "/api/openapi.json", kPublic},
    {kGet, "/health", kPublic},
    {kGet, "/ready", kPublic},
    {kGet, "/metrics", kPublic},
});

}  // namespace

bool Allows(Access access, auth::Role role) {
  switch (access) {
    case kPublic:
    case kRead:
      return true;
    case kOperate:
      return role == auth::Role::kAdmin || role == auth::Role::kEngineer;
    case kAdmin:
      return role == auth::Role::kAdmin;
  }
  return false;
}

base::Status CheckAccess(const RouteAccess& route, const auth::Claims& caller) {
  if (caller.is_api_key()) {
    if ((route.scopes & caller.scopes) != 0) return {};
    std::string scopes;
    for (const std::string& name : auth::ScopeNames(route.scopes)) {
      scopes += (scopes.empty() ? "" : " or ") + name;
    }
    return base::PermissionDenied(scopes.empty() ? "API keys may not do this: log in."
                                                 : "The API key needs the scope " + scopes + ".");
  }
  if (Allows(route.access, caller.role)) return {};
  return base::PermissionDenied("The role " + std::string(auth::RoleName(caller.role)) +
                                " may not do this.");
}

std::span<const RouteAccess> AccessTable() { return kTable; }

const RouteAccess* FindAccess(http::Method method, std::string_view pattern) {
  const auto* const found = std::find_if(kTable.begin(), kTable.end(), [&](const RouteAccess& row) {
    return row.method == method && row.pattern == pattern;
  });
  return found == kTable.end() ? nullptr : found;
}

}  // namespace energy::api
