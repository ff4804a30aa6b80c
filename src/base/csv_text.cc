#include "base/csv_text.h"

#include <algorithm>

namespace energy::base {

void AppendCsvCell(std::string_view text, std::string& out, std::string_view special) {
  if (text.find('"') == std::string_view::npos &&
      text.find_first_of(special) == std::string_view::npos) {
    out += text;
    return;
  }
  out += '"';
  for (const char c : text) {
    if (c == '"') out += '"';
    out += c;
  }
  out += '"';
}

char FindCsvDelimiter(std::string_view header) {
  const auto count = [&](char c) { return std::count(header.begin(), header.end(), c); };
  char best = ',';
  for (const char c : {';', '\t'}) {
    if (count(c) > count(best)) best = c;
  }
  return best;
}

}  // namespace energy::base
