#pragma once

#include <string_view>

namespace energy::auth {

/// True for a password that is among the first that are tried, without regard to case.
bool IsCommonPassword(std::string_view password);

}  // namespace energy::auth
