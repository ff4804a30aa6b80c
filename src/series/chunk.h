#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "series/columns.h"
#include "series/value_codec.h"

namespace energy::series {

inline constexpr size_t kMaxChunkRows = 65'535;

/// Encodes the rows [from, to) of `in` as one chunk; docs/formats/chunk.md. 1 to 65,535 rows;
/// fields without a value in these rows get no column. Appends to `out`.
/// Threads: pure.
void EncodeChunk(const Columns& in, size_t from, size_t to, std::string& out);

/// What the header says about one column.
struct ChunkColumn {
  FieldRef field = 0;
  ValueCodec codec = ValueCodec::kRaw;
  bool has_gaps = false;  ///< some rows lack a value: a bitmap precedes the values
  uint32_t count = 0;     ///< values present, at least 1
  double min = 0;
  double max = 0;
  double sum = 0;  ///< in time order
  double first = 0;
  double last = 0;
  std::string_view bytes;
};

/// Reads a chunk in place: `bytes` must outlive the view.
///
/// Errors: kInternal for bytes that are no chunk, saying what is wrong. Any input is safe.
/// Threads: const methods anywhere.
class ChunkView {
 public:
  static base::Result<ChunkView> Parse(std::string_view bytes);

  size_t rows() const { return rows_; }
  int64_t first_ns() const { return first_ns_; }
  int64_t last_ns() const { return last_ns_; }
  std::span<const ChunkColumn> columns() const { return columns_; }

  /// Fills rows() times, ascending.
  base::Status DecodeTimes(std::span<int64_t> out) const;
  /// Fills rows() values, NaN where a row has none.
  base::Status DecodeColumn(const ChunkColumn& column, std::span<double> out) const;

  /// Adds all rows to the end of `out`, whose last time is before first_ns(). `all_fields`: every
  /// column, adding those that `out` lacks; else only the fields that `out` has.
  base::Status AppendTo(Columns& out, bool all_fields) const;
  /// Replaces `out`, reusing its memory, by all rows with the fields of `selection`; empty: all.
  base::Status DecodeTo(Columns& out, std::span<const FieldRef> selection) const;

 private:
  base::Status DecodeField(FieldRef field, std::vector<double>& out) const;

  uint32_t rows_ = 0;
  int64_t first_ns_ = 0;
  int64_t last_ns_ = 0;
  std::string_view times_;
  std::vector<ChunkColumn> columns_;
};

}  // namespace energy::series
