#pragma once

#include <optional>
#include <string>

#include "base/clock.h"
#include "base/json.h"
#include "base/time_text.h"

namespace energy::base {

/// How values look in JSON, in the API and in stored documents.

template <class T>
Json OrNull(const std::optional<T>& value) {
  return value ? Json(*value) : Json(nullptr);
}

inline std::string TimeToJson(Timestamp time) { return FormatTimestamp(time); }

inline Json TimeOrNull(const std::optional<Timestamp>& time) {
  return time ? Json(TimeToJson(*time)) : Json(nullptr);
}

}  // namespace energy::base
