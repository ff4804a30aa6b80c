#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "series/columns.h"

namespace energy::series {

/// Which rows of a device to copy out.
struct RowRange {
  int64_t start_ns = 0;
  int64_t end_ns = 0;  ///< exclusive
  size_t limit = 0;    ///< at most this many
  bool newest_first = false;
  bool every_row = false;  ///< also those without an asked value
};

/// What an allocation of `bytes` takes of the heap: glibc's header and rounding.
constexpr size_t HeapBytes(size_t bytes) {
  if (bytes == 0) return 0;
  return bytes <= 24 ? 32 : (bytes + 8 + 15) / 16 * 16;
}

/// Readings of one device sorted by time, row by row in one array: an in-order append touches two
/// cache lines however many fields there are.
///
/// Threads: none of its own; const methods may run at once.
class SortedRows {
 public:
  SortedRows() = default;
  explicit SortedRows(const Columns& columns);

  /// Adds the reading, or lays its values over the row that has this time. Values that are NaN are
  /// not there. Cost: in order O(1); else a binary search, and O(n) when the time is new.
  void Upsert(int64_t time_ns, std::span<const FieldRef> fields, std::span<const double> values);

  bool Contains(int64_t time_ns) const;
  /// True when `time_ns` is after every row.
  bool IsAfterAll(int64_t time_ns) const { return times_.empty() || time_ns > times_.back(); }

  /// The rows of the range as columns. `selection` empty: all fields.
  Columns Copy(const RowRange& range, std::span<const FieldRef> selection) const;
  Columns CopyAll() const;

  bool empty() const { return times_.empty(); }
  size_t rows() const { return times_.size(); }
  /// Memory held.
  size_t bytes() const {
    return HeapBytes(times_.capacity() * sizeof(int64_t)) +
           HeapBytes(fields_.capacity() * sizeof(FieldRef)) +
           HeapBytes(values_.capacity() * sizeof(double));
  }

 private:
  void InsertRow(size_t at, int64_t time_ns);
  void SetValues(size_t row, std::span<const FieldRef> fields, std::span<const double> values);
  size_t ColumnOf(FieldRef field);

  std::vector<int64_t> times_;
  std::vector<FieldRef> fields_;
  std::vector<double> values_;  // rows() x fields_.size()
};

}  // namespace energy::series
