#include "api/routes.h"

namespace energy::api {

bool Allows(Access access, auth::Role role) {
  switch (access) {
    case Access::kPublic:
    case Access::kRead:
      return true;
    case Access::kOperate:
      return role == auth::Role::kAdmin || role == auth::Role::kEngineer;
    case Access::kAdmin:
      return role == auth::Role::kAdmin;
  }
  return false;
}

void Routes::Add(http::Method method, std::string_view pattern, Access access, Handler handler,
                 http::Run run) {
  if (access == Access::kPublic) {
    router_.Add(
        method, pattern,
        [handler = std::move(handler)](http::Request& request) { return handler(request, {}); },
        run);
    return;
  }
  router_.Add(
      method, pattern,
      [this, access, handler = std::move(handler)](http::Request& request) -> http::Response {
        const auto caller = auth_.Authenticate(request.Header("Authorization"));
        if (!caller.ok()) return envelope_.Error(caller.status());
        if (!Allows(access, caller->role)) {
          return envelope_.Error(base::PermissionDenied(
              "The role " + std::string(auth::RoleName(caller->role)) + " may not do this."));
        }
        return handler(request, *caller);
      },
      run);
}

}  // namespace energy::api
