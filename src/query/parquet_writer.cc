#include "query/parquet_writer.h"

#include <algorithm>

#include "query/thrift_writer.h"

namespace energy::query {
namespace {

constexpr std::string_view kMagic = "PAR1";
// 4 MiB of numbers, and no more rows than readers like to take at a time.
constexpr size_t kMaxGroupCells = 512 << 10;
constexpr size_t kMaxGroupRows = 122'880;

// Of parquet.thrift.
constexpr int kInt64 = 2;
constexpr int kDouble = 5;
constexpr int kByteArray = 6;
constexpr int kRequired = 0;
constexpr int kOptional = 1;
constexpr int kUtf8 = 0;
constexpr int kUncompressed = 0;

struct ColumnKind {
  std::string name;
  int type = kDouble;
};

std::vector<ColumnKind> KindsOf(const Header& header) {
  std::vector<ColumnKind> kinds{{"time", kInt64}};
  if (HasKeyColumn(header)) kinds.push_back({header.key_name, kByteArray});
  for (const Column& column : header.columns) kinds.push_back({column.name, kDouble});
  return kinds;
}

void WriteSchema(ThriftWriter& thrift, const std::vector<ColumnKind>& kinds) {
  thrift.List(2, ThriftWriter::Type::kStruct, kinds.size() + 1);
  thrift.BeginElement();
  thrift.Text(4, "readings");
  thrift.I32(5, static_cast<int64_t>(kinds.size()));
  thrift.End();
  for (const ColumnKind& kind : kinds) {
    thrift.BeginElement();
    thrift.I32(1, kind.type);
    thrift.I32(3, kind.type == kDouble ? kOptional : kRequired);
    thrift.Text(4, kind.name);
    if (kind.type == kByteArray) {
      thrift.I32(6, kUtf8);
      thrift.Begin(10);
      thrift.Empty(1);  // STRING
      thrift.End();
    } else if (kind.type == kInt64) {
      thrift.Begin(10);
      thrift.Begin(8);  // TIMESTAMP
      thrift.True(1);   // in UTC
      thrift.Begin(2);
      thrift.Empty(3);  // NANOS
      thrift.End();
      thrift.End();
      thrift.End();
    }
    thrift.End();
  }
}

std::string_view BytesOf(const int64_t& value) {
  return {reinterpret_cast<const char*>(&value), sizeof(value)};
}

}  // namespace

void ParquetWriter::Begin(const Header&, std::string& out) {
  out += kMagic;
  offset_ = kMagic.size();
}

base::Status ParquetWriter::Rows(const Header& header, Block block, std::string& out) {
  held_rows_ += block.time_ns.size();
  if (!block.time_ns.empty()) held_.push_back(std::move(block));
  const size_t most = std::min(kMaxGroupRows, kMaxGroupCells / (header.columns.size() + 1));
  if (held_rows_ >= most) Flush(header, out);
  return {};
}

void ParquetWriter::Put(const ParquetColumn& column, RowGroup& group, std::string& out) {
  group.columns.push_back({.bytes = column.bytes.size(),
                           .dictionary_bytes = column.dictionary_bytes,
                           .encoding = column.encoding,
                           .nulls = column.nulls});
  out += column.bytes;
  offset_ += column.bytes.size();
}

void ParquetWriter::Flush(const Header& header, std::string& out) {
  if (held_.empty()) return;
  RowGroup& group = groups_.emplace_back();
  group.offset = offset_;
  group.rows = held_rows_;
  std::vector<int64_t> times;
  std::vector<TextRun> keys;
  for (const Block& block : held_) {
    times.insert(times.end(), block.time_ns.begin(), block.time_ns.end());
    keys.push_back({block.key, block.time_ns.size()});
  }
  const auto [first, last] = std::minmax_element(times.begin(), times.end());
  group.first_ns = *first;
  group.last_ns = *last;
  Put(EncodeTimes(times), group, out);
  if (HasKeyColumn(header)) Put(EncodeTexts(keys), group, out);
  std::vector<double> values;
  for (size_t c = 0; c < header.columns.size(); ++c) {
    values.clear();
    for (const Block& block : held_) {
      values.insert(values.end(), block.columns[c].begin(), block.columns[c].end());
    }
    Put(EncodeValues(values), group, out);
  }
  rows_ += held_rows_;
  held_rows_ = 0;
  held_.clear();
}

std::string ParquetWriter::Metadata(const Header& header) const {
  const std::vector<ColumnKind> kinds = KindsOf(header);
  std::string out;
  ThriftWriter thrift(out);
  using Type = ThriftWriter::Type;
  thrift.I32(1, 2);  // version
  WriteSchema(thrift, kinds);
  thrift.I64(3, static_cast<int64_t>(rows_));
  thrift.List(4, Type::kStruct, groups_.size());
  for (const RowGroup& group : groups_) {
    thrift.BeginElement();
    thrift.List(1, Type::kStruct, kinds.size());
    size_t offset = group.offset;
    for (size_t c = 0; c < kinds.size(); ++c) {
      const ColumnPlace& place = group.columns[c];
      const auto bytes = static_cast<int64_t>(place.bytes);
      thrift.BeginElement();
      thrift.I64(2, static_cast<int64_t>(offset));
      thrift.Begin(3);
      thrift.I32(1, kinds[c].type);
      thrift.List(2, Type::kI32, place.dictionary_bytes > 0 ? 3 : 2);
      thrift.IntegerElement(static_cast<int>(place.encoding));
      thrift.IntegerElement(static_cast<int>(ParquetEncoding::kRle));
      if (place.dictionary_bytes > 0) {
        thrift.IntegerElement(static_cast<int>(ParquetEncoding::kPlain));
      }
      thrift.List(3, Type::kBinary, 1);
      thrift.TextElement(kinds[c].name);
      thrift.I32(4, kUncompressed);
      thrift.I64(5, static_cast<int64_t>(group.rows));
      thrift.I64(6, bytes);
      thrift.I64(7, bytes);
      thrift.I64(9, static_cast<int64_t>(offset + place.dictionary_bytes));
      if (place.dictionary_bytes > 0) thrift.I64(11, static_cast<int64_t>(offset));
      thrift.Begin(12);
      thrift.I64(3, static_cast<int64_t>(place.nulls));
      if (c == 0) {
        thrift.Text(5, BytesOf(group.last_ns));
        thrift.Text(6, BytesOf(group.first_ns));
      }
      thrift.End();
      thrift.End();
      thrift.End();
      offset += place.bytes;
    }
    thrift.I64(2, static_cast<int64_t>(offset - group.offset));
    thrift.I64(3, static_cast<int64_t>(group.rows));
    thrift.End();
  }
  std::vector<std::pair<std::string, std::string>> facts{
      {"source", std::string(SourceName(header.source))}};
  for (const Column& column : header.columns) {
    if (!column.unit.empty()) facts.emplace_back("unit." + column.name, column.unit);
  }
  thrift.List(5, Type::kStruct, facts.size());
  for (const auto& [key, value] : facts) {
    thrift.BeginElement();
    thrift.Text(1, key);
    thrift.Text(2, value);
    thrift.End();
  }
  thrift.Text(6, "energy-platform");
  thrift.List(7, Type::kStruct, kinds.size());  // statistics are in the order of the type
  for (size_t c = 0; c < kinds.size(); ++c) {
    thrift.BeginElement();
    thrift.Empty(1);
    thrift.End();
  }
  thrift.End();
  return out;
}

bool ParquetWriter::End(const Header& header, const Tail&, std::string& out) {
  Flush(header, out);
  const std::string metadata = Metadata(header);
  out += metadata;
  const auto size = static_cast<uint32_t>(metadata.size());
  out.append(reinterpret_cast<const char*>(&size), sizeof(size));
  out += kMagic;
  return false;
}

}  // namespace energy::query
