#include "sqlquery/table_function.h"

#include <algorithm>
#include <cstring>

#include "sqlquery/plan_filter.h"

namespace energy::sqlquery {
namespace {

duckdb_type TypeOf(ColumnType type) {
  switch (type) {
    case ColumnType::kText:
      return DUCKDB_TYPE_VARCHAR;
    case ColumnType::kTime:
      return DUCKDB_TYPE_TIMESTAMP_TZ;
    case ColumnType::kDouble:
      return DUCKDB_TYPE_DOUBLE;
    case ColumnType::kInteger:
      return DUCKDB_TYPE_BIGINT;
  }
  return DUCKDB_TYPE_VARCHAR;
}

// Copies values and marks as NULL those that `is_null` tells.
template <class T, class IsNull>
void FillNumbers(const std::vector<T>& values, size_t from, size_t count, duckdb_vector vector,
                 IsNull is_null) {
  const T* begin = values.data() + from;
  std::memcpy(duckdb_vector_get_data(vector), begin, count * sizeof(T));
  if (std::none_of(begin, begin + count, is_null)) return;
  duckdb_vector_ensure_validity_writable(vector);
  uint64_t* validity = duckdb_vector_get_validity(vector);
  for (size_t i = 0; i < count; ++i) {
    if (is_null(begin[i])) duckdb_validity_set_row_invalid(validity, i);
  }
}

void FillTexts(const std::vector<std::optional<std::string>>& texts, size_t from, size_t count,
               duckdb_vector vector) {
  duckdb_vector_ensure_validity_writable(vector);
  uint64_t* validity = duckdb_vector_get_validity(vector);
  for (size_t i = 0; i < count; ++i) {
    const auto& text = texts[from + i];
    if (text) {
      duckdb_vector_assign_string_element_len(vector, i, text->data(), text->size());
    } else {
      duckdb_validity_set_row_invalid(validity, i);
    }
  }
}

std::string Upper(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
  return text;
}

}  // namespace

void FillVector(const ColumnData& column, size_t from, size_t count, duckdb_vector vector) {
  if (const auto* text = std::get_if<std::string>(&column)) {
    const DuckValue value(duckdb_create_varchar_length(text->data(), text->size()));
    duckdb_vector_reference_value(vector, value.get());
  } else if (const auto* texts = std::get_if<std::vector<std::optional<std::string>>>(&column)) {
    FillTexts(*texts, from, count, vector);
  } else if (const auto* integers = std::get_if<std::vector<int64_t>>(&column)) {
    FillNumbers(*integers, from, count, vector, [](int64_t v) { return v == kNullInteger; });
  } else {
    FillNumbers(std::get<std::vector<double>>(column), from, count, vector,
                [](double v) { return v != v; });
  }
}

struct RemoteTables::ScanState {
  RemoteTables* tables;
  uint32_t scan;
  Block block;
  size_t from = 0;  // rows of the block that are given out
};

RemoteTables::RemoteTables(Channel& channel, std::vector<TableSpec> specs)
    : channel_(channel), specs_(std::move(specs)), bindings_(specs_.size()) {}

std::string RemoteTables::FunctionName(const TableSpec& spec) { return "scan_" + spec.name; }

base::Status RemoteTables::Register(duckdb_connection connection) {
  for (size_t i = 0; i < specs_.size(); ++i) {
    bindings_[i].tables = this;
    bindings_[i].index = static_cast<uint16_t>(i);
    const std::string name = FunctionName(specs_[i]);
    const DuckFunction function(duckdb_create_table_function());
    duckdb_table_function_set_name(function.get(), name.c_str());
    duckdb_table_function_set_extra_info(function.get(), &bindings_[i], nullptr);
    duckdb_table_function_set_bind(function.get(), Bind);
    duckdb_table_function_set_init(function.get(), Init);
    duckdb_table_function_set_function(function.get(), Fill);
    duckdb_table_function_supports_projection_pushdown(function.get(), true);
    if (duckdb_register_table_function(connection, function.get()) != DuckDBSuccess) {
      return base::Internal("DuckDB does not take the table " + specs_[i].name);
    }
    ENERGY_RETURN_IF_ERROR(Execute(connection, "CREATE VIEW " + QuotedName(specs_[i].name) +
                                                   " AS SELECT * FROM " + name + "()"));
  }
  return {};
}

void RemoteTables::LearnFilters(duckdb_connection connection, const std::string& sql) {
  if (!PlanIsReadable(sql)) return;
  for (Binding& binding : bindings_) binding.bound = 0;
  DuckResult result;
  const std::string explain = "EXPLAIN (FORMAT json) " + sql;
  if (duckdb_query(connection, explain.c_str(), result.get()) != DuckDBSuccess) return;
  const DuckChunk chunk(duckdb_fetch_chunk(*result.get()));
  if (!chunk || duckdb_data_chunk_get_size(chunk.get()) != 1 ||
      duckdb_data_chunk_get_column_count(chunk.get()) != 2) {
    return;
  }
  auto* plan = static_cast<duckdb_string_t*>(
      duckdb_vector_get_data(duckdb_data_chunk_get_vector(chunk.get(), 1)));
  const std::string_view text(duckdb_string_t_data(plan), duckdb_string_t_length(*plan));
  for (size_t i = 0; i < specs_.size(); ++i) {
    if (!specs_[i].filtered) continue;
    bindings_[i].filter = FilterFromPlan(text, Upper(FunctionName(specs_[i])), bindings_[i].bound);
  }
}

void RemoteTables::Bind(duckdb_bind_info info) {
  auto& binding = *static_cast<Binding*>(duckdb_bind_get_extra_info(info));
  ++binding.bound;
  const TableSpec& spec = binding.tables->specs_[binding.index];
  for (const ColumnSpec& column : spec.columns) {
    const DuckType type(duckdb_create_logical_type(TypeOf(column.type)));
    duckdb_bind_add_result_column(info, column.name.c_str(), type.get());
  }
  duckdb_bind_set_cardinality(info, spec.estimated_rows, false);
}

void RemoteTables::Init(duckdb_init_info info) {
  auto& binding = *static_cast<Binding*>(duckdb_init_get_extra_info(info));
  RemoteTables& tables = *binding.tables;
  OpenScanMessage open{
      .scan = tables.next_scan_++, .table = binding.index, .columns = {}, .filter = binding.filter};
  for (idx_t i = 0; i < duckdb_init_get_column_count(info); ++i) {
    open.columns.push_back(static_cast<uint16_t>(duckdb_init_get_column_index(info, i)));
  }
  const base::Status sent =
      tables.channel_.Send(static_cast<uint8_t>(MessageType::kOpenScan), Encode(open));
  if (!sent.ok()) return duckdb_init_set_error(info, sent.message().c_str());
  duckdb_init_set_init_data(info, new ScanState{&tables, open.scan, {}, 0},
                            [](void* state) { delete static_cast<ScanState*>(state); });
}

base::Result<Block> RemoteTables::NextBlock(uint32_t scan) {
  ENERGY_RETURN_IF_ERROR(
      channel_.Send(static_cast<uint8_t>(MessageType::kNextBlock), EncodeScan(scan)));
  ENERGY_ASSIGN_OR_RETURN(const Channel::Message message, channel_.Receive());
  if (message.type == static_cast<uint8_t>(MessageType::kScanFailed)) {
    return DecodeStatus(message.content);
  }
  return DecodeBlock(message.content);
}

void RemoteTables::Fill(duckdb_function_info info, duckdb_data_chunk output) {
  auto& state = *static_cast<ScanState*>(duckdb_function_get_init_data(info));
  if (state.from == state.block.rows) {
    auto block = state.tables->NextBlock(state.scan);
    if (!block.ok()) return duckdb_function_set_error(info, block.status().message().c_str());
    state.block = std::move(block).value();
    state.from = 0;
  }
  const size_t count = std::min<size_t>(state.block.rows - state.from, duckdb_vector_size());
  if (state.block.columns.size() < duckdb_data_chunk_get_column_count(output) && count > 0) {
    return duckdb_function_set_error(info, "the server sent fewer columns than asked for");
  }
  for (idx_t i = 0; count > 0 && i < duckdb_data_chunk_get_column_count(output); ++i) {
    FillVector(state.block.columns[i], state.from, count, duckdb_data_chunk_get_vector(output, i));
  }
  state.from += count;
  duckdb_data_chunk_set_size(output, count);
}

}  // namespace energy::sqlquery
