#include "sqlquery/messages.h"

#include <type_traits>

#include "sqlquery/message_bytes.h"

namespace energy::sqlquery {
namespace {

constexpr uint32_t kNoText = 0xFFFFFFFF;

template <class T>
T Enum(MessageReader& reader, T last) {
  const auto value = reader.Number<std::underlying_type_t<T>>();
  if (value > static_cast<std::underlying_type_t<T>>(last)) reader.Fail();
  return static_cast<T>(value);
}

void WriteColumn(const ColumnData& column, MessageWriter& writer) {
  writer.Number(static_cast<uint8_t>(column.index()));
  if (const auto* texts = std::get_if<TextRuns>(&column)) {
    writer.Number(static_cast<uint32_t>(texts->runs.size()));
    for (const TextRuns::Run& run : texts->runs) {
      writer.Text(run.text);
      writer.Number(run.end);
    }
    return;
  }
  if (const auto* place = std::get_if<InRoom>(&column)) {
    writer.Number(place->offset);
    return writer.Number(place->type);
  }
  if (const auto* numbers = std::get_if<std::vector<int64_t>>(&column)) {
    return writer.Numbers(*numbers);
  }
  if (const auto* numbers = std::get_if<std::vector<double>>(&column)) {
    return writer.Numbers(*numbers);
  }
  const auto& texts = std::get<std::vector<std::optional<std::string>>>(column);
  writer.Number(static_cast<uint32_t>(texts.size()));
  for (const auto& text : texts) {
    if (text) {
      writer.Text(*text);
    } else {
      writer.Number(kNoText);
    }
  }
}

// Runs that follow each other up to the last row.
TextRuns ReadRuns(MessageReader& reader, uint32_t rows) {
  TextRuns texts;
  texts.runs.resize(reader.Count());
  uint32_t at = 0;
  for (TextRuns::Run& run : texts.runs) {
    run.text = reader.Text();
    run.end = reader.Number<uint32_t>();
    if (run.end <= at) reader.Fail();
    at = run.end;
  }
  if (at != rows) reader.Fail();
  return texts;
}

InRoom ReadPlace(MessageReader& reader, uint32_t rows) {
  InRoom place;
  place.offset = reader.Number<uint32_t>();
  place.type = Enum(reader, ColumnType::kInteger);
  if (place.type == ColumnType::kText || place.offset > kRoomBytes ||
      rows > (kRoomBytes - place.offset) / sizeof(double)) {
    reader.Fail();
  }
  return place;
}

ColumnData ReadColumn(MessageReader& reader, uint32_t rows) {
  const auto check = [&](auto values) -> ColumnData {
    if (values.size() != rows) reader.Fail();
    return values;
  };
  switch (reader.Number<uint8_t>()) {
    case 0:
      return ReadRuns(reader, rows);
    case 1: {
      std::vector<std::optional<std::string>> texts(reader.Count());
      for (auto& text : texts) {
        const auto size = reader.Number<uint32_t>();
        if (size != kNoText) text = std::string(reader.Take(size));
      }
      return check(std::move(texts));
    }
    case 2:
      return check(reader.Numbers<int64_t>());
    case 3:
      return check(reader.Numbers<double>());
    case 4:
      return ReadPlace(reader, rows);
    default:
      reader.Fail();
      return {};
  }
}

}  // namespace

std::string Encode(const StartMessage& message) {
  MessageWriter writer;
  writer.Text(message.request.sql);
  writer.Text(message.request.time_zone);
  writer.Number(message.request.format);
  writer.Number(message.limits.memory_bytes);
  writer.Number(static_cast<int64_t>(message.limits.time.count()));
  writer.Number(message.limits.rows);
  writer.Number(message.limits.result_bytes);
  writer.Number(static_cast<uint32_t>(message.tables.size()));
  for (const TableSpec& table : message.tables) {
    writer.Text(table.name);
    writer.Number(table.estimated_rows);
    writer.Number(static_cast<uint8_t>(table.filtered));
    writer.Number(static_cast<uint32_t>(table.columns.size()));
    for (const ColumnSpec& column : table.columns) {
      writer.Text(column.name);
      writer.Number(column.type);
    }
  }
  return writer.Take();
}

base::Result<StartMessage> DecodeStart(std::string_view bytes) {
  MessageReader reader(bytes);
  StartMessage message;
  message.request.sql = reader.Text();
  message.request.time_zone = reader.Text();
  message.request.format = Enum(reader, ResultFormat::kParquet);
  message.limits.memory_bytes = reader.Number<uint64_t>();
  message.limits.time = std::chrono::milliseconds(reader.Number<int64_t>());
  message.limits.rows = reader.Number<uint64_t>();
  message.limits.result_bytes = reader.Number<uint64_t>();
  message.tables.resize(reader.Count());
  for (TableSpec& table : message.tables) {
    table.name = reader.Text();
    table.estimated_rows = reader.Number<uint64_t>();
    table.filtered = reader.Number<uint8_t>() != 0;
    table.columns.resize(reader.Count());
    for (ColumnSpec& column : table.columns) {
      column.name = reader.Text();
      column.type = Enum(reader, ColumnType::kInteger);
    }
  }
  return reader.Finish(std::move(message));
}

std::string Encode(const OpenScanMessage& message) {
  MessageWriter writer;
  writer.Number(message.scan);
  writer.Number(message.table);
  writer.Numbers(message.columns);
  writer.Number(message.filter.start_us);
  writer.Number(message.filter.end_us);
  writer.Number(static_cast<uint8_t>(message.filter.devices.has_value()));
  if (message.filter.devices) {
    writer.Number(static_cast<uint32_t>(message.filter.devices->size()));
    for (const std::string& device : *message.filter.devices) writer.Text(device);
  }
  return writer.Take();
}

base::Result<OpenScanMessage> DecodeOpenScan(std::string_view bytes) {
  MessageReader reader(bytes);
  OpenScanMessage message;
  message.scan = reader.Number<uint32_t>();
  message.table = reader.Number<uint16_t>();
  message.columns = reader.Numbers<uint16_t>();
  message.filter.start_us = reader.Number<int64_t>();
  message.filter.end_us = reader.Number<int64_t>();
  if (reader.Number<uint8_t>() != 0) {
    auto& devices = message.filter.devices.emplace(reader.Count());
    for (std::string& device : devices) device = reader.Text();
  }
  return reader.Finish(std::move(message));
}

std::string Encode(const BlockMessage& message) {
  MessageWriter writer;
  const Block& block = message.block;
  writer.Number(message.scan);
  writer.Number(block.rows);
  writer.Number(static_cast<uint32_t>(block.columns.size()));
  for (const ColumnData& column : block.columns) WriteColumn(column, writer);
  return writer.Take();
}

base::Result<BlockMessage> DecodeBlock(std::string_view bytes) {
  MessageReader reader(bytes);
  BlockMessage message;
  Block& block = message.block;
  message.scan = reader.Number<uint32_t>();
  block.rows = reader.Number<uint32_t>();
  const size_t columns = reader.Count();
  for (size_t i = 0; i < columns && reader.ok(); ++i) {
    block.columns.push_back(ReadColumn(reader, block.rows));
  }
  return reader.Finish(std::move(message));
}

std::string Encode(const std::vector<ResultColumn>& columns) {
  MessageWriter writer;
  writer.Number(static_cast<uint32_t>(columns.size()));
  for (const ResultColumn& column : columns) {
    writer.Text(column.name);
    writer.Text(column.type);
  }
  return writer.Take();
}

base::Result<std::vector<ResultColumn>> DecodeColumns(std::string_view bytes) {
  MessageReader reader(bytes);
  std::vector<ResultColumn> columns(reader.Count());
  for (ResultColumn& column : columns) {
    column.name = reader.Text();
    column.type = reader.Text();
  }
  return reader.Finish(std::move(columns));
}

std::string Encode(const DoneMessage& message) {
  MessageWriter writer;
  writer.Number(message.rows);
  writer.Number(static_cast<uint8_t>(message.truncated));
  return writer.Take();
}

base::Result<DoneMessage> DecodeDone(std::string_view bytes) {
  MessageReader reader(bytes);
  DoneMessage message;
  message.rows = reader.Number<uint64_t>();
  message.truncated = reader.Number<uint8_t>() != 0;
  return reader.Finish(message);
}

std::string EncodeNumber(uint32_t number) {
  MessageWriter writer;
  writer.Number(number);
  return writer.Take();
}

base::Result<uint32_t> DecodeNumber(std::string_view bytes) {
  MessageReader reader(bytes);
  const auto number = reader.Number<uint32_t>();
  return reader.Finish(number);
}

std::string Encode(const ScanFailedMessage& message) {
  return EncodeNumber(message.scan) + Encode(message.status);
}

base::Result<ScanFailedMessage> DecodeScanFailed(std::string_view bytes) {
  ENERGY_ASSIGN_OR_RETURN(const uint32_t scan, DecodeNumber(bytes.substr(0, sizeof(uint32_t))));
  return ScanFailedMessage{scan, DecodeStatus(bytes.substr(sizeof(scan)))};
}

std::string Encode(const base::Status& status) {
  MessageWriter writer;
  writer.Number(static_cast<uint8_t>(status.code()));
  writer.Text(status.message());
  writer.Number(static_cast<uint32_t>(status.fields().size()));
  for (const base::FieldError& field : status.fields()) {
    writer.Text(field.field);
    writer.Text(field.message);
  }
  return writer.Take();
}

base::Status DecodeStatus(std::string_view bytes) {
  MessageReader reader(bytes);
  const auto code = reader.Number<uint8_t>();
  std::string message = reader.Text();
  std::vector<base::FieldError> fields(reader.Count());
  for (base::FieldError& field : fields) {
    field.field = reader.Text();
    field.message = reader.Text();
  }
  if (code == 0 || code > static_cast<uint8_t>(base::Code::kInternal)) reader.Fail();
  const auto whole = reader.Finish(true);
  if (!whole.ok()) return whole.status();
  return {static_cast<base::Code>(code), std::move(message), std::move(fields)};
}

}  // namespace energy::sqlquery
