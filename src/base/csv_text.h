#pragma once

#include <string>
#include <string_view>

namespace energy::base {

/// Appends one cell of CSV (RFC 4180), in quotes when it holds one of `special` or a quote.
void AppendCsvCell(std::string_view text, std::string& out, std::string_view special = ",\r\n");

/// The delimiter that a header has most of: comma, semicolon or tab.
char FindCsvDelimiter(std::string_view header);

}  // namespace energy::base
