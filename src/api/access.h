#pragma once

#include <span>
#include <string_view>

#include "auth/token.h"
#include "base/status.h"
#include "http/message.h"

namespace energy::api {

/// Who may use a route.
enum class Access {
  kPublic,   ///< anybody, without a token
  kRead,     ///< every role
  kOperate,  ///< engineers and admins
  kAdmin,    ///< admins
};

/// True when `role` may use routes of that access (LLD §4.1.4).
bool Allows(Access access, auth::Role role);

/// One row of the table.
struct RouteAccess {
  http::Method method;
  std::string_view pattern;
  Access access;
  /// API keys with one of these may use it as well; 0: people alone.
  auth::Scopes scopes = 0;
};

/// Ok when `caller` may use the route, else kPermissionDenied.
base::Status CheckAccess(const RouteAccess& route, const auth::Claims& caller);

/// Who may do what: every route of the program has a row here, WebSockets (as GET) included. The
/// page's own files are no routes: anybody may load them.
std::span<const RouteAccess> AccessTable();

/// The row of a route; null when there is none.
const RouteAccess* FindAccess(http::Method method, std::string_view pattern);

}  // namespace energy::api
