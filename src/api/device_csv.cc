#include "api/device_csv.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <set>

#include "base/csv_text.h"
#include "base/number_text.h"
#include "base/time_text.h"
#include "devices/validation.h"
#include "sql/value.h"

namespace energy::api {
namespace {

constexpr std::string_view kMetadataPrefix = "metadata.";
constexpr std::array<std::string_view, 6> kColumns = {"id",       "name",   "type",
                                                      "location", "status", "metadata"};
constexpr std::array<std::string_view, 5> kIgnored = {"health_score", "last_seen", "version",
                                                      "created_at", "updated_at"};

struct Line {
  size_t number = 0;
  std::vector<std::string> cells;
};

// Cuts a text into lines of cells; quoted cells may hold delimiters, quotes and line breaks.
class LineReader {
 public:
  LineReader(std::string_view text, char delimiter) : text_(text), delimiter_(delimiter) {}

  bool unfinished_quote() const { return quoted_; }

  bool Next(Line& line) {
    if (at_ >= text_.size()) return false;
    line.number = number_;
    line.cells.assign(1, {});
    quoted_ = false;
    for (; at_ < text_.size(); ++at_) {
      const char c = text_[at_];
      if (c == '\n') ++number_;
      if (quoted_) {
        TakeQuoted(c, line.cells.back());
      } else if (c == '"' && line.cells.back().empty()) {
        quoted_ = true;
      } else if (c == delimiter_) {
        line.cells.emplace_back();
      } else if (c == '\n') {
        ++at_;
        break;
      } else if (c != '\r' || (at_ + 1 < text_.size() && text_[at_ + 1] != '\n')) {
        line.cells.back() += c;
      }
    }
    return true;
  }

 private:
  void TakeQuoted(char c, std::string& cell) {
    if (c != '"') {
      cell += c;
    } else if (at_ + 1 < text_.size() && text_[at_ + 1] == '"') {
      cell += '"';
      ++at_;
    } else {
      quoted_ = false;
    }
  }

  const std::string_view text_;
  const char delimiter_;
  size_t at_ = 0;
  size_t number_ = 1;
  bool quoted_ = false;
};

bool Contains(const auto& names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

base::Status CheckHeader(const std::vector<std::string>& header) {
  std::vector<base::FieldError> errors;
  std::set<std::string> seen;
  for (const std::string& column : header) {
    const bool member =
        column.starts_with(kMetadataPrefix) && column.size() > kMetadataPrefix.size();
    if (!member && !Contains(kColumns, column) && !Contains(kIgnored, column)) {
      errors.push_back({column.empty() ? "header" : column.substr(0, 64),
                        "is no column of devices: id, name, type, location, status, metadata, "
                        "metadata.<name>"});
    } else if (!seen.insert(column).second) {
      errors.push_back({column, "is there twice"});
    }
  }
  for (const char* column : {"id", "name", "type"}) {
    if (!seen.contains(column)) errors.push_back({column, "is missing in the header"});
  }
  if (errors.empty()) return {};
  return base::InvalidArgument("The header of the CSV is not that of devices.", std::move(errors));
}

// Numbers and booleans as such, so that exported metadata comes back as it was.
base::Json MemberOf(const std::string& text) {
  if (text == "true") return true;
  if (text == "false") return false;
  int64_t whole = 0;
  double number = 0;
  const char* const end = text.data() + text.size();
  if (const auto read = std::from_chars(text.data(), end, whole);
      read.ec == std::errc() && read.ptr == end && std::to_string(whole) == text) {
    return whole;
  }
  if (const auto read = std::from_chars(text.data(), end, number);
      read.ec == std::errc() && read.ptr == end && base::Json(number).dump() == text) {
    return number;
  }
  return text;
}

// Sets one column of a device; what is wrong goes to `errors`.
void TakeCell(std::string_view column, const std::string& cell, CsvDevice& row, base::Json& members,
              std::vector<CsvError>& errors) {
  devices::NewDevice& device = row.device;
  const auto fail = [&](const char* message) {
    errors.push_back({row.line, std::string(column), message});
  };
  if (column == "id") {
    device.id = cell;
  } else if (column == "name") {
    device.name = cell;
  } else if (column == "type") {
    device.type = cell;
  } else if (column == "location") {
    if (!cell.empty()) device.location = cell;
  } else if (column == "status") {
    if (cell.empty()) return;
    const auto status = devices::ParseStatus(cell);
    if (!status) return fail("must be one of active, inactive, maintenance, error");
    device.status = *status;
  } else if (column == "metadata") {
    if (cell.empty()) return;
    base::Json json = base::Json::parse(cell, nullptr, /*allow_exceptions=*/false);
    if (!json.is_object()) return fail("must be a JSON object");
    device.metadata = std::move(json);
  } else if (column.starts_with(kMetadataPrefix) && !cell.empty()) {
    members[std::string(column.substr(kMetadataPrefix.size()))] = MemberOf(cell);
  }
}

void TakeLine(const Line& line, const std::vector<std::string>& header, std::set<std::string>& seen,
              CsvDevices& out) {
  CsvDevice row;
  row.line = line.number;
  const size_t errors = out.errors.size();
  if (line.cells.size() != header.size()) {
    out.errors.push_back({line.number, "line",
                          "has " + std::to_string(line.cells.size()) + " cells, the header has " +
                              std::to_string(header.size())});
    return;
  }
  base::Json members = base::Json::object();
  for (size_t c = 0; c < header.size(); ++c) {
    TakeCell(header[c], line.cells[c], row, members, out.errors);
  }
  for (const auto& [name, value] : members.items()) row.device.metadata[name] = value;
  const base::Status valid = devices::Validate(row.device);
  for (const base::FieldError& error : valid.fields()) {
    out.errors.push_back({line.number, error.field, error.message});
  }
  if (valid.ok() && !seen.insert(row.device.id).second) {
    out.errors.push_back({line.number, "id", "is on an earlier line already"});
  }
  if (out.errors.size() == errors) out.devices.push_back(std::move(row));
}

}  // namespace

base::Result<CsvDevices> ReadDevices(std::string_view text) {
  constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
  if (text.starts_with(kByteOrderMark)) text.remove_prefix(kByteOrderMark.size());
  if (!sql::IsStorableText(text)) {
    return base::InvalidArgument("The body must be CSV in UTF-8 without NUL characters.");
  }
  LineReader lines(text, base::FindCsvDelimiter(text.substr(0, text.find('\n'))));
  Line line;
  if (!lines.Next(line)) return base::InvalidArgument("The body has no header of CSV columns.");
  const std::vector<std::string> header = line.cells;
  ENERGY_RETURN_IF_ERROR(CheckHeader(header));
  CsvDevices out;
  std::set<std::string> seen;
  while (lines.Next(line)) {
    if (line.cells.size() == 1 && line.cells.front().empty()) continue;
    if (++out.lines > CsvDevices::kMostLines) {
      return base::TooLarge("The CSV has more than " + std::to_string(CsvDevices::kMostLines) +
                            " devices: split it.");
    }
    TakeLine(line, header, seen, out);
  }
  if (lines.unfinished_quote()) {
    return base::InvalidArgument("The CSV ends within a quoted cell.",
                                 {{"line " + std::to_string(line.number), "has a quote too many"}});
  }
  return out;
}

std::string_view DeviceCsvHeader() {
  return "id,name,type,location,status,metadata,health_score,last_seen,version,created_at,"
         "updated_at\r\n";
}

void AppendDevice(const devices::Device& device, std::string& out) {
  const auto last = [&](std::string_view text) { base::AppendCsvCell(text, out, ",;\t\r\n"); };
  const auto cell = [&](std::string_view text) {
    last(text);
    out += ',';
  };
  cell(device.id);
  cell(device.name);
  cell(device.type);
  cell(device.location.value_or(""));
  cell(devices::StatusName(device.status));
  cell(device.metadata.dump());
  cell(device.health_score ? base::Json(*device.health_score).dump() : "");
  cell(device.last_seen ? base::FormatTimestamp(*device.last_seen) : "");
  cell(std::to_string(device.version));
  cell(base::FormatTimestamp(device.created_at));
  last(base::FormatTimestamp(device.updated_at));
  out += "\r\n";
}

}  // namespace energy::api
