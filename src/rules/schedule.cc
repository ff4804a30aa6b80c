#include "rules/schedule.h"

#include <date/tz.h>

#include <algorithm>
#include <array>
#include <stdexcept>

namespace energy::rules {
namespace {

constexpr int kDayMinutes = 1440;
constexpr int64_t kMinuteNs = 60'000'000'000;
constexpr int64_t kDayNs = kDayMinutes * kMinuteNs;
constexpr size_t kMaxTimes = 12;
constexpr size_t kMaxHolidays = 400;
constexpr std::array<std::string_view, 7> kWeekdays{"mon", "tue", "wed", "thu",
                                                    "fri", "sat", "sun"};

const date::time_zone* FindZone(const std::string& name) {
  try {
    return date::locate_zone(name);
  } catch (const std::runtime_error&) {
    return nullptr;
  }
}

bool AllDigits(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

// Days since 1970 of a date such as 2026-12-25.
std::optional<int64_t> ParseDay(std::string_view text) {
  if (text.size() != 10 || text[4] != '-' || text[7] != '-') return std::nullopt;
  const std::string_view year = text.substr(0, 4);
  const std::string_view month = text.substr(5, 2);
  const std::string_view day = text.substr(8, 2);
  if (!AllDigits(year) || !AllDigits(month) || !AllDigits(day)) return std::nullopt;
  const date::year_month_day parsed(
      date::year(std::stoi(std::string(year))),
      date::month(static_cast<unsigned>((month[0] - '0') * 10 + (month[1] - '0'))),
      date::day(static_cast<unsigned>((day[0] - '0') * 10 + (day[1] - '0'))));
  if (!parsed.ok()) return std::nullopt;
  return date::local_days(parsed).time_since_epoch().count();
}

int64_t FloorDiv(int64_t a, int64_t b) { return a / b - (a % b < 0 ? 1 : 0); }

}  // namespace

std::optional<int> ParseTimeOfDay(std::string_view text) {
  if (text.size() != 5 || text[2] != ':') return std::nullopt;
  if (!AllDigits(text.substr(0, 2)) || !AllDigits(text.substr(3))) return std::nullopt;
  const int hours = (text[0] - '0') * 10 + (text[1] - '0');
  const int minutes = (text[3] - '0') * 10 + (text[4] - '0');
  const int all = hours * 60 + minutes;
  if (minutes > 59 || all > kDayMinutes) return std::nullopt;
  return all;
}

std::string FormatTimeOfDay(int minutes) {
  const int hours = minutes / 60;
  const int rest = minutes % 60;
  std::string text = "00:00";
  text[0] = static_cast<char>('0' + hours / 10);
  text[1] = static_cast<char>('0' + hours % 10);
  text[3] = static_cast<char>('0' + rest / 10);
  text[4] = static_cast<char>('0' + rest % 10);
  return text;
}

std::string_view WeekdayName(int day) { return kWeekdays.at(static_cast<size_t>(day)); }

std::optional<int> ParseWeekday(std::string_view name) {
  const auto found = std::find(kWeekdays.begin(), kWeekdays.end(), name);
  if (found == kWeekdays.end()) return std::nullopt;
  return static_cast<int>(found - kWeekdays.begin());
}

std::vector<ScheduleFault> FaultsOf(const Schedule& schedule) {
  std::vector<ScheduleFault> faults;
  if (FindZone(schedule.time_zone) == nullptr) {
    faults.push_back({"time_zone", "must be a name of the IANA database, such as Europe/Berlin"});
  }
  if ((schedule.weekdays & 0x7f) == 0) {
    faults.push_back({"weekdays", "must name at least one day; leave it out for every day"});
  }
  if (schedule.times.size() > kMaxTimes) faults.push_back({"times", "takes at most 12 spans"});
  for (size_t i = 0; i < schedule.times.size(); ++i) {
    const DaySpan& span = schedule.times[i];
    if (span.from >= 0 && span.from < kDayMinutes && span.to > 0 && span.to <= kDayMinutes &&
        span.from != span.to) {
      continue;
    }
    faults.push_back({"times[" + std::to_string(i) + "]",
                      "needs two different times, from 00:00 to 24:00; leave `times` out for all "
                      "day"});
  }
  if (schedule.holidays.size() > kMaxHolidays) {
    faults.push_back({"holidays", "takes at most 400 dates"});
  }
  for (size_t i = 0; i < schedule.holidays.size() && i < kMaxHolidays; ++i) {
    if (ParseDay(schedule.holidays[i])) continue;
    faults.push_back({"holidays[" + std::to_string(i) + "]", "must be a date such as 2026-12-25"});
  }
  return faults;
}

ScheduleClock::ScheduleClock(const Schedule& schedule)
    : schedule_(schedule), zone_(FindZone(schedule.time_zone)) {
  for (const std::string& day : schedule.holidays) {
    if (const auto parsed = ParseDay(day)) holidays_.push_back(*parsed);
  }
  std::sort(holidays_.begin(), holidays_.end());
}

bool ScheduleClock::DayCounts(int64_t local_day) const {
  // 1970-01-01 was a Thursday.
  const int64_t weekday = ((local_day + 3) % 7 + 7) % 7;
  if (((schedule_.weekdays >> weekday) & 1) == 0) return false;
  return !std::binary_search(holidays_.begin(), holidays_.end(), local_day);
}

bool ScheduleClock::InSpan(int64_t local_day, int minute) const {
  if (schedule_.times.empty()) return DayCounts(local_day);
  for (const DaySpan& span : schedule_.times) {
    if (span.from < span.to) {
      if (minute >= span.from && minute < span.to && DayCounts(local_day)) return true;
      continue;
    }
    if (minute >= span.from && DayCounts(local_day)) return true;
    if (minute < span.to && DayCounts(local_day - 1)) return true;
  }
  return false;
}

void ScheduleClock::Locate(int64_t time_ns) {
  const auto& zone = *static_cast<const date::time_zone*>(zone_);
  const date::sys_seconds second{
      std::chrono::floor<std::chrono::seconds>(std::chrono::nanoseconds(time_ns))};
  const date::sys_info info = zone.get_info(second);
  const int64_t offset = std::chrono::nanoseconds(info.offset).count();
  const int64_t local = time_ns + offset;
  const int64_t day = FloorDiv(local, kDayNs);
  const int64_t minute = (local - day * kDayNs) / kMinuteNs;
  active_ = InSpan(day, static_cast<int>(minute)) != schedule_.outside;

  // The answer can change at midnight, at an end of a span, and when the zone's clocks change.
  int64_t next = kDayMinutes;
  for (const DaySpan& span : schedule_.times) {
    for (const int edge : {span.from, span.to}) {
      if (edge > minute && edge < next) next = edge;
    }
  }
  from_ns_ = time_ns;
  until_ns_ = day * kDayNs + next * kMinuteNs - offset;
  // The zone's last rule has no end; its limit does not fit into nanoseconds.
  constexpr int64_t kLatest = INT64_MAX / 1'000'000'000;
  if (const int64_t end = info.end.time_since_epoch().count(); end < kLatest) {
    until_ns_ = std::min(until_ns_, end * 1'000'000'000);
  }
}

bool ScheduleClock::ActiveAt(int64_t time_ns) {
  if (time_ns < from_ns_ || time_ns >= until_ns_) Locate(time_ns);
  return active_;
}

int64_t ScheduleClock::NextChange(int64_t time_ns) {
  if (time_ns < from_ns_ || time_ns >= until_ns_) Locate(time_ns);
  return until_ns_;
}

}  // namespace energy::rules
