#pragma once

#include <chrono>
#include <functional>

#include "base/status.h"

namespace energy::sqlquery {

/// Whether a wait shall go on: asked every kCheckInterval while it lasts; an error ends it with
/// that error. Empty: the wait is without end.
using Check = std::function<base::Status()>;

inline constexpr std::chrono::milliseconds kCheckInterval{20};

}  // namespace energy::sqlquery
