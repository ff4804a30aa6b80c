#include "notifications/local_time.h"

#include <date/tz.h>
#include <fmt/format.h>

#include <stdexcept>

namespace energy::notifications {
namespace {

constexpr int kMinutesOfDay = 24 * 60;

const date::time_zone* Find(std::string_view name) {
  try {
    return date::locate_zone(std::string(name));
  } catch (const std::runtime_error&) {
    return nullptr;
  }
}

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

}  // namespace

bool IsTimeZone(std::string_view name) { return !name.empty() && Find(name) != nullptr; }

std::string LocalTime(base::Timestamp time, const std::string& zone, std::string_view language) {
  const char* const form = language == "de" ? "%d.%m.%Y %H:%M %Z" : "%Y-%m-%d %H:%M %Z";
  const auto minutes = std::chrono::floor<std::chrono::minutes>(time);
  const date::time_zone* const known = Find(zone);
  if (known == nullptr)
    return date::format(language == "de" ? "%d.%m.%Y %H:%M UTC" : "%F %H:%M UTC", minutes);
  return date::format(form, date::make_zoned(known, minutes));
}

std::optional<base::Timestamp> QuietUntil(const QuietHours& hours, const std::string& zone,
                                          base::Timestamp now) {
  if (hours.start == hours.end) return std::nullopt;
  const date::time_zone* known = Find(zone);
  if (known == nullptr) known = date::locate_zone("UTC");
  const auto local = known->to_local(std::chrono::floor<std::chrono::seconds>(now));
  auto day = date::floor<date::days>(local);
  const auto minute = std::chrono::floor<std::chrono::minutes>(local - day).count();
  const bool over_midnight = hours.end < hours.start;
  const bool quiet = over_midnight ? minute >= hours.start || minute < hours.end
                                   : minute >= hours.start && minute < hours.end;
  if (!quiet) return std::nullopt;
  if (over_midnight && minute >= hours.start) day += date::days(1);
  const auto end = date::local_seconds(day) + std::chrono::minutes(hours.end);
  const auto until = known->to_sys(end, date::choose::earliest);
  return base::Timestamp(until.time_since_epoch());
}

base::Result<int> ParseMinuteOfDay(std::string_view text) {
  if (text.size() == 5 && IsDigit(text[0]) && IsDigit(text[1]) && text[2] == ':' &&
      IsDigit(text[3]) && IsDigit(text[4])) {
    const int hour = (text[0] - '0') * 10 + (text[1] - '0');
    const int minute = (text[3] - '0') * 10 + (text[4] - '0');
    if (hour < 24 && minute < 60) return hour * 60 + minute;
  }
  return base::InvalidArgument("must be a time of day such as 22:00");
}

std::string MinuteOfDayText(int minute) {
  minute %= kMinutesOfDay;
  return fmt::format("{:02}:{:02}", minute / 60, minute % 60);
}

}  // namespace energy::notifications
