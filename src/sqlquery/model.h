#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

namespace energy::sqlquery {

/// How the rows of an answer are written. on the wire to the helper: never renumber
enum class ResultFormat : uint8_t {
  kJson = 0,     ///< an array of rows, each an array of values
  kCsv = 1,      ///< RFC 4180 with a header line
  kParquet = 2,  ///< a whole file
};

/// What one query may use.
struct Limits {
  uint64_t memory_bytes = uint64_t{512} << 20;  ///< on top of what an idle helper has
  std::chrono::milliseconds time{10'000};
  uint64_t rows = 100'000;                     ///< more are cut off
  uint64_t result_bytes = uint64_t{64} << 20;  ///< JSON and CSV are cut off, Parquet is refused
};

struct Request {
  std::string sql;
  std::string time_zone = "UTC";  ///< of dates and texts in the statement; an IANA name
  ResultFormat format = ResultFormat::kJson;
};

struct ResultColumn {
  std::string name;
  std::string type;  ///< as DuckDB writes it, such as "TIMESTAMP WITH TIME ZONE"
};

struct Answer {
  std::vector<ResultColumn> columns;
  std::string body;  ///< in the format asked for
  uint64_t row_count = 0;
  bool truncated = false;  ///< there was more than a limit allows
  std::chrono::microseconds duration{0};
};

}  // namespace energy::sqlquery
