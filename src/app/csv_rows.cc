#include "app/csv_rows.h"

#include <algorithm>
#include <charconv>
#include <cmath>

#include "base/csv_text.h"
#include "base/text.h"
#include "base/time_text.h"

namespace energy::app {
namespace {

bool ReadLine(std::istream& in, std::string& line) {
  if (!std::getline(in, line)) return false;
  if (!line.empty() && line.back() == '\r') line.pop_back();
  return true;
}

std::vector<std::string> Split(const std::string& line, char delimiter) {
  std::vector<std::string> cells(1);
  bool quoted = false;
  for (size_t i = 0; i < line.size(); ++i) {
    const char c = line[i];
    if (c == '"') {
      const bool doubled = quoted && i + 1 < line.size() && line[i + 1] == '"';
      if (doubled) cells.back() += line[++i];
      if (!doubled) quoted = !quoted;
    } else if (c == delimiter && !quoted) {
      cells.emplace_back();
    } else {
      cells.back() += c;
    }
  }
  return cells;
}

// "name=value"; false when it is not of that form.
bool SplitPair(const std::string& text, std::string& name, std::string& value) {
  const size_t equals = text.find('=');
  if (equals == 0 || equals == std::string::npos || equals + 1 == text.size()) return false;
  name = text.substr(0, equals);
  value = text.substr(equals + 1);
  return true;
}

std::optional<double> ToNumber(const std::string& text) {
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || !std::isfinite(value)) {
    return std::nullopt;
  }
  return value;
}

}  // namespace

base::Result<CsvRows> CsvRows::Open(std::istream& in, const CsvOptions& options) {
  ENERGY_ASSIGN_OR_RETURN(LocalTimes times,
                          LocalTimes::Make(options.time_format, options.time_zone));
  CsvRows rows(in, std::move(times));
  ENERGY_RETURN_IF_ERROR(rows.Bind(options));
  return rows;
}

base::Status CsvRows::Bind(const CsvOptions& options) {
  std::string header;
  if (!ReadLine(in_, header)) return base::InvalidArgument("the file is empty");
  line_ = 1;
  if (header.starts_with("\xEF\xBB\xBF")) header.erase(0, 3);
  const std::string tab = "\\t";
  if (options.delimiter.size() > 1 && options.delimiter != tab) {
    return base::InvalidField("--delimiter", "must be one character, or \\t");
  }
  delimiter_ = options.delimiter.empty()  ? base::FindCsvDelimiter(header)
               : options.delimiter == tab ? '\t'
                                          : options.delimiter[0];
  missing_ = options.missing;
  for (const std::string& name : Split(header, delimiter_)) header_.emplace_back(base::Trim(name));
  for (const std::string& column : Split(options.time_columns, ',')) {
    ENERGY_ASSIGN_OR_RETURN(const size_t index, IndexOf("--time-column", column));
    time_columns_.push_back(index);
  }
  std::string name;
  std::string value;
  for (const std::string& pair : options.map) {
    if (!SplitPair(pair, name, value)) {
      return base::InvalidField("--map", "takes field=Column, not '" + pair + "'");
    }
    ENERGY_ASSIGN_OR_RETURN(const size_t index, IndexOf("--map", value));
    columns_.push_back({name, index});
  }
  for (const std::string& pair : options.scale) {
    const bool split = SplitPair(pair, name, value);
    const auto factor = split ? ToNumber(value) : std::nullopt;
    const auto column = std::find_if(columns_.begin(), columns_.end(),
                                     [&](const Column& one) { return one.field == name; });
    if (!factor || column == columns_.end()) {
      return base::InvalidField("--scale",
                                "takes field=factor of a mapped field, not '" + pair + "'");
    }
    column->scale = *factor;
  }
  return {};
}

base::Result<size_t> CsvRows::IndexOf(const std::string& option, const std::string& column) const {
  const auto found = std::find(header_.begin(), header_.end(), base::Trim(column));
  if (found != header_.end()) return static_cast<size_t>(found - header_.begin());
  std::string known;
  for (const std::string& name : header_) known += (known.empty() ? "" : ", ") + name;
  return base::InvalidField(option, "names the column '" + column + "'; the file has " + known);
}

bool CsvRows::Next(CsvRow& row) {
  std::string line;
  do {
    if (!ReadLine(in_, line)) return false;
    ++line_;
  } while (line.empty());
  row = CsvRow{line_, base::Json::object(), {}};
  const std::vector<std::string> cells = Split(line, delimiter_);
  std::string time_text;
  for (const size_t index : time_columns_) {
    if (index >= cells.size()) {
      row.error = "the row has " + std::to_string(cells.size()) + " of " +
                  std::to_string(header_.size()) + " columns";
      return true;
    }
    time_text += (time_text.empty() ? "" : " ") + std::string(base::Trim(cells[index]));
  }
  const auto time = times_.Parse(time_text);
  if (!time) {
    row.error = "'" + time_text + "' is no time of the format and zone given";
    return true;
  }
  row.reading["timestamp"] = base::FormatTimestamp(*time);
  for (const Column& column : columns_) {
    row.error = Value(cells, column, row.reading);
    if (!row.error.empty()) return true;
  }
  if (row.reading.size() == 1) row.error = "no mapped column has a value";
  return true;
}

// Adds the column's value to the reading, if there is one; answers what is wrong with it.
std::string CsvRows::Value(const std::vector<std::string>& cells, const Column& column,
                           base::Json& reading) const {
  if (column.index >= cells.size()) return {};
  const std::string text(base::Trim(cells[column.index]));
  if (text.empty() || (!missing_.empty() && text == missing_)) return {};
  const auto value = ToNumber(text);
  if (!value) return header_[column.index] + " is '" + text + "', which is no number";
  // 1.234 kW are 1234 W, not 1234.0000000000002: what a person would write is kept.
  const double scaled = *value * column.scale;
  char shortest[32];
  std::snprintf(shortest, sizeof shortest, "%.15g", scaled);
  reading[column.field] = std::strtod(shortest, nullptr);
  return {};
}

}  // namespace energy::app
