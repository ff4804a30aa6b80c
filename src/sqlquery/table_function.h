#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "sqlquery/channel.h"
#include "sqlquery/duck.h"
#include "sqlquery/messages.h"

namespace energy::sqlquery {

/// The tables of the server as tables of a DuckDB instance: each one is a view over a table
/// function that asks the server for blocks of the columns a statement uses.
///
/// Threads: that of the connection. Outlives the connection's statements.
class RemoteTables {
 public:
  RemoteTables(Channel& channel, std::vector<TableSpec> specs);
  RemoteTables(const RemoteTables&) = delete;
  RemoteTables& operator=(const RemoteTables&) = delete;

  base::Status Register(duckdb_connection connection);

  /// Reads the plan of a statement for what it needs of the tables that can be filtered; scans that
  /// begin later leave out the rest. Only a hint: what cannot be read changes nothing.
  void LearnFilters(duckdb_connection connection, const std::string& sql);

 private:
  struct Binding {
    RemoteTables* tables = nullptr;
    uint16_t index = 0;
    size_t bound = 0;  // how often statements have named it
    ScanFilter filter;
  };
  struct ScanState;

  static void Bind(duckdb_bind_info info);
  static void Init(duckdb_init_info info);
  static void Fill(duckdb_function_info info, duckdb_data_chunk output);
  static std::string FunctionName(const TableSpec& spec);
  base::Result<Block> NextBlock(uint32_t scan);

  Channel& channel_;
  const std::vector<TableSpec> specs_;
  std::vector<Binding> bindings_;  // as long as specs_, never moved
  uint32_t next_scan_ = 0;
};

/// Copies rows [from, from + count) of a column into a vector of DuckDB. `count` at most its size.
void FillVector(const ColumnData& column, size_t from, size_t count, duckdb_vector vector);

}  // namespace energy::sqlquery
