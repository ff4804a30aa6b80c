#include "app/local_time.h"

#include <charconv>
#include <cstdlib>
#include <ctime>
#include <filesystem>

#include "base/time_text.h"

namespace energy::app {
namespace {

bool SameClock(const std::tm& a, const std::tm& b) {
  return a.tm_year == b.tm_year && a.tm_mon == b.tm_mon && a.tm_mday == b.tm_mday &&
         a.tm_hour == b.tm_hour && a.tm_min == b.tm_min && a.tm_sec == b.tm_sec;
}

// The moment at which clocks of the zone show `wanted`, in or out of summer time; nothing when they
// never do.
std::optional<base::Timestamp> Moment(const std::tm& wanted, int summer) {
  std::tm found = wanted;
  found.tm_isdst = summer;
  const std::time_t time = std::mktime(&found);
  if (!SameClock(found, wanted) || found.tm_isdst != summer) return std::nullopt;
  return base::Timestamp(std::chrono::seconds(time));
}

std::optional<base::Timestamp> Epoch(const std::string& text, int64_t nanoseconds) {
  int64_t count = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), count);
  if (error != std::errc() || end != text.data() + text.size() ||
      __builtin_mul_overflow(count, nanoseconds, &count)) {
    return std::nullopt;
  }
  return base::Timestamp(std::chrono::nanoseconds(count));
}

}  // namespace

base::Result<LocalTimes> LocalTimes::Make(std::string format, const std::string& zone) {
  const bool named = format == "rfc3339" || format == "epoch_s" || format == "epoch_ms";
  if (!named && format.find('%') == std::string::npos) {
    return base::InvalidField("--time-format",
                              "takes rfc3339, epoch_s, epoch_ms or a format such as "
                              "'%d/%m/%Y %H:%M:%S'");
  }
  if (!named) {
    const std::filesystem::path file = std::filesystem::path("/usr/share/zoneinfo") / zone;
    std::error_code ignored;
    if (zone.empty() || zone.find("..") != std::string::npos || zone.front() == '/' ||
        (zone != "UTC" && !std::filesystem::is_regular_file(file, ignored))) {
      return base::InvalidField("--time-zone", "'" + zone +
                                                   "' is no zone of this machine: give one such as "
                                                   "Europe/Paris or UTC");
    }
    setenv("TZ", zone.c_str(), 1);
    tzset();
  }
  return LocalTimes(std::move(format));
}

std::optional<base::Timestamp> LocalTimes::Parse(const std::string& text) {
  if (format_ == "epoch_s") return Epoch(text, 1'000'000'000);
  if (format_ == "epoch_ms") return Epoch(text, 1'000'000);
  if (format_ == "rfc3339") {
    base::Timestamp time;
    return base::TryParseTimestamp(text, time) ? std::optional(time) : std::nullopt;
  }
  std::tm wanted{};
  wanted.tm_mday = 1;
  const char* const end = strptime(text.c_str(), format_.c_str(), &wanted);
  if (end == nullptr || *end != '\0') return std::nullopt;
  const auto summer = Moment(wanted, 1);
  const auto winter = Moment(wanted, 0);
  auto time = summer ? summer : winter;
  // The hour after the end of summer time: the file is in its second run when it went back.
  if (summer && winter && *summer <= last_ && *winter > last_) time = winter;
  if (time) last_ = *time;
  return time;
}

}  // namespace energy::app
