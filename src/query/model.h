#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"

namespace energy::query {

/// What is computed of the readings of a window. In the API as text: never rename.
enum class Aggregate {
  kMean,
  kMin,
  kMax,
  kSum,
  kCount,
  kFirst,
  kLast,
  kSpread,            ///< max - min
  kStddev,            ///< of the sample (n - 1); nothing for one reading
  kTimeWeightedMean,  ///< the integral over the time it covers; the mean where it covers none
  kIntegral,          ///< value x hours, such as Wh of W
  kP1,
  kP5,
  kP10,
  kP25,
  kP50,
  kP75,
  kP90,
  kP95,
  kP99,
};

/// "mean", "time_weighted_mean", "p50".
std::string_view AggregateName(Aggregate aggregate);
std::optional<Aggregate> ParseAggregate(std::string_view name);
/// 0.5 for kP50; nothing for what is no percentile.
std::optional<double> PercentileOf(Aggregate aggregate);
/// True when a series::FieldSummary holds all that the aggregate needs.
bool IsInSummaries(Aggregate aggregate);
/// True when the header of a chunk does, which has no integrals.
bool IsInHeaders(Aggregate aggregate);

/// What stands for a window without readings. In the API as text: never rename.
enum class Fill {
  kNone,      ///< the window is left out
  kNull,      ///< no value
  kPrevious,  ///< the value of the last window that has one
  kLinear,    ///< between the neighbours that have one, by the starts of the windows
};
std::string_view FillName(Fill fill);
std::optional<Fill> ParseFill(std::string_view name);

/// The width of windows: so many units. Fixed units are counted from 1970-01-01T00:00:00 in the
/// time zone as it was at the start of the query; calendar units follow the calendar of the zone,
/// and weeks begin on Monday.
struct Window {
  enum class Unit { kSecond, kMinute, kHour, kDay, kWeek, kMonth };
  int64_t count = 1;
  Unit unit = Unit::kHour;

  bool is_calendar() const { return unit >= Unit::kDay; }
};
/// Reads "30s", "5m", "1h" (any whole number of at most 100,000), "day", "week", "month", and "1d",
/// "1w", "1mo" for the last three. Nothing for other text.
std::optional<Window> ParseWindow(std::string_view text);
std::string WindowText(const Window& window);

/// The bounds of one query, so that none takes more than its share.
inline constexpr size_t kMaxDevices = 1'000;
inline constexpr size_t kMaxFields = 64;
inline constexpr size_t kMaxWindows = 1'000'000;  ///< windows x devices of an answer
/// Windows x fields computed at a time; 96 bytes each.
inline constexpr size_t kMaxWindowCells = 1'000'000;

/// Devices whose tag (devices::Tags) has one of these values.
struct TagCondition {
  std::string name;
  std::vector<std::string> values;
};

/// Whose readings make one row. In the API as text: never rename.
enum class Grouping {
  kDevice,    ///< those of one device
  kTogether,  ///< of all devices ("none")
  kTag,       ///< of the devices with the same value of a tag, "" for those without ("tag:NAME")
};

/// A query over the readings of devices (LLD §4.3.4, decision 8).
struct Query {
  // Which devices: all that is given must hold, and something must be.
  std::vector<std::string> devices;        ///< ids
  std::optional<std::string> device_type;  ///< of this type
  std::vector<TagCondition> tags;          ///< with each of these
  base::Timestamp start;
  base::Timestamp end;              ///< exclusive
  std::vector<std::string> fields;  ///< empty = all
  /// Empty: the readings themselves. Else these of each window, or of the whole range without one.
  std::vector<Aggregate> aggregates;
  std::optional<Window> window;
  std::string time_zone = "UTC";  ///< IANA name
  Fill fill = Fill::kNone;
  Grouping grouping = Grouping::kDevice;
  std::string group_tag;  ///< of kTag
  /// Columns are named by field and aggregate ("power_mean"), not by the field alone.
  bool name_aggregates = true;
  std::optional<size_t> limit;  ///< rows; none: all
  std::string cursor;           ///< where an earlier answer stopped
};

/// Where an answer comes from. In the API as text: never rename.
enum class Source { kRaw, kChunkHeader, kHourly, kDaily };
/// "raw", "chunk_header", "rollup_hourly", "rollup_daily".
std::string_view SourceName(Source source);

struct Column {
  std::string name;
  std::string unit;  ///< empty when unknown or without
};

/// What is known of an answer before its rows.
struct Header {
  std::vector<Column> columns;
  std::string device_id;  ///< of all rows; empty when the rows are of several or of no one device
  std::string key_name = "device_id";  ///< of what blocks differ by: "group" for a tag, or empty
  std::string time_zone;               ///< of the windows; empty for readings
  std::string window;                  ///< empty without
  std::vector<std::string> aggregates;
  Source source = Source::kRaw;
  /// Set when the range begins before the oldest data that the source still has.
  std::optional<base::Timestamp> complete_from;
};

/// Tables need a column for what blocks differ by.
inline bool HasKeyColumn(const Header& header) {
  return header.device_id.empty() && !header.key_name.empty();
}

/// Rows of one device or group, ascending in time.
struct Block {
  std::string key;  ///< the device's id, or the value of the tag; empty for all together
  std::vector<int64_t> time_ns;              ///< of the reading, or the start of the window
  std::vector<std::vector<double>> columns;  ///< as in the header; NaN is "no value"
};

/// What is known after the rows.
struct Tail {
  size_t rows = 0;
  bool truncated = false;  ///< there is more than the limit let through
  std::string cursor;      ///< continues there; empty when there is no more or no way
  bool downsampled = false;
};

}  // namespace energy::query
