#include "query/json_writer.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "base/json.h"
#include "base/number_text.h"
#include "base/time_text.h"

namespace energy::query {
namespace {

// Of a piece of an answer by column: about 100 KiB of text.
constexpr size_t kPieceValues = 16'384;

void AppendValue(std::string& out, double value) {
  if (std::isfinite(value)) {
    base::AppendNumber(out, value);
  } else {
    out += "null";
  }
}

void AppendTime(std::string& out, TimeWriter& times, int64_t time_ns) {
  if (times.is_text()) out += '"';
  times.Append(out, time_ns);
  if (times.is_text()) out += '"';
}

std::string Quoted(const std::string& text) { return base::Json(text).dump(); }

// What stands before the rows, without the brace that opens the object.
void AppendHeader(std::string& out, const Header& header, bool with_names) {
  base::Json json = base::Json::object();
  if (!header.device_id.empty()) json["device_id"] = header.device_id;
  base::Json names = base::Json::array();
  base::Json units = base::Json::object();
  for (const Column& column : header.columns) {
    names.push_back(column.name);
    if (!column.unit.empty()) units[column.name] = column.unit;
  }
  if (with_names) json["fields"] = std::move(names);
  json["units"] = std::move(units);
  json["source"] = SourceName(header.source);
  if (header.complete_from) {
    json["complete_from"] = base::FormatTimestamp(*header.complete_from);
  }
  if (!header.aggregates.empty()) {
    json["aggregates"] = header.aggregates;
    json["window"] = header.window.empty() ? base::Json(nullptr) : base::Json(header.window);
    json["time_zone"] = header.time_zone;
  }
  out += json.dump(-1, ' ', false, base::Json::error_handler_t::replace);
  out.pop_back();
}

void AppendTail(std::string& out, const Header& header, const Tail& tail) {
  out += R"(,"count":)" + std::to_string(tail.rows);
  out += tail.truncated ? R"(,"truncated":true)" : R"(,"truncated":false)";
  if (header.device_id.empty()) {
    out += R"(,"next":)" + (tail.cursor.empty() ? "null" : Quoted(tail.cursor));
  } else {
    out += tail.downsampled ? R"(,"downsampled":true)" : R"(,"downsampled":false)";
  }
  out += '}';
}

}  // namespace

void JsonRowWriter::Begin(const Header& header, std::string& out) {
  AppendHeader(out, header, true);
  out += R"(,"data":[)";
  for (const Column& column : header.columns) keys_.push_back("," + Quoted(column.name) + ":");
}

base::Status JsonRowWriter::Rows(const Header& header, Block block, std::string& out) {
  const std::string prefix = header.key_name.empty() ? R"({"timestamp":)"
                                                     : "{" + Quoted(header.key_name) + ":" +
                                                           Quoted(block.key) + R"(,"timestamp":)";
  const bool nulls = !header.aggregates.empty();
  for (size_t row = 0; row < block.time_ns.size(); ++row) {
    if (!first_) out += ',';
    first_ = false;
    out += prefix;
    AppendTime(out, times_, block.time_ns[row]);
    for (size_t c = 0; c < block.columns.size(); ++c) {
      const double value = block.columns[c][row];
      if (!nulls && std::isnan(value)) continue;
      out += keys_[c];
      AppendValue(out, value);
    }
    out += '}';
  }
  return {};
}

bool JsonRowWriter::End(const Header& header, const Tail& tail, std::string& out) {
  out += ']';
  AppendTail(out, header, tail);
  return false;
}

void JsonColumnWriter::Begin(const Header& header, std::string& out) {
  AppendHeader(out, header, false);
  if (header.device_id.empty()) out += R"(,"series":[)";
}

base::Status JsonColumnWriter::Rows(const Header& header, Block block, std::string& out) {
  if (held_ && held_->key != block.key) Write(header, std::numeric_limits<size_t>::max(), out);
  if (!held_) {
    held_ = std::move(block);
  } else {
    held_->time_ns.insert(held_->time_ns.end(), block.time_ns.begin(), block.time_ns.end());
    for (size_t c = 0; c < block.columns.size(); ++c) {
      held_->columns[c].insert(held_->columns[c].end(), block.columns[c].begin(),
                               block.columns[c].end());
    }
  }
  if (held_->time_ns.size() * std::max<size_t>(held_->columns.size(), 1) <= kMaxColumnCells) {
    return {};
  }
  return base::TooLarge("by column an answer has at most " + std::to_string(kMaxColumnCells) +
                        " values of a device: take fewer, or layout=rows, text/csv or Arrow, "
                        "which are sent as they are read");
}

// Writes so many values of the device that is held, or all that are left; then it is held no more.
bool JsonColumnWriter::Write(const Header& header, size_t values, std::string& out) {
  const size_t rows = held_->time_ns.size();
  for (; column_ <= header.columns.size(); ++column_, row_ = 0) {
    if (values == 0) return false;
    if (row_ == 0) Open(header, out);
    const size_t count = std::min(rows - row_, values);
    AppendValues(count, out);
    row_ += count;
    values -= count;
    if (row_ < rows) return false;
    out += column_ == 0 ? R"(],"fields":{)" : "]";
  }
  out += header.device_id.empty() ? "}}" : "}";
  held_.reset();
  column_ = 0;
  return true;
}

// What stands before the values of a column.
void JsonColumnWriter::Open(const Header& header, std::string& out) {
  if (column_ > 0) {
    if (column_ > 1) out += ',';
    out += Quoted(header.columns[column_ - 1].name) + ":[";
    return;
  }
  if (header.device_id.empty()) {
    out += first_ ? "{" : ",{";
    first_ = false;
    if (!header.key_name.empty()) out += Quoted(header.key_name) + ":" + Quoted(held_->key) + ",";
  } else {
    out += ',';
  }
  out += R"("time":[)";
}

void JsonColumnWriter::AppendValues(size_t count, std::string& out) {
  // In one buffer: a call of append for each value costs more than the value.
  constexpr size_t kMostText = std::max(base::kMaxNumberText, TimeWriter::kMaxText) + 3;
  const size_t begin = out.size();
  out.resize(begin + count * kMostText);
  char* to = out.data() + begin;
  for (size_t row = row_; row < row_ + count; ++row) {
    if (row > 0) *to++ = ',';
    if (column_ == 0) {
      if (times_.is_text()) *to++ = '"';
      to = times_.Write(to, held_->time_ns[row]);
      if (times_.is_text()) *to++ = '"';
    } else if (const double value = held_->columns[column_ - 1][row]; std::isfinite(value)) {
      to = base::WriteNumber(to, value);
    } else {
      for (const char c : {'n', 'u', 'l', 'l'}) *to++ = c;
    }
  }
  out.resize(static_cast<size_t>(to - out.data()));
}

bool JsonColumnWriter::End(const Header& header, const Tail& tail, std::string& out) {
  const bool in_series = header.device_id.empty();
  if (!held_ && !in_series) held_ = Block{.key = header.device_id, .time_ns = {}, .columns = {}};
  if (held_ && !Write(header, kPieceValues, out)) return true;
  if (in_series) out += ']';
  AppendTail(out, header, tail);
  return false;
}

}  // namespace energy::query
