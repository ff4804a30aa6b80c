#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "base/status.h"
#include "sqlquery/check.h"

namespace energy::sqlquery {

/// Types of the columns that tables offer. on the wire to the helper: never renumber
enum class ColumnType : uint8_t {
  kText = 0,
  kTime = 1,    ///< TIMESTAMP WITH TIME ZONE, microseconds since 1970
  kDouble = 2,  ///< NaN is NULL
  kInteger = 3,
};

struct ColumnSpec {
  std::string name;
  ColumnType type = ColumnType::kText;
};

struct TableSpec {
  std::string name;
  std::vector<ColumnSpec> columns;
  uint64_t estimated_rows = 1000;  ///< for the planner only
  /// The scan can leave out what a ScanFilter excludes: there are columns `device_id` and `time`.
  bool filtered = false;
};

/// NULL in a column of times or integers.
inline constexpr int64_t kNullInteger = std::numeric_limits<int64_t>::min();

/// Runs of rows that have the same text.
struct TextRuns {
  struct Run {
    std::string text;
    uint32_t end = 0;  ///< the row after the last one
    bool operator==(const Run&) const = default;
  };
  std::vector<Run> runs;
  bool operator==(const TextRuns&) const = default;
};

/// Numbers of eight bytes each that the scan has put into its room, from this byte on.
struct InRoom {
  uint32_t offset = 0;
  ColumnType type = ColumnType::kDouble;  ///< none of texts
  bool operator==(const InRoom&) const = default;
};

/// One column of a block: texts in runs, a text a row, times or integers, doubles, or numbers in
/// the room.
using ColumnData = std::variant<TextRuns, std::vector<std::optional<std::string>>,
                                std::vector<int64_t>, std::vector<double>, InRoom>;

/// Memory that the helper can read too: what a scan puts there needs no sending.
using Room = std::span<std::byte>;
/// A room holds so many blocks: of the one that the helper reads and of those that follow it, while
/// the next is written.
inline constexpr size_t kRoomSlots = 4;
inline constexpr size_t kSlotBytes = 256 << 10;
inline constexpr size_t kRoomBytes = kRoomSlots * kSlotBytes;

/// Some rows of a table; without rows: the end of the scan.
struct Block {
  uint32_t rows = 0;
  std::vector<ColumnData> columns;  ///< in the order asked for
};

/// The rows that matter to a query. A scan may answer more, never less.
struct ScanFilter {
  std::optional<std::vector<std::string>> devices{};  ///< nothing: all
  int64_t start_us = std::numeric_limits<int64_t>::min();
  int64_t end_us = std::numeric_limits<int64_t>::max();  ///< exclusive

  bool operator==(const ScanFilter&) const = default;
};

/// Walks a table once. Threads: one at a time.
class Scan {
 public:
  virtual ~Scan() = default;
  /// The next rows, at most about a megabyte of them. Not called any more after the end or an
  /// error. Errors: also that of `check`.
  virtual base::Result<Block> Next(const Check& check) = 0;
};

/// What a statement can read. Threads: one at a time.
class Table {
 public:
  virtual ~Table() = default;
  virtual const TableSpec& spec() const = 0;
  /// `columns`: positions in the spec, in the order of the blocks.
  /// `room`: kRoomBytes, the scan's own as long as it lives. What a block has there stays as it is
  /// until Next was called for the second block after it.
  virtual std::unique_ptr<Scan> Open(std::vector<uint16_t> columns, ScanFilter filter,
                                     Room room) = 0;
};

using Tables = std::vector<std::unique_ptr<Table>>;

}  // namespace energy::sqlquery
