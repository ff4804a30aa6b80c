#pragma once

#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/json.h"
#include "base/status.h"
#include "http/message.h"
#include "sql/list_query.h"

namespace energy::api {

/// Reads a JSON object from a request body, member by member, and remembers what was wrong; at the
/// end Check reports every bad member at once, those that nobody asked for among them.
class BodyInput {
 public:
  /// An empty body counts as {} when `optional`.
  explicit BodyInput(const http::Request& request, bool optional = false);

  /// Whether there is a member of that name, of whatever type.
  bool Has(const std::string& name) const { return object_.contains(name); }
  /// Whether the member is there and null; it counts as read then.
  bool TakeNull(const std::string& name);

  std::optional<std::string> Text(const std::string& name);
  std::optional<double> Number(const std::string& name);
  std::optional<int64_t> Integer(const std::string& name);
  std::optional<bool> Flag(const std::string& name);
  std::optional<base::Timestamp> Time(const std::string& name);
  std::optional<base::Json> Object(const std::string& name);
  /// Required.
  std::optional<base::Json> Array(const std::string& name);
  std::optional<std::vector<std::string>> Texts(const std::string& name);
  /// Inner nothing for null: "remove it".
  std::optional<std::optional<std::string>> NullableText(const std::string& name);
  std::optional<std::optional<double>> NullableNumber(const std::string& name);
  /// A text that `parse` turns into a value; `allowed` names the values in the error.
  template <class Parse>
  auto Enum(const std::string& name, Parse parse, const std::string& allowed)
      -> decltype(parse(std::string_view())) {
    const auto text = Text(name);
    if (!text) return std::nullopt;
    auto value = parse(*text);
    if (!value) Fail(name, "must be one of " + allowed);
    return value;
  }

  std::string RequiredText(const std::string& name);
  void Fail(const std::string& name, const std::string& message);
  base::Status Check();

 private:
  const base::Json* Take(const std::string& name);

  base::Json object_ = base::Json::object();
  std::set<std::string> taken_;
  base::Status malformed_;
  std::vector<base::FieldError> errors_;
};

/// Reads query parameters the same way: a parameter that nobody asked for is an error (decision 3).
class QueryInput {
 public:
  explicit QueryInput(const http::Request& request) : request_(request) {}

  std::optional<std::string> Text(const std::string& name);
  std::optional<int64_t> Integer(const std::string& name, int64_t min, int64_t max);
  std::optional<base::Timestamp> Time(const std::string& name);
  /// Comma-separated; each one checked by `parse` when given.
  std::vector<std::string> List(const std::string& name);
  template <class Parse>
  auto Enum(const std::string& name, Parse parse, const std::string& allowed)
      -> decltype(parse(std::string_view())) {
    const auto text = Text(name);
    if (!text) return std::nullopt;
    auto value = parse(*text);
    if (!value) Fail(name, "must be one of " + allowed);
    return value;
  }
  template <class Parse>
  std::vector<std::string> EnumList(const std::string& name, Parse parse,
                                    const std::string& allowed) {
    std::vector<std::string> values = List(name);
    for (const std::string& value : values) {
      if (!parse(value)) Fail(name, "takes " + allowed + ", separated by commas");
    }
    return values;
  }
  /// page and page_size.
  sql::Page Page();

  void Fail(const std::string& name, const std::string& message);
  base::Status Check();

 private:
  const http::Request& request_;
  std::set<std::string> taken_;
  std::vector<base::FieldError> errors_;
};

}  // namespace energy::api
