#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/status.h"

namespace energy::base {

/// What a change gets that was made from another version than the `present` one: kConflict with the
/// field "version". `what`: "device".
inline Status StaleVersion(std::string_view what, int64_t present) {
  return Conflict("the " + std::string(what) + " was changed meanwhile: load it again",
                  {{"version", "is not the present one, " + std::to_string(present)}});
}

}  // namespace energy::base
