#include "sqlquery/statement_text.h"

#include <algorithm>
#include <cctype>
#include <string>

#include "base/text.h"

namespace energy::sqlquery {

size_t SkipComment(std::string_view sql, size_t at) {
  if (sql.substr(at, 2) == "--") return std::min(sql.find('\n', at), sql.size());
  if (sql.substr(at, 2) != "/*") return at;
  int depth = 0;  // they nest
  while (at < sql.size()) {
    const std::string_view two = sql.substr(at, 2);
    if (two == "/*" || two == "*/") {
      depth += two == "/*" ? 1 : -1;
      at += 2;
      if (depth == 0) return at;
    } else {
      ++at;
    }
  }
  return sql.size();
}

base::Status OnlySelect() {
  return {base::Code::kInvalidArgument,
          "only one SELECT statement, or WITH ... SELECT, is allowed here; it can read the tables "
          "telemetry, devices and alerts",
          {{"sql", "must be one SELECT statement"}}};
}

base::Status CheckBegin(std::string_view sql) {
  size_t at = 0;
  while (at < sql.size()) {
    const size_t end = SkipComment(sql, at);
    if (end == at && std::isspace(static_cast<unsigned char>(sql[at])) == 0 && sql[at] != '(') {
      break;
    }
    at = end == at ? at + 1 : end;
  }
  std::string word;
  while (at < sql.size() && std::isalpha(static_cast<unsigned char>(sql[at])) != 0) {
    word += static_cast<char>(std::toupper(static_cast<unsigned char>(sql[at++])));
  }
  return word == "SELECT" || word == "WITH" ? base::Status() : OnlySelect();
}

base::Status StatementError(std::string_view sql, std::string_view message, size_t position) {
  const std::string_view before = sql.substr(0, position);
  const auto line = std::count(before.begin(), before.end(), '\n') + 1;
  const size_t newline = before.rfind('\n');
  const std::string_view in_line =
      newline == std::string_view::npos ? before : before.substr(newline + 1);
  const std::string text = "line " + std::to_string(line) + ", column " +
                           std::to_string(base::CharacterCount(in_line) + 1) + ": " +
                           std::string(message);
  return {
      base::Code::kInvalidArgument, "the SQL statement cannot be run: " + text, {{"sql", text}}};
}

}  // namespace energy::sqlquery
