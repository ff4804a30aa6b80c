#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"

namespace energy::rules {

/// Part of a day as the clocks of the schedule's zone show it, in minutes since midnight. `to` is
/// exclusive, at most 1440; where it is not after `from`, the span ends on the next day and belongs
/// to the day on which it began.
struct DaySpan {
  int from = 0;
  int to = 1440;

  bool operator==(const DaySpan&) const = default;
};

/// When a rule is at work: on these weekdays, within these spans, not on holidays (decision 17).
///
/// It follows the clocks of the zone: a span that the change to summer time skips does not happen
/// that day, one that the change back repeats happens for both hours.
struct Schedule {
  std::string time_zone = "UTC";      ///< a name of the IANA database
  uint8_t weekdays = 0x7f;            ///< bit 0 = Monday
  std::vector<DaySpan> times;         ///< empty = all day
  std::vector<std::string> holidays;  ///< dates of the zone, 2026-12-25
  bool outside = false;               ///< at work whenever the above is not

  bool operator==(const Schedule&) const = default;
};

/// Why `schedule` cannot be followed, as the field's name and the remedy; nothing when it can.
struct ScheduleFault {
  std::string field;
  std::string message;
};
std::vector<ScheduleFault> FaultsOf(const Schedule& schedule);

/// Minutes since midnight of "HH:MM", "24:00" included.
std::optional<int> ParseTimeOfDay(std::string_view text);
std::string FormatTimeOfDay(int minutes);
/// "mon" to "sun", 0 to 6.
std::string_view WeekdayName(int day);
std::optional<int> ParseWeekday(std::string_view name);

/// Answers whether a schedule is at work, with one time-zone conversion a span and one comparison a
/// call as long as time stays in it. Threads: one at a time.
class ScheduleClock {
 public:
  /// `schedule` has no faults.
  explicit ScheduleClock(const Schedule& schedule);

  bool ActiveAt(int64_t time_ns);
  /// The first moment after `time_ns` at which ActiveAt may answer otherwise.
  int64_t NextChange(int64_t time_ns);

 private:
  void Locate(int64_t time_ns);
  bool InSpan(int64_t local_day, int minute) const;
  bool DayCounts(int64_t local_day) const;

  Schedule schedule_;
  std::vector<int64_t> holidays_;  // days since 1970, ascending
  const void* zone_ = nullptr;     // date::time_zone, which lives as long as the program
  int64_t from_ns_ = 0;            // what is known: active_ within [from_ns_, until_ns_)
  int64_t until_ns_ = 0;
  bool active_ = false;
};

}  // namespace energy::rules
