#include "query/time_text.h"

#include <array>
#include <charconv>
#include <cstring>

#include "base/time_text.h"

namespace energy::query {
namespace {

constexpr int64_t kSecondNs = 1'000'000'000;
constexpr int64_t kDayNs = 86'400 * kSecondNs;

int64_t FloorDivide(int64_t a, int64_t b) { return a / b - (a % b < 0 ? 1 : 0); }

char* TwoDigits(char* to, int64_t value) {
  to[0] = static_cast<char>('0' + value / 10);
  to[1] = static_cast<char>('0' + value % 10);
  return to + 2;
}

// 3, 6 or 9 digits, the fewest that lose nothing.
char* Fraction(char* to, int64_t ns) {
  *to++ = '.';
  for (int64_t scale = kSecondNs; ns != 0;) {
    for (int digit = 0; digit < 3; ++digit) {
      scale /= 10;
      *to++ = static_cast<char>('0' + ns / scale);
      ns %= scale;
    }
  }
  return to;
}

}  // namespace

std::optional<TimeFormat> ParseTimeFormat(std::string_view name) {
  constexpr std::array<std::string_view, 4> kNames{"rfc3339", "s", "ms", "ns"};
  for (size_t i = 0; i < kNames.size(); ++i) {
    if (name == kNames[i]) return static_cast<TimeFormat>(i);
  }
  return std::nullopt;
}

char* TimeWriter::WriteText(char* to, int64_t time_ns) {
  const int64_t day = FloorDivide(time_ns, kDayNs);
  if (day != day_) {
    day_ = day;
    const std::string text =
        base::FormatTimestamp(base::Timestamp(std::chrono::nanoseconds(day * kDayNs)));
    std::memcpy(date_, text.data(), sizeof(date_));
  }
  std::memcpy(to, date_, sizeof(date_));
  to += sizeof(date_);
  const int64_t in_day = time_ns - day * kDayNs;
  const int64_t second = in_day / kSecondNs;
  to = TwoDigits(to, second / 3600);
  *to++ = ':';
  to = TwoDigits(to, second / 60 % 60);
  *to++ = ':';
  to = TwoDigits(to, second % 60);
  if (const int64_t ns = in_day % kSecondNs; ns != 0) to = Fraction(to, ns);
  *to++ = 'Z';
  return to;
}

char* TimeWriter::Write(char* to, int64_t time_ns) {
  switch (format_) {
    case TimeFormat::kRfc3339:
      return WriteText(to, time_ns);
    case TimeFormat::kSeconds:
      time_ns = FloorDivide(time_ns, kSecondNs);
      break;
    case TimeFormat::kMilliseconds:
      time_ns = FloorDivide(time_ns, 1'000'000);
      break;
    case TimeFormat::kNanoseconds:
      break;
  }
  return std::to_chars(to, to + kMaxText, time_ns).ptr;
}

void TimeWriter::Append(std::string& out, int64_t time_ns) {
  char text[kMaxText];
  out.append(text, Write(text, time_ns));
}

}  // namespace energy::query
