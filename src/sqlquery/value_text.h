#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "sqlquery/duck.h"

// Private to the module: values of DuckDB as text. Threads: pure.

namespace energy::sqlquery {

__extension__ using Wide = __int128;
__extension__ using UnsignedWide = unsigned __int128;

/// 128 bits of two halves.
inline UnsignedWide Join(uint64_t upper, uint64_t lower) {
  return (static_cast<UnsignedWide>(upper) << 64U) | lower;
}

std::string Digits(UnsignedWide value);
/// A whole number with `scale` of its digits behind the point.
void AppendDecimal(Wide value, uint8_t scale, std::string& out);
/// False for what is no number in JSON; that is written in words all the same.
bool AppendFloat(float value, std::string& out);
bool AppendFloat(double value, std::string& out);

/// RFC 3339, "infinity" for what is none. `extra_ns`: below the microseconds. `zone`: with Z.
void AppendDate(duckdb_date date, std::string& out);
void AppendClock(const duckdb_time_struct& time, int64_t extra_ns, std::string& out);
void AppendTimestamp(int64_t micros, int64_t extra_ns, bool zone, std::string& out);
/// ISO 8601, such as P1Y2M3DT4.5S.
void AppendInterval(const duckdb_interval& interval, std::string& out);
void AppendUuid(const duckdb_hugeint& value, std::string& out);

/// `text` in quotes as JSON has it. It is valid UTF-8.
void AppendJsonText(std::string_view text, std::string& out);
/// `text` as a field of CSV, in quotes where RFC 4180 wants them.
void AppendCsvText(std::string_view text, std::string& out);

}  // namespace energy::sqlquery
