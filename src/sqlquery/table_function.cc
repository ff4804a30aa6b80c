#include "sqlquery/table_function.h"

#include <algorithm>
#include <cmath>
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

bool IsNull(int64_t value) { return value == kNullInteger; }
bool IsNull(double value) { return std::isnan(value); }

// Copies values and marks NULL.
template <class T>
void FillNumbers(const T* values, size_t count, duckdb_vector vector) {
  auto* to = static_cast<T*>(duckdb_vector_get_data(vector));
  std::memcpy(to, values, count * sizeof(T));
  // Without a branch, so that it takes several values at a time.
  size_t nulls = 0;
  for (size_t i = 0; i < count; ++i) nulls += IsNull(to[i]) ? 1 : 0;
  if (nulls == 0) return;
  duckdb_vector_ensure_validity_writable(vector);
  uint64_t* validity = duckdb_vector_get_validity(vector);
  for (size_t i = 0; i < count; ++i) {
    if (IsNull(to[i])) duckdb_validity_set_row_invalid(validity, i);
  }
}

void FillFromRoom(const InRoom& place, std::span<const std::byte> room, size_t from, size_t count,
                  duckdb_vector vector) {
  const std::byte* begin = room.data() + place.offset + from * sizeof(double);
  if (place.type == ColumnType::kDouble) {
    FillNumbers(reinterpret_cast<const double*>(begin), count, vector);
  } else {
    FillNumbers(reinterpret_cast<const int64_t*>(begin), count, vector);
  }
}

// The run that has row `at`.
const TextRuns::Run& RunOf(const TextRuns& texts, size_t at) {
  return *std::upper_bound(texts.runs.begin(), texts.runs.end(), at,
                           [](size_t row, const TextRuns::Run& run) { return row < run.end; });
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

size_t RowsAtOnce(const Block& block, size_t from, size_t most) {
  size_t count = std::min(block.rows - from, most);
  for (const ColumnData& column : block.columns) {
    const auto* texts = std::get_if<TextRuns>(&column);
    if (texts != nullptr && count > 0) count = std::min(count, RunOf(*texts, from).end - from);
  }
  return count;
}

void FillVector(const ColumnData& column, std::span<const std::byte> room, size_t from,
                size_t count, duckdb_vector vector) {
  if (const auto* runs = std::get_if<TextRuns>(&column)) {
    const std::string& text = RunOf(*runs, from).text;
    const DuckValue value(duckdb_create_varchar_length(text.data(), text.size()));
    duckdb_vector_reference_value(vector, value.get());
  } else if (const auto* place = std::get_if<InRoom>(&column)) {
    FillFromRoom(*place, room, from, count, vector);
  } else if (const auto* texts = std::get_if<std::vector<std::optional<std::string>>>(&column)) {
    FillTexts(*texts, from, count, vector);
  } else if (const auto* integers = std::get_if<std::vector<int64_t>>(&column)) {
    FillNumbers(integers->data() + from, count, vector);
  } else {
    FillNumbers(std::get<std::vector<double>>(column).data() + from, count, vector);
  }
}

struct RemoteTables::ScanState {
  RemoteTables* tables;
  uint32_t scan;
  Block block;
  size_t from = 0;  // rows of the block that are given out
  bool ended = false;

  // The next block, and asks for the one after it.
  base::Status Advance() {
    ENERGY_ASSIGN_OR_RETURN(block, tables->Await(scan));
    from = 0;
    ended = block.rows == 0;
    return ended ? base::Status() : tables->Ask(scan);
  }
};

RemoteTables::RemoteTables(Channel& channel, const Window& window, std::vector<TableSpec> specs)
    : channel_(channel), window_(window), specs_(std::move(specs)), bindings_(specs_.size()) {}

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
  base::Status sent =
      tables.channel_.Send(static_cast<uint8_t>(MessageType::kOpenScan), Encode(open));
  if (sent.ok()) sent = tables.Ask(open.scan);
  if (!sent.ok()) return duckdb_init_set_error(info, sent.message().c_str());
  duckdb_init_set_init_data(info, new ScanState{&tables, open.scan, {}},
                            [](void* state) { delete static_cast<ScanState*>(state); });
}

base::Status RemoteTables::Ask(uint32_t scan) {
  return channel_.Send(static_cast<uint8_t>(MessageType::kNextBlock), EncodeNumber(scan));
}

// Blocks come in the order in which they were asked for, which is not that of their use.
base::Result<Block> RemoteTables::Await(uint32_t scan) {
  for (;;) {
    if (const auto came = came_.find(scan); came != came_.end()) {
      Block block = std::move(came->second);
      came_.erase(came);
      return block;
    }
    ENERGY_ASSIGN_OR_RETURN(const Channel::Message message, channel_.Receive());
    if (message.type == static_cast<uint8_t>(MessageType::kScanFailed)) {
      ENERGY_ASSIGN_OR_RETURN(const ScanFailedMessage failed, DecodeScanFailed(message.content));
      return failed.status;
    }
    ENERGY_ASSIGN_OR_RETURN(BlockMessage next, DecodeBlock(message.content));
    came_[next.scan] = std::move(next.block);
  }
}

void RemoteTables::Fill(duckdb_function_info info, duckdb_data_chunk output) {
  auto& state = *static_cast<ScanState*>(duckdb_function_get_init_data(info));
  if (state.from == state.block.rows && !state.ended) {
    if (const base::Status status = state.Advance(); !status.ok()) {
      return duckdb_function_set_error(info, status.message().c_str());
    }
  }
  const size_t count = RowsAtOnce(state.block, state.from, duckdb_vector_size());
  if (state.block.columns.size() < duckdb_data_chunk_get_column_count(output) && count > 0) {
    return duckdb_function_set_error(info, "the server sent fewer columns than asked for");
  }
  const auto room = state.tables->window_.RoomOf(state.scan);
  for (idx_t i = 0; count > 0 && i < duckdb_data_chunk_get_column_count(output); ++i) {
    FillVector(state.block.columns[i], room, state.from, count,
               duckdb_data_chunk_get_vector(output, i));
  }
  state.from += count;
  duckdb_data_chunk_set_size(output, count);
}

}  // namespace energy::sqlquery
