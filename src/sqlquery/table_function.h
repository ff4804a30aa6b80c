#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "sqlquery/channel.h"
#include "sqlquery/duck.h"
#include "sqlquery/messages.h"
#include "sqlquery/window.h"

namespace energy::sqlquery {

/// The tables of the server as tables of a DuckDB instance: each one is a view over a table
/// function that asks the server for blocks of the columns a statement uses, one block ahead of the
/// engine.
///
/// Threads: that of the connection. Outlives the connection's statements.
class RemoteTables {
 public:
  /// `window`: where the rooms of the scans are. Outlives this.
  RemoteTables(Channel& channel, const Window& window, std::vector<TableSpec> specs);
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
  base::Status Ask(uint32_t scan);
  base::Result<Block> Await(uint32_t scan);

  Channel& channel_;
  const Window& window_;
  const std::vector<TableSpec> specs_;
  std::vector<Binding> bindings_;  // as long as specs_, never moved
  uint32_t next_scan_ = 0;
  std::map<uint32_t, Block> came_;  // while another scan's block was waited for
};

/// How many rows from `from` on FillVector can copy at once: at most `most`, and no more than have
/// the same text in the columns of runs.
size_t RowsAtOnce(const Block& block, size_t from, size_t most);

/// Copies rows [from, from + count) of a column into a vector of DuckDB. `count` at most its size
/// and RowsAtOnce. `room`: of the column's scan.
void FillVector(const ColumnData& column, std::span<const std::byte> room, size_t from,
                size_t count, duckdb_vector vector);

}  // namespace energy::sqlquery
