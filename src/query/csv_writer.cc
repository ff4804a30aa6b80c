#include "query/csv_writer.h"

#include <cmath>

#include "base/csv_text.h"
#include "base/number_text.h"

namespace energy::query {
void CsvWriter::Begin(const Header& header, std::string& out) {
  out += "time";
  if (HasKeyColumn(header)) out += "," + header.key_name;
  for (const Column& column : header.columns) {
    out += ',';
    base::AppendCsvCell(column.name, out);
  }
  out += "\r\n";
}

base::Status CsvWriter::Rows(const Header& header, Block block, std::string& out) {
  std::string key;
  if (HasKeyColumn(header)) {
    key = ",";
    base::AppendCsvCell(block.key, key);
  }
  for (size_t row = 0; row < block.time_ns.size(); ++row) {
    times_.Append(out, block.time_ns[row]);
    out += key;
    for (const std::vector<double>& column : block.columns) {
      out += ',';
      if (std::isfinite(column[row])) base::AppendNumber(out, column[row]);
    }
    out += "\r\n";
  }
  return {};
}

bool CsvWriter::End(const Header&, const Tail&, std::string&) { return false; }

}  // namespace energy::query
