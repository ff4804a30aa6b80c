#pragma once

#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/status.h"

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

/// One column of a block: the same text in every row, a text a row, times or integers, doubles.
using ColumnData = std::variant<std::string, std::vector<std::optional<std::string>>,
                                std::vector<int64_t>, std::vector<double>>;

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
  /// The next rows, at most about a megabyte of them.
  virtual base::Result<Block> Next() = 0;
};

/// What a statement can read. Threads: one at a time.
class Table {
 public:
  virtual ~Table() = default;
  virtual const TableSpec& spec() const = 0;
  /// `columns`: positions in the spec, in the order of the blocks.
  virtual std::unique_ptr<Scan> Open(std::vector<uint16_t> columns, ScanFilter filter) = 0;
};

using Tables = std::vector<std::unique_ptr<Table>>;

}  // namespace energy::sqlquery
