#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "sqlquery/duck.h"

namespace energy::sqlquery {

/// How the values of one column are written as text. Times are RFC 3339, with Z when they have a
/// zone; what JSON has no number for (NaN, infinity) is null there; lists and structs are JSON.
///
/// Threads: pure.
class ValueFormat {
 public:
  /// Errors: kInvalidArgument for the field `sql` for a type that has no text here, with the
  /// remedy.
  static base::Result<ValueFormat> For(duckdb_logical_type type, std::string_view column);

  /// The type as SQL writes it.
  const std::string& type_name() const { return type_name_; }

  void AppendJson(duckdb_vector vector, uint64_t row, std::string& out) const;
  /// RFC 4180; NULL is empty, and so that it differs an empty text is "".
  void AppendCsv(duckdb_vector vector, uint64_t row, std::string& out) const;

 private:
  void AppendNested(duckdb_vector vector, uint64_t row, std::string& out) const;
  void AppendList(duckdb_vector child, uint64_t from, uint64_t count, std::string& out) const;
  /// False for what is no number in JSON.
  bool AppendScalar(const void* data, uint64_t row, std::string& out) const;
  bool AppendNumber(const void* data, uint64_t row, std::string& out) const;
  bool AppendTime(const void* data, uint64_t row, std::string& out) const;
  bool is_nested() const;
  bool is_number() const;

  duckdb_type type_ = DUCKDB_TYPE_INVALID;
  duckdb_type internal_ = DUCKDB_TYPE_INVALID;  // of decimals and enums
  uint8_t scale_ = 0;                           // of decimals
  uint64_t array_size_ = 0;
  std::string type_name_;
  std::vector<std::string> names_;  // of a struct's members or an enum's values
  std::vector<ValueFormat> children_;
};

}  // namespace energy::sqlquery
