#pragma once

#include <chrono>
#include <functional>

namespace energy::integration {

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
inline constexpr bool kSanitized = true;
#else
inline constexpr bool kSanitized = false;
#endif

/// How long to wait for what should happen at once; only a failing test waits this long.
inline constexpr std::chrono::seconds kPatience{kSanitized ? 300 : 30};

/// Asks until `condition` holds. False after `timeout`.
bool WaitUntil(const std::function<bool()>& condition,
               std::chrono::milliseconds timeout = kPatience);

}  // namespace energy::integration
