#include "query/arrow_writer.h"

#include <bit>
#include <cmath>

#include "query/flat_table.h"

namespace energy::query {
namespace {

static_assert(std::endian::native == std::endian::little);

// Of Arrow's Message.fbs and Schema.fbs.
constexpr int16_t kMetadataV5 = 4;
constexpr uint8_t kSchemaMessage = 1;
constexpr uint8_t kRecordBatchMessage = 3;
enum class Type : uint8_t { kFloatingPoint = 3, kUtf8 = 5, kTimestamp = 10 };
constexpr int16_t kDouble = 2;
constexpr int16_t kNanosecond = 3;

struct MessageStart {
  FlatWriter::Table message;
  size_t header_slot;
};

MessageStart StartMessage(FlatWriter& flat, uint8_t type, size_t body_bytes) {
  // version, header_type, header, bodyLength
  const auto message = flat.AddTable({2, 1, 4, 8});
  flat.Put(message.slots[0], kMetadataV5);
  flat.Put(message.slots[1], type);
  flat.Put(message.slots[3], static_cast<int64_t>(body_bytes));
  return {message, message.slots[2]};
}

// Encapsulated: continuation, length, metadata; the body follows.
void AppendMetadata(std::string& out, const std::string& metadata) {
  const auto put = [&out](uint32_t value) {
    out.append(reinterpret_cast<const char*>(&value), sizeof(value));
  };
  put(0xFFFFFFFF);
  put(static_cast<uint32_t>(metadata.size()));
  out += metadata;
}

size_t AddType(FlatWriter& flat, Type type) {
  if (type == Type::kUtf8) return flat.AddTable({}).at;
  if (type == Type::kFloatingPoint) {
    const auto table = flat.AddTable({2});
    flat.Put(table.slots[0], kDouble);
    return table.at;
  }
  const auto table = flat.AddTable({2, 4});
  flat.Put(table.slots[0], kNanosecond);
  flat.Refer(table.slots[1], flat.AddString("UTC"));
  return table.at;
}

size_t AddField(FlatWriter& flat, const Column& column, Type type) {
  // name, nullable, type_type, type, dictionary, children, custom_metadata
  const bool has_unit = !column.unit.empty();
  const auto field = flat.AddTable({4, 1, 1, 4, 0, 4, has_unit ? size_t{4} : size_t{0}});
  flat.Put(field.slots[1], static_cast<uint8_t>(type == Type::kFloatingPoint ? 1 : 0));
  flat.Put(field.slots[2], static_cast<uint8_t>(type));
  flat.Refer(field.slots[0], flat.AddString(column.name));
  flat.Refer(field.slots[3], AddType(flat, type));
  flat.Refer(field.slots[5], flat.AddVector(0, 4));
  if (has_unit) {
    const size_t metadata = flat.AddVector(1, 4);
    flat.Refer(field.slots[6], metadata);
    const auto pair = flat.AddTable({4, 4});
    flat.Refer(metadata + 4, pair.at);
    flat.Refer(pair.slots[0], flat.AddString("unit"));
    flat.Refer(pair.slots[1], flat.AddString(column.unit));
  }
  return field.at;
}

// The buffers of a record batch, one behind the other at multiples of 8.
class Body {
 public:
  struct Buffer {
    int64_t offset;
    int64_t length;
  };
  struct Node {
    int64_t length;
    int64_t null_count;
  };

  void Add(const void* data, size_t size) {
    buffers.push_back({static_cast<int64_t>(bytes.size()), static_cast<int64_t>(size)});
    if (size > 0) bytes.append(static_cast<const char*>(data), size);
    bytes.append((8 - size % 8) % 8, '\0');
  }
  void AddColumn(const std::vector<double>& column) {
    std::string validity((column.size() + 7) / 8, '\0');
    int64_t nulls = 0;
    for (size_t row = 0; row < column.size(); ++row) {
      if (std::isnan(column[row])) {
        ++nulls;
      } else {
        validity[row / 8] = static_cast<char>(validity[row / 8] | (1 << (row % 8)));
      }
    }
    nodes.push_back({static_cast<int64_t>(column.size()), nulls});
    Add(validity.data(), nulls == 0 ? 0 : validity.size());
    Add(column.data(), column.size() * sizeof(double));
  }
  // The same text in each row.
  void AddText(const std::string& text, size_t rows) {
    nodes.push_back({static_cast<int64_t>(rows), 0});
    Add(nullptr, 0);
    std::vector<int32_t> offsets;
    std::string values;
    for (size_t row = 0; row <= rows; ++row) {
      offsets.push_back(static_cast<int32_t>(row * text.size()));
      if (row < rows) values += text;
    }
    Add(offsets.data(), offsets.size() * sizeof(int32_t));
    Add(values.data(), values.size());
  }

  std::vector<Node> nodes;
  std::vector<Buffer> buffers;
  std::string bytes;
};

template <class Struct>
void PutStructs(FlatWriter& flat, size_t slot, const std::vector<Struct>& structs) {
  const size_t vector = flat.AddVector(structs.size(), sizeof(Struct));
  flat.Refer(slot, vector);
  flat.Put(vector, static_cast<uint32_t>(structs.size()));
  for (size_t i = 0; i < structs.size(); ++i) {
    flat.Put(vector + 4 + i * sizeof(Struct), structs[i]);
  }
}

}  // namespace

void ArrowWriter::Begin(const Header& header, std::string& out) {
  FlatWriter flat;
  const MessageStart start = StartMessage(flat, kSchemaMessage, 0);
  const auto schema = flat.AddTable({2, 4});  // endianness (little is 0), fields
  flat.Refer(start.header_slot, schema.at);
  const size_t extra = HasKeyColumn(header) ? 2 : 1;
  const size_t fields = flat.AddVector(header.columns.size() + extra, 4);
  flat.Refer(schema.slots[1], fields);
  size_t slot = fields + 4;
  const auto add = [&](const Column& column, Type type) {
    flat.Refer(slot, AddField(flat, column, type));
    slot += 4;
  };
  add({.name = "time", .unit = {}}, Type::kTimestamp);
  if (extra == 2) add({.name = header.key_name, .unit = {}}, Type::kUtf8);
  for (const Column& column : header.columns) add(column, Type::kFloatingPoint);
  AppendMetadata(out, flat.Finish(start.message));
}

base::Status ArrowWriter::Rows(const Header& header, Block block, std::string& out) {
  const size_t rows = block.time_ns.size();
  Body body;
  body.nodes.push_back({static_cast<int64_t>(rows), 0});
  body.Add(nullptr, 0);
  body.Add(block.time_ns.data(), rows * sizeof(int64_t));
  if (HasKeyColumn(header)) body.AddText(block.key, rows);
  for (const std::vector<double>& column : block.columns) body.AddColumn(column);

  FlatWriter flat;
  const MessageStart start = StartMessage(flat, kRecordBatchMessage, body.bytes.size());
  const auto batch = flat.AddTable({8, 4, 4});  // length, nodes, buffers
  flat.Refer(start.header_slot, batch.at);
  flat.Put(batch.slots[0], static_cast<int64_t>(rows));
  PutStructs(flat, batch.slots[1], body.nodes);
  PutStructs(flat, batch.slots[2], body.buffers);
  AppendMetadata(out, flat.Finish(start.message));
  out += body.bytes;
  return {};
}

bool ArrowWriter::End(const Header&, const Tail&, std::string& out) {
  AppendMetadata(out, {});
  return false;
}

}  // namespace energy::query
