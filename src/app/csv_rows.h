#pragma once

#include <istream>
#include <map>
#include <string>
#include <vector>

#include "app/local_time.h"
#include "base/json.h"

namespace energy::app {

struct CsvOptions {
  std::vector<std::string> map;    ///< field=Column
  std::vector<std::string> scale;  ///< field=factor
  std::string time_columns;        ///< joined by a blank when several, as in "Date,Time"
  std::string time_format = "rfc3339";
  std::string time_zone = "UTC";
  std::string delimiter;  ///< one character; empty: the one of , ; tab that the header has most
  std::string missing;    ///< a text that stands for no value, besides an empty one
};

/// One row that can be a reading, or why it cannot.
struct CsvRow {
  size_t line = 0;     ///< in the file, from 1
  base::Json reading;  ///< as POST /api/data/telemetry takes it
  std::string error;   ///< set instead
};

/// Reads a CSV file with a header (RFC 4180, without line breaks in fields) row by row.
class CsvRows {
 public:
  /// Errors: kInvalidArgument naming the option, and the columns there are.
  static base::Result<CsvRows> Open(std::istream& in, const CsvOptions& options);

  /// False at the end of the file.
  bool Next(CsvRow& row);

 private:
  struct Column {
    std::string field;
    size_t index;
    double scale = 1;
  };

  CsvRows(std::istream& in, LocalTimes times) : in_(in), times_(std::move(times)) {}
  base::Status Bind(const CsvOptions& options);
  base::Result<size_t> IndexOf(const std::string& option, const std::string& column) const;
  std::string Value(const std::vector<std::string>& cells, const Column& column,
                    base::Json& reading) const;

  std::istream& in_;
  LocalTimes times_;
  char delimiter_ = ',';
  std::string missing_;
  std::vector<std::string> header_;
  std::vector<size_t> time_columns_;
  std::vector<Column> columns_;
  size_t line_ = 0;
};

}  // namespace energy::app
