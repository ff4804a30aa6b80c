#include "sqlquery/value_text.h"

#include <fmt/format.h>

#include <cmath>
#include <iterator>

#include "base/csv_text.h"

namespace energy::sqlquery {
namespace {

// The fraction of a second with the digits it needs, in groups of three.
void AppendFraction(int64_t nanoseconds, std::string& out) {
  if (nanoseconds == 0) return;
  if (nanoseconds % 1'000'000 == 0) {
    fmt::format_to(std::back_inserter(out), ".{:03}", nanoseconds / 1'000'000);
  } else if (nanoseconds % 1'000 == 0) {
    fmt::format_to(std::back_inserter(out), ".{:06}", nanoseconds / 1'000);
  } else {
    fmt::format_to(std::back_inserter(out), ".{:09}", nanoseconds);
  }
}

template <class T>
bool AppendAnyFloat(T value, std::string& out) {
  if (!std::isfinite(value)) {
    out += std::isnan(value) ? "NaN" : value > 0 ? "Infinity" : "-Infinity";
    return false;
  }
  fmt::format_to(std::back_inserter(out), "{}", value);
  // fmt writes 1 for 1.0 but never what JSON would not read.
  return true;
}

}  // namespace

std::string Digits(UnsignedWide value) {
  std::string digits;
  do {
    digits.insert(digits.begin(), static_cast<char>('0' + static_cast<int>(value % 10)));
    value /= 10;
  } while (value != 0);
  return digits;
}

void AppendDecimal(Wide value, uint8_t scale, std::string& out) {
  const bool negative = value < 0;
  std::string digits =
      Digits(negative ? ~static_cast<UnsignedWide>(value) + 1 : static_cast<UnsignedWide>(value));
  if (digits.size() <= scale) digits.insert(0, scale + 1 - digits.size(), '0');
  if (scale > 0) digits.insert(digits.size() - scale, 1, '.');
  if (negative) out += '-';
  out += digits;
}

void AppendDate(duckdb_date date, std::string& out) {
  const duckdb_date_struct d = duckdb_from_date(date);
  fmt::format_to(std::back_inserter(out), "{:04}-{:02}-{:02}", d.year, d.month, d.day);
}

void AppendClock(const duckdb_time_struct& time, int64_t extra_ns, std::string& out) {
  fmt::format_to(std::back_inserter(out), "{:02}:{:02}:{:02}", time.hour, time.min, time.sec);
  AppendFraction(int64_t{time.micros} * 1000 + extra_ns, out);
}

void AppendTimestamp(int64_t micros, int64_t extra_ns, bool zone, std::string& out) {
  const duckdb_timestamp time{micros};
  if (!duckdb_is_finite_timestamp(time)) {
    out += micros > 0 ? "infinity" : "-infinity";
    return;
  }
  const duckdb_timestamp_struct parts = duckdb_from_timestamp(time);
  fmt::format_to(std::back_inserter(out), "{:04}-{:02}-{:02}T", parts.date.year, parts.date.month,
                 parts.date.day);
  AppendClock(parts.time, extra_ns, out);
  if (zone) out += 'Z';
}

void AppendInterval(const duckdb_interval& interval, std::string& out) {
  out += 'P';
  if (interval.months != 0) fmt::format_to(std::back_inserter(out), "{}M", interval.months);
  if (interval.days != 0) fmt::format_to(std::back_inserter(out), "{}D", interval.days);
  if (interval.micros != 0) {
    out += 'T';
    AppendDecimal(interval.micros, 6, out);
    out += 'S';
  }
  if (out.back() == 'P') out += "T0S";
}

void AppendUuid(const duckdb_hugeint& value, std::string& out) {
  // DuckDB flips the first bit so that order is that of the text.
  const uint64_t upper = static_cast<uint64_t>(value.upper) ^ (uint64_t{1} << 63U);
  const std::string hex = fmt::format("{:016x}{:016x}", upper, value.lower);
  for (size_t i = 0; i < hex.size(); ++i) {
    if (i == 8 || i == 12 || i == 16 || i == 20) out += '-';
    out += hex[i];
  }
}

bool AppendFloat(float value, std::string& out) { return AppendAnyFloat(value, out); }
bool AppendFloat(double value, std::string& out) { return AppendAnyFloat(value, out); }

void AppendJsonText(std::string_view text, std::string& out) {
  out += '"';
  for (const char c : text) {
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (static_cast<unsigned char>(c) < 0x20) {
      fmt::format_to(std::back_inserter(out), "\\u{:04x}", static_cast<unsigned char>(c));
    } else {
      out += c;
    }
  }
  out += '"';
}

void AppendCsvText(std::string_view text, std::string& out) {
  // Nothing at all is NULL.
  if (text.empty()) {
    out += "\"\"";
  } else {
    base::AppendCsvCell(text, out);
  }
}

}  // namespace energy::sqlquery
