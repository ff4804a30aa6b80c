#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/status.h"
#include "query/model.h"
#include "query/time_text.h"

namespace energy::query {

enum class Format { kJsonRows, kJsonColumns, kCsv, kArrow, kParquet };
std::string_view MediaType(Format format);
/// A file to keep, not a page to show.
inline bool IsFile(Format format) { return format >= Format::kCsv; }

/// Turns an answer into text or bytes, block by block.
///
/// Threads: one call at a time.
class Writer {
 public:
  virtual ~Writer() = default;
  virtual void Begin(const Header& header, std::string& out) = 0;
  /// Appends the rows. Errors: kTooLarge when the form has to hold more than it may.
  virtual base::Status Rows(const Header& header, Block block, std::string& out) = 0;
  /// Appends what is left, or about 100 KiB of it. False when that was all; else it is to be called
  /// again.
  virtual bool End(const Header& header, const Tail& tail, std::string& out) = 0;
  /// True when rows come out only once all of a device are there, so that an error may come late.
  virtual bool holds_rows() const { return false; }
};

/// The columns that the rows of one device may have in JSON by column: 32 MiB of numbers.
inline constexpr size_t kMaxColumnCells = 4'000'000;

/// - JSON by row: an object (the `data` of the API) with `data`, one object a row (LLD §5.2);
/// values
///   that are not there are left out of readings and null in windows.
/// - JSON by column: `time` and `fields` with arrays, for one device; else in `series`, one for
/// each.
/// - CSV: RFC 4180, a header line, empty where there is no value.
/// - Arrow: the IPC stream of Apache Arrow, format version 1.x: `time` as timestamp[ns, UTC],
///   `device_id` as utf8 where several are possible, float64 columns with their unit as metadata.
///   `time_format` is not used.
/// - Parquet: a file with the same columns; units as `unit.<column>` and the source beside them.
std::unique_ptr<Writer> MakeWriter(Format format, TimeFormat time_format);

}  // namespace energy::query
