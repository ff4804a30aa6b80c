#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <vector>

#include "series/store.h"

namespace energy::series {

inline constexpr double kMissing = std::numeric_limits<double>::quiet_NaN();

/// Readings of one device as columns: times ascending without duplicates, one column per field, all
/// as long as `time_ns`, NaN where a reading lacks the field. What moves between head, chunks and
/// answers.
struct Columns {
  std::vector<int64_t> time_ns;
  std::vector<FieldRef> fields;
  std::vector<std::vector<double>> columns;

  size_t rows() const { return time_ns.size(); }
  bool empty() const { return time_ns.empty(); }
  /// Position of a field in `fields`.
  std::optional<size_t> Find(FieldRef field) const;
  /// The same, adding an empty (all missing) column when the field is new.
  size_t FindOrAdd(FieldRef field);
  /// Adds `count` rows with these times and every value missing.
  void AppendTimes(std::span<const int64_t> times);
  /// Keeps the rows [from, to).
  void Slice(size_t from, size_t to);
  /// Drops rows without any value.
  void DropEmptyRows();
  /// Drops columns without any value.
  void DropEmptyColumns();
  /// The rows [from, to) alone.
  Columns CopyRows(size_t from, size_t to) const;
  /// Orders the columns by field.
  void SortFields();
};

/// `top` laid over `base`: all rows of both; where both have a time, the values of `top` win and
/// the others stay. Fields of both, those of `base` first.
Columns Overlay(Columns base, const Columns& top);

}  // namespace energy::series
