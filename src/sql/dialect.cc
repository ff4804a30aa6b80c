#include "sql/dialect.h"

#include "base/json.h"

namespace energy::sql {
namespace {

/// PostgreSQL manual §8.15.6: {one,"two words"}.
std::vector<std::string> ParsePostgresqlArray(std::string_view text) {
  std::vector<std::string> items;
  text.remove_prefix(1);
  while (!text.empty() && text.front() != '}') {
    std::string item;
    if (text.front() == '"') {
      text.remove_prefix(1);
      while (!text.empty() && text.front() != '"') {
        if (text.front() == '\\' && text.size() > 1) text.remove_prefix(1);
        item += text.front();
        text.remove_prefix(1);
      }
      if (text.empty()) return {};
      text.remove_prefix(1);
    } else {
      const size_t end = std::min(text.find_first_of(",}"), text.size());
      item = text.substr(0, end);
      text.remove_prefix(end);
    }
    items.push_back(std::move(item));
    if (!text.empty() && text.front() == ',') text.remove_prefix(1);
  }
  return items;
}

std::string WritePostgresqlArray(const std::vector<std::string>& items) {
  std::string text = "{";
  for (const std::string& item : items) {
    if (text.size() > 1) text += ',';
    text += '"';
    for (const char c : item) {
      if (c == '"' || c == '\\') text += '\\';
      text += c;
    }
    text += '"';
  }
  return text + "}";
}

}  // namespace

Value ArrayValue(Dialect dialect, const std::vector<std::string>& items) {
  if (dialect == Dialect::kPostgresql) return WritePostgresqlArray(items);
  return base::Json(items).dump(-1, ' ', false, base::Json::error_handler_t::replace);
}

std::vector<std::string> ParseArray(std::string_view text) {
  if (text.starts_with('{')) return ParsePostgresqlArray(text);
  const base::Json json = base::Json::parse(text, nullptr, /*allow_exceptions=*/false);
  std::vector<std::string> items;
  if (!json.is_array()) return items;
  for (const base::Json& item : json) {
    if (!item.is_string()) return {};
    items.push_back(item.get<std::string>());
  }
  return items;
}

}  // namespace energy::sql
