#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"

namespace energy::auth {

/// What a user may do (LLD §3.1.1; viewers only look).
enum class Role { kAdmin, kEngineer, kViewer };

/// "admin", "engineer", "viewer": in tokens, the database and the API.
std::string_view RoleName(Role role);
std::optional<Role> ParseRole(std::string_view name);

/// A person with an account, without the password.
struct User {
  std::string id;     ///< UUID
  std::string email;  ///< lower case
  std::string full_name;
  Role role = Role::kViewer;
  bool is_active = true;
  base::Timestamp created_at;
  base::Timestamp updated_at;
  std::optional<base::Timestamp> last_login;
};

/// Without surrounding blanks and in lower case (ASCII), the form in which emails are stored and
/// compared.
std::string NormalizeEmail(std::string_view email);

}  // namespace energy::auth
