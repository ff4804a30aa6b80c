#include "auth/model.h"

namespace energy::auth {

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

std::string NormalizeEmail(std::string_view email) {
  const size_t begin = email.find_first_not_of(" \t\r\n");
  if (begin == std::string_view::npos) return "";
  email = email.substr(begin, email.find_last_not_of(" \t\r\n") - begin + 1);
  std::string normal(email);
  for (char& c : normal) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return normal;
}

}  // namespace energy::auth
