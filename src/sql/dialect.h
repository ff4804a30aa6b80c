#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "sql/value.h"

namespace energy::sql {

/// The databases that the same repositories run on. What differs is here and in the migrations.
enum class Dialect { kSqlite, kPostgresql };

/// A list of texts as a parameter for a TEXT[] column: PostgreSQL's array form, or a JSON array in
/// SQLite's text.
Value ArrayValue(Dialect dialect, const std::vector<std::string>& items);

/// Reads a TEXT[] column of either database back. Damaged text reads as an empty list.
std::vector<std::string> ParseArray(std::string_view text);

}  // namespace energy::sql
