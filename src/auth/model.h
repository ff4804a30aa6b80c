#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"

namespace energy::auth {

/// What a user may do (LLD §3.1.1; viewers only look).
enum class Role { kAdmin, kEngineer, kViewer };

/// "admin", "engineer", "viewer": in tokens, the database and the API.
std::string_view RoleName(Role role);
std::optional<Role> ParseRole(std::string_view name);

/// What an API key may do; bits of Scopes. Never rename: in the database and the API.
enum class Scope : unsigned { kReadTelemetry = 1, kWriteTelemetry = 2, kManageDevices = 4 };
/// Any number of scopes.
using Scopes = unsigned;
constexpr Scopes operator|(Scope a, Scope b) {
  return static_cast<Scopes>(a) | static_cast<Scopes>(b);
}

/// "read_telemetry", "write_telemetry", "manage_devices".
std::optional<Scope> ParseScope(std::string_view name);
std::vector<std::string> ScopeNames(Scopes scopes);

/// Who does something, for logs.
struct Actor {
  std::string user_id;  ///< empty for an API key
  std::string name;     ///< email, or name of the key
  std::string address;  ///< where the request came from
};

/// A person with an account, without the password.
struct User {
  std::string id;     ///< UUID
  std::string email;  ///< lower case
  std::string full_name;
  Role role = Role::kViewer;
  bool is_active = true;
  bool second_factor = false;  ///< logins ask for a code as well
  int64_t version = 1;         ///< grows with each change of name, role or activity
  base::Timestamp created_at;
  base::Timestamp updated_at;
  std::optional<base::Timestamp> last_login;
};

/// Without surrounding blanks and in lower case (ASCII), the form in which emails are stored and
/// compared.
std::string NormalizeEmail(std::string_view email);

/// ASCII only.
std::string LowerCase(std::string_view text);

}  // namespace energy::auth
