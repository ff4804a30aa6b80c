#include "sqlquery/result_writer.h"

#include <algorithm>
#include <map>

#include "sqlquery/helper.h"
#include "sqlquery/messages.h"
#include "sqlquery/sandbox.h"
#include "sqlquery/value_format.h"
#include "sqlquery/value_text.h"

namespace energy::sqlquery {
namespace {

constexpr size_t kPieceBytes = 256 << 10;

// The rows of a statement, chunk by chunk, up to the limit.
class Rows {
 public:
  Rows(const ResultTarget& target, duckdb_prepared_statement prepared)
      : target_(target), prepared_(prepared) {}

  // What the result has. Tells the server.
  base::Status Describe() {
    std::vector<ResultColumn> columns;
    for (idx_t i = 0; i < duckdb_prepared_statement_column_count(prepared_); ++i) {
      char* name = const_cast<char*>(duckdb_prepared_statement_column_name(prepared_, i));
      columns.push_back({name == nullptr ? "" : name, ""});
      duckdb_free(name);
      types_.emplace_back(duckdb_prepared_statement_column_logical_type(prepared_, i));
      ENERGY_ASSIGN_OR_RETURN(const ValueFormat format,
                              ValueFormat::For(types_.back().get(), columns.back().name));
      columns.back().type = format.type_name();
      formats_.push_back(format);
    }
    names_.reserve(columns.size());
    for (const ResultColumn& column : columns) names_.push_back(column.name);
    return target_.channel.Send(static_cast<uint8_t>(MessageType::kColumns), Encode(columns));
  }

  base::Status Begin() {
    DuckPending pending;
    if (duckdb_pending_prepared_streaming(prepared_, pending.out()) != DuckDBSuccess ||
        duckdb_execute_pending(pending.get(), result_.get()) != DuckDBSuccess) {
      const char* error = duckdb_result_error(result_.get());
      return UserError(target_.request.sql,
                       error != nullptr ? error : duckdb_pending_error(pending.get()));
    }
    return {};
  }

  // The next rows; nothing at the end. The chunk may have more than `*size` rows, which are cut
  // off.
  base::Result<DuckChunk> Next(uint64_t* size) {
    if (truncated_) return DuckChunk();
    DuckChunk chunk(duckdb_fetch_chunk(*result_.get()));
    if (!chunk) {
      const char* error = duckdb_result_error(result_.get());
      if (error != nullptr && *error != 0) return UserError(target_.request.sql, error);
      return DuckChunk();
    }
    const uint64_t left = target_.limits.rows - count_;
    *size = std::min<uint64_t>(duckdb_data_chunk_get_size(chunk.get()), left);
    truncated_ = duckdb_data_chunk_get_size(chunk.get()) > left;
    count_ += *size;
    return chunk;
  }

  // Ends early; the last `dropped` rows do not count.
  void CutOff(uint64_t dropped) {
    truncated_ = true;
    count_ -= dropped;
  }

  base::Status Done() const {
    return target_.channel.Send(static_cast<uint8_t>(MessageType::kDone),
                                Encode(DoneMessage{count_, truncated_}));
  }

  const std::vector<ValueFormat>& formats() const { return formats_; }
  const std::vector<std::string>& names() const { return names_; }
  const std::vector<DuckType>& types() const { return types_; }

 private:
  const ResultTarget& target_;
  const duckdb_prepared_statement prepared_;
  std::vector<ValueFormat> formats_;
  std::vector<std::string> names_;
  std::vector<DuckType> types_;
  DuckResult result_;
  uint64_t count_ = 0;
  bool truncated_ = false;
};

// Text on its way to the server.
class TextBody {
 public:
  TextBody(const ResultTarget& target, const Rows& rows)
      : target_(target), rows_(rows), json_(target.request.format == ResultFormat::kJson) {}

  void Begin() {
    if (json_) {
      piece_ = "[";
      return;
    }
    for (size_t i = 0; i < rows_.names().size(); ++i) {
      if (i > 0) piece_ += ',';
      AppendCsvText(rows_.names()[i], piece_);
    }
    piece_ += "\r\n";
  }

  // False when the row would make the result too large; then it is not part of it.
  bool Add(duckdb_data_chunk chunk, uint64_t row) {
    const size_t before = piece_.size();
    if (json_) piece_ += first_ ? "[" : ",[";
    for (size_t i = 0; i < rows_.formats().size(); ++i) {
      if (i > 0) piece_ += ',';
      const duckdb_vector vector = duckdb_data_chunk_get_vector(chunk, i);
      if (json_) {
        rows_.formats()[i].AppendJson(vector, row, piece_);
      } else {
        rows_.formats()[i].AppendCsv(vector, row, piece_);
      }
    }
    piece_ += json_ ? "]" : "\r\n";
    if (sent_ + piece_.size() > target_.limits.result_bytes) {
      piece_.resize(before);
      return false;
    }
    first_ = false;
    return true;
  }

  base::Status Flush(size_t at_least) {
    if (piece_.empty() || piece_.size() < at_least) return {};
    sent_ += piece_.size();
    const base::Status status =
        target_.channel.Send(static_cast<uint8_t>(MessageType::kBody), piece_);
    piece_.clear();
    return status;
  }

  base::Status End() {
    if (json_) piece_ += ']';
    return Flush(0);
  }

 private:
  const ResultTarget& target_;
  const Rows& rows_;
  const bool json_;
  std::string piece_;
  uint64_t sent_ = 0;
  bool first_ = true;
};

// The rows as a table function without parameters, for the instance that writes the file.
struct RowsTable {
  Rows* rows;
  base::Status status;
  bool begun = false;
};

void BindRows(duckdb_bind_info info) {
  const Rows& rows = *static_cast<RowsTable*>(duckdb_bind_get_extra_info(info))->rows;
  std::map<std::string, int> seen;
  for (size_t i = 0; i < rows.names().size(); ++i) {
    const int times = ++seen[rows.names()[i]];
    const std::string name =
        times == 1 ? rows.names()[i] : rows.names()[i] + "_" + std::to_string(times);
    duckdb_bind_add_result_column(info, name.c_str(), rows.types()[i].get());
  }
}

void InitRows(duckdb_init_info) {}

base::Result<DuckChunk> NextRows(RowsTable& table, uint64_t* size) {
  if (!table.begun) {
    // The file is open. What the user wrote runs from here on.
    table.begun = true;
    ENERGY_RETURN_IF_ERROR(CloseDoors(/*may_open=*/false));
    ENERGY_RETURN_IF_ERROR(table.rows->Begin());
  }
  return table.rows->Next(size);
}

void FillRows(duckdb_function_info info, duckdb_data_chunk output) {
  auto& table = *static_cast<RowsTable*>(duckdb_function_get_extra_info(info));
  uint64_t size = 0;
  const auto chunk = NextRows(table, &size);
  if (!chunk.ok()) {
    table.status = chunk.status();
    return duckdb_function_set_error(info, "the statement failed");
  }
  for (idx_t i = 0; size > 0 && i < duckdb_data_chunk_get_column_count(output); ++i) {
    duckdb_vector_reference_vector(duckdb_data_chunk_get_vector(output, i),
                                   duckdb_data_chunk_get_vector(chunk->get(), i));
  }
  duckdb_data_chunk_set_size(output, size);
}

}  // namespace

base::Status WriteText(const ResultTarget& target, duckdb_prepared_statement prepared) {
  Rows rows(target, prepared);
  ENERGY_RETURN_IF_ERROR(rows.Describe());
  ENERGY_RETURN_IF_ERROR(rows.Begin());
  TextBody body(target, rows);
  body.Begin();
  for (bool more = true; more;) {
    uint64_t size = 0;
    ENERGY_ASSIGN_OR_RETURN(const DuckChunk chunk, rows.Next(&size));
    more = static_cast<bool>(chunk);
    for (uint64_t row = 0; row < size; ++row) {
      if (!body.Add(chunk.get(), row)) {
        rows.CutOff(size - row);
        more = false;
        break;
      }
      ENERGY_RETURN_IF_ERROR(body.Flush(kPieceBytes));
    }
  }
  ENERGY_RETURN_IF_ERROR(body.End());
  return rows.Done();
}

base::Status WriteParquet(const ResultTarget& target, duckdb_prepared_statement prepared,
                          duckdb_connection writer) {
  Rows rows(target, prepared);
  ENERGY_RETURN_IF_ERROR(rows.Describe());
  RowsTable table{&rows, {}, false};
  const DuckFunction function(duckdb_create_table_function());
  duckdb_table_function_set_name(function.get(), "result");
  duckdb_table_function_set_extra_info(function.get(), &table, nullptr);
  duckdb_table_function_set_bind(function.get(), BindRows);
  duckdb_table_function_set_init(function.get(), InitRows);
  duckdb_table_function_set_function(function.get(), FillRows);
  if (duckdb_register_table_function(writer, function.get()) != DuckDBSuccess) {
    return base::Internal("DuckDB does not take the result as a table");
  }
  const base::Status written = Execute(
      writer, "COPY (SELECT * FROM result()) TO '/proc/self/fd/" + std::to_string(kHelperFile) +
                  "' (FORMAT parquet, COMPRESSION zstd, USE_TMP_FILE false)");
  if (!table.status.ok()) return table.status;
  if (!written.ok() && written.message().find("File too large") != std::string::npos) {
    return base::TooLarge("the Parquet file would be larger than " +
                          std::to_string(target.limits.result_bytes) +
                          " bytes: narrow the time range, or name fewer columns");
  }
  ENERGY_RETURN_IF_ERROR(written);
  return rows.Done();
}

}  // namespace energy::sqlquery
