#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/status.h"

namespace energy::notifications {

/// Whether the system knows a time zone of that name (IANA). Threads: safe anywhere.
bool IsTimeZone(std::string_view name);

/// "2026-12-01 14:05 CET", or "01.12.2026 14:05 CET" in German; UTC for a zone that is not known.
std::string LocalTime(base::Timestamp time, const std::string& zone, std::string_view language);

/// From `start` to `end`, minutes of the local day; over midnight when `end` is the lesser. Equal:
/// never.
struct QuietHours {
  int start = 0;
  int end = 0;
};

/// When the quiet hours that `now` lies in end; nothing when it lies in none. On the day the clocks
/// change they end by the clock: an end that the clocks skip is the moment they do, one that comes
/// twice is the first.
std::optional<base::Timestamp> QuietUntil(const QuietHours& hours, const std::string& zone,
                                          base::Timestamp now);

/// The form of quiet hours in the API: "22:00". Errors: kInvalidArgument; no field.
base::Result<int> ParseMinuteOfDay(std::string_view text);
std::string MinuteOfDayText(int minute);

}  // namespace energy::notifications
