#include "base/time_text.h"

#include <array>

namespace energy::base {
namespace {

using std::chrono::days;
using std::chrono::nanoseconds;
using std::chrono::seconds;
using std::chrono::sys_days;
using std::chrono::year_month_day;

// Reads exactly `count` digits at the front of `text` and drops them.
bool TakeDigits(std::string_view& text, size_t count, int& value) {
  if (text.size() < count) return false;
  value = 0;
  for (size_t i = 0; i < count; ++i) {
    const unsigned digit = static_cast<unsigned>(text[i]) - '0';
    if (digit > 9) return false;
    value = value * 10 + static_cast<int>(digit);
  }
  text.remove_prefix(count);
  return true;
}

bool TakeChar(std::string_view& text, std::string_view any_of) {
  if (text.empty() || any_of.find(text.front()) == std::string_view::npos) return false;
  text.remove_prefix(1);
  return true;
}

bool TakeFraction(std::string_view& text, int64_t& fraction_ns) {
  fraction_ns = 0;
  if (text.empty() || text.front() != '.') return true;
  text.remove_prefix(1);
  int64_t scale = 100'000'000;
  size_t digits = 0;
  while (!text.empty() && text.front() >= '0' && text.front() <= '9') {
    if (++digits > 9) return false;
    fraction_ns += (text.front() - '0') * scale;
    scale /= 10;
    text.remove_prefix(1);
  }
  return digits > 0;
}

bool TakeOffset(std::string_view& text, seconds& offset) {
  offset = seconds(0);
  if (TakeChar(text, "Zz")) return true;
  if (text.empty() || (text.front() != '+' && text.front() != '-')) return false;
  const int sign = text.front() == '-' ? -1 : 1;
  text.remove_prefix(1);
  int hours = 0;
  int minutes = 0;
  if (!TakeDigits(text, 2, hours)) return false;
  if (TakeChar(text, ":") && !TakeDigits(text, 2, minutes)) return false;
  if (hours > 23 || minutes > 59) return false;
  offset = seconds(sign * (hours * 3600 + minutes * 60));
  return true;
}

void PutDigits(char* to, int value, int digits) {
  for (int i = digits - 1; i >= 0; --i, value /= 10) to[i] = static_cast<char>('0' + value % 10);
}

std::string Format(Timestamp time, int fraction_digits) {
  const sys_days day = std::chrono::floor<days>(time);
  const year_month_day date(day);
  const int64_t in_day = (time - day).count();
  const int second_of_day = static_cast<int>(in_day / 1'000'000'000);
  std::array<char, 30> text;
  std::string_view shape = "0000-00-00T00:00:00.000000000Z";
  std::copy(shape.begin(), shape.end(), text.begin());
  PutDigits(&text[0], static_cast<int>(date.year()), 4);
  PutDigits(&text[5], static_cast<int>(static_cast<unsigned>(date.month())), 2);
  PutDigits(&text[8], static_cast<int>(static_cast<unsigned>(date.day())), 2);
  PutDigits(&text[11], second_of_day / 3600, 2);
  PutDigits(&text[14], second_of_day / 60 % 60, 2);
  PutDigits(&text[17], second_of_day % 60, 2);
  PutDigits(&text[20], static_cast<int>(in_day % 1'000'000'000), 9);
  const size_t length = fraction_digits == 0 ? 19 : 20 + static_cast<size_t>(fraction_digits);
  text[length] = 'Z';
  return {text.data(), length + 1};
}

}  // namespace

bool TryParseTimestamp(std::string_view text, Timestamp& out) {
  int year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0;
  int64_t fraction_ns = 0;
  seconds offset{};
  const bool shaped =
      TakeDigits(text, 4, year) && TakeChar(text, "-") && TakeDigits(text, 2, month) &&
      TakeChar(text, "-") && TakeDigits(text, 2, day) && TakeChar(text, "Tt ") &&
      TakeDigits(text, 2, hour) && TakeChar(text, ":") && TakeDigits(text, 2, minute) &&
      TakeChar(text, ":") && TakeDigits(text, 2, second) && TakeFraction(text, fraction_ns) &&
      TakeOffset(text, offset) && text.empty();
  if (!shaped || hour > 23 || minute > 59 || second > 60) return false;
  // Nanoseconds since 1970 in 64 bits reach from 1677 to 2262.
  if (year < 1678 || year > 2261) return false;
  const year_month_day date{std::chrono::year(year),
                            std::chrono::month(static_cast<unsigned>(month)),
                            std::chrono::day(static_cast<unsigned>(day))};
  if (!date.ok()) return false;
  out = sys_days(date) + seconds(hour * 3600 + minute * 60 + second) - offset +
        nanoseconds(fraction_ns);
  return true;
}

Result<Timestamp> ParseTimestamp(std::string_view text) {
  Timestamp time;
  if (TryParseTimestamp(text, time)) return time;
  return InvalidArgument("expected an RFC 3339 time with an offset, such as 2026-02-07T11:26:00Z");
}

std::string FormatTimestamp(Timestamp time) {
  const int64_t ns = (time - std::chrono::floor<seconds>(time)).count();
  const int digits = ns == 0 ? 0 : ns % 1'000'000 == 0 ? 3 : ns % 1'000 == 0 ? 6 : 9;
  return Format(time, digits);
}

std::string FormatSortable(Timestamp time) { return Format(time, 9); }

}  // namespace energy::base
