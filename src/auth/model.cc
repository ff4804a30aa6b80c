#include "auth/model.h"

#include <array>
#include <utility>

namespace energy::auth {
namespace {

constexpr std::array<std::pair<Scope, std::string_view>, 3> kScopes{{
    {Scope::kReadTelemetry, "read_telemetry"},
    {Scope::kWriteTelemetry, "write_telemetry"},
    {Scope::kManageDevices, "manage_devices"},
}};

}  // namespace

std::string_view RoleName(Role role) {
  switch (role) {
    case Role::kAdmin:
      return "admin";
    case Role::kEngineer:
      return "engineer";
    case Role::kViewer:
      return "viewer";
  }
  return "viewer";
}

std::optional<Role> ParseRole(std::string_view name) {
  for (const Role role : {Role::kAdmin, Role::kEngineer, Role::kViewer}) {
    if (RoleName(role) == name) return role;
  }
  return std::nullopt;
}

std::optional<Scope> ParseScope(std::string_view name) {
  for (const auto& [scope, scope_name] : kScopes) {
    if (scope_name == name) return scope;
  }
  return std::nullopt;
}

std::vector<std::string> ScopeNames(Scopes scopes) {
  std::vector<std::string> names;
  for (const auto& [scope, name] : kScopes) {
    if ((scopes & static_cast<Scopes>(scope)) != 0) names.emplace_back(name);
  }
  return names;
}

std::string NormalizeEmail(std::string_view email) {
  const size_t begin = email.find_first_not_of(" \t\r\n");
  if (begin == std::string_view::npos) return "";
  email = email.substr(begin, email.find_last_not_of(" \t\r\n") - begin + 1);
  return LowerCase(email);
}

std::string LowerCase(std::string_view text) {
  std::string lower(text);
  for (char& c : lower) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return lower;
}

}  // namespace energy::auth
