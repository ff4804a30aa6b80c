#pragma once

#include <concepts>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "base/clock.h"
#include "base/time_text.h"

namespace energy::sql {

/// A parameter of a statement, made implicitly from what a repository holds: integers, floating
/// point, bool, text, base::Timestamp (written as base::FormatSortable), and std::optional of these
/// (empty is NULL).
class Value {
 public:
  using Variant = std::variant<std::monostate, int64_t, double, std::string, bool>;

  Value() = default;
  Value(std::nullopt_t) {}        // NOLINT: all constructors are implicit on purpose
  Value(std::monostate) {}        // NOLINT
  Value(bool v) : variant_(v) {}  // NOLINT
  template <std::integral T>
  requires(!std::same_as<T, bool>) Value(T v) : variant_(static_cast<int64_t>(v)) {}  // NOLINT
  template <std::floating_point T>
  Value(T v) : variant_(static_cast<double>(v)) {}                 // NOLINT
  Value(const char* v) : variant_(std::string(v)) {}               // NOLINT
  Value(std::string_view v) : variant_(std::string(v)) {}          // NOLINT
  Value(const std::string& v) : variant_(v) {}                     // NOLINT
  Value(std::string&& v) : variant_(std::move(v)) {}               // NOLINT
  Value(base::Timestamp v) : variant_(base::FormatSortable(v)) {}  // NOLINT
  template <class T>
  Value(const std::optional<T>& v) : Value(v ? Value(*v) : Value()) {}  // NOLINT

  const Variant& variant() const { return variant_; }
  bool is_null() const { return variant_.index() == 0; }

 private:
  Variant variant_;
};

/// SQL NULL as a parameter.
inline constexpr std::nullopt_t kNull = std::nullopt;

/// The value, or NULL when there is none.
template <class T>
Value Optional(const std::optional<T>& value) {
  return Value(value);
}

/// Named parameters: {"id", x} fills each `:id` of the statement. Every name must occur in it.
using Params = std::vector<std::pair<std::string, Value>>;

/// One row of a result: its columns as text, the way the database gives them.
///
/// A column that is NULL, or not of the type asked for, reads as empty, 0, false or 1970; where the
/// difference matters ask IsNull or the Opt form. An index beyond the columns selected aborts.
/// Doubles have 15 significant digits on SQLite.
class Row {
 public:
  explicit Row(std::vector<std::optional<std::string>> columns) : columns_(std::move(columns)) {}

  size_t size() const { return columns_.size(); }
  bool IsNull(size_t i) const { return !columns_.at(i).has_value(); }
  std::string Text(size_t i) const { return columns_.at(i).value_or(std::string()); }
  std::optional<std::string> OptText(size_t i) const { return columns_.at(i); }
  int64_t Int(size_t i) const;
  std::optional<int64_t> OptInt(size_t i) const;
  double Double(size_t i) const;
  std::optional<double> OptDouble(size_t i) const;
  /// True for "1", "t" and "true".
  bool Bool(size_t i) const;
  base::Timestamp Time(size_t i) const;
  std::optional<base::Timestamp> OptTime(size_t i) const;

 private:
  std::vector<std::optional<std::string>> columns_;
};

/// True when both databases store `text` unchanged: valid UTF-8 without NUL. Anything else is
/// refused as a parameter, because PostgreSQL cuts at NUL and rejects other encodings.
bool IsStorableText(std::string_view text);

}  // namespace energy::sql
