#include "auth/user_audit.h"

#include "audit/audit.h"

namespace energy::auth {
namespace {

base::Json StateOf(const User& user) {
  return {{"email", user.email},
          {"full_name", user.full_name},
          {"role", RoleName(user.role)},
          {"is_active", user.is_active}};
}

}  // namespace

base::Status RecordUserCreated(sql::Connection& connection, const base::Clock& clock,
                               const User& user) {
  return audit::Record(connection, clock, {"user.create", "user", user.id, nullptr, StateOf(user)});
}

base::Status RecordUserUpdated(sql::Connection& connection, const base::Clock& clock,
                               const std::optional<User>& before, const User& after) {
  return audit::Record(
      connection, clock,
      {"user.update", "user", after.id, before ? StateOf(*before) : base::Json(), StateOf(after)});
}

}  // namespace energy::auth
