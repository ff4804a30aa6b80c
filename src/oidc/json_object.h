#pragma once

#include <string_view>

#include "base/json.h"

namespace energy::oidc {

/// What a provider sent, when it is a JSON object; null for anything else, and for one nested more
/// than 32 deep, which code that recurses could not hold.
base::Json ParseObject(std::string_view text);

}  // namespace energy::oidc
