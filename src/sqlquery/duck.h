#pragma once

#include <duckdb.h>

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/status.h"

// Private to the module: DuckDB's C interface with owners.

namespace energy::sqlquery {

/// A handle that DuckDB gave out and takes back through a pointer to it.
template <class T, void (*Destroy)(T*)>
class Duck {
 public:
  Duck() = default;
  explicit Duck(T handle) : handle_(handle) {}
  ~Duck() { Reset(); }
  Duck(Duck&& other) noexcept : handle_(std::exchange(other.handle_, T{})) {}
  Duck& operator=(Duck&& other) noexcept {
    std::swap(handle_, other.handle_);
    return *this;
  }
  Duck(const Duck&) = delete;
  Duck& operator=(const Duck&) = delete;

  T get() const { return handle_; }
  /// For functions that fill it.
  T* out() {
    Reset();
    return &handle_;
  }
  T* ptr() { return &handle_; }
  explicit operator bool() const { return handle_ != nullptr; }

 private:
  void Reset() {
    if (handle_ != T{}) Destroy(&handle_);
    handle_ = T{};
  }

  T handle_{};
};

using DuckDatabase = Duck<duckdb_database, duckdb_close>;
using DuckConnection = Duck<duckdb_connection, duckdb_disconnect>;
using DuckStatements = Duck<duckdb_extracted_statements, duckdb_destroy_extracted>;
using DuckPrepared = Duck<duckdb_prepared_statement, duckdb_destroy_prepare>;
using DuckPending = Duck<duckdb_pending_result, duckdb_destroy_pending>;
using DuckChunk = Duck<duckdb_data_chunk, duckdb_destroy_data_chunk>;
using DuckType = Duck<duckdb_logical_type, duckdb_destroy_logical_type>;
using DuckFunction = Duck<duckdb_table_function, duckdb_destroy_table_function>;
using DuckValue = Duck<duckdb_value, duckdb_destroy_value>;

/// The result of a statement.
class DuckResult {
 public:
  DuckResult() = default;
  ~DuckResult() { duckdb_destroy_result(&result_); }
  DuckResult(const DuckResult&) = delete;
  DuckResult& operator=(const DuckResult&) = delete;
  duckdb_result* get() { return &result_; }

 private:
  duckdb_result result_{};
};

/// An in-memory database with one connection, of one thread, that reads and writes no file, loads
/// no extension and spills nothing to disk. `files`: whether statements may name files.
struct DuckInstance {
  DuckDatabase database;
  DuckConnection connection;
};
base::Result<DuckInstance> OpenDuck(bool files);

/// Runs a statement of our own. Errors: kInternal with DuckDB's text.
base::Status Execute(duckdb_connection connection, const std::string& sql);

/// What DuckDB says of a failed statement of the user, as an error for the field `sql`; kTooLarge
/// when memory ran out. `text`: from DuckDB, a JSON object when `errors_as_json` is set.
base::Status UserError(std::string_view sql, const char* text);

/// 'text' as a constant in SQL.
std::string Quoted(std::string_view text);
/// "text" as a name in SQL.
std::string QuotedName(std::string_view text);

}  // namespace energy::sqlquery
