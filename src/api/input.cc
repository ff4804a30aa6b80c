#include "api/input.h"

#include <charconv>

#include "base/time_text.h"
#include "sql/value.h"

namespace energy::api {
namespace {

// Deeper nesting than any request of ours; the parser recurses.
constexpr int kMaxDepth = 32;

base::Status Summarize(std::vector<base::FieldError> errors) {
  if (errors.empty()) return {};
  const size_t count = errors.size();
  return base::InvalidArgument("The request has " + std::to_string(count) +
                                   (count == 1 ? " invalid field." : " invalid fields."),
                               std::move(errors));
}

bool AllTextStorable(const base::Json& json) {
  if (json.is_string()) return sql::IsStorableText(json.get_ref<const std::string&>());
  if (json.is_object()) {
    for (const auto& [key, value] : json.items()) {
      if (!sql::IsStorableText(key) || !AllTextStorable(value)) return false;
    }
  }
  if (json.is_array()) {
    for (const base::Json& item : json) {
      if (!AllTextStorable(item)) return false;
    }
  }
  return true;
}

}  // namespace

BodyInput::BodyInput(const http::Request& request, bool optional) {
  if (request.body.empty() && optional) return;
  bool too_deep = false;
  bool twice = false;
  std::vector<std::set<std::string>> keys;
  const auto watch = [&](int depth, base::Json::parse_event_t event, base::Json& value) {
    too_deep = too_deep || depth > kMaxDepth;
    if (event == base::Json::parse_event_t::object_start) keys.emplace_back();
    if (event == base::Json::parse_event_t::object_end) keys.pop_back();
    if (event == base::Json::parse_event_t::key) {
      twice = !keys.back().insert(value.get<std::string>()).second || twice;
    }
    return !too_deep;
  };
  base::Json parsed = base::Json::parse(request.body, watch, /*allow_exceptions=*/false);
  if (too_deep) {
    malformed_ = base::InvalidArgument("The body is nested too deeply.");
  } else if (parsed.is_discarded() || !parsed.is_object()) {
    malformed_ = base::InvalidArgument("The body must be a JSON object.");
  } else if (twice) {
    malformed_ = base::InvalidArgument("The body names a member twice.");
  } else if (!AllTextStorable(parsed)) {
    malformed_ = base::InvalidArgument("The body holds text with a NUL character.");
  } else {
    object_ = std::move(parsed);
  }
}

const base::Json* BodyInput::Take(const std::string& name) {
  taken_.insert(name);
  const auto found = object_.find(name);
  return found == object_.end() ? nullptr : &*found;
}

bool BodyInput::TakeNull(const std::string& name) {
  const auto found = object_.find(name);
  if (found == object_.end() || !found->is_null()) return false;
  taken_.insert(name);
  return true;
}

std::optional<std::string> BodyInput::Text(const std::string& name) {
  const base::Json* value = Take(name);
  if (value == nullptr) return std::nullopt;
  if (value->is_string()) return value->get<std::string>();
  Fail(name, "must be text");
  return std::nullopt;
}

std::optional<double> BodyInput::Number(const std::string& name) {
  const base::Json* value = Take(name);
  if (value == nullptr) return std::nullopt;
  if (value->is_number()) return value->get<double>();
  Fail(name, "must be a number, for example 50");
  return std::nullopt;
}

std::optional<int64_t> BodyInput::Integer(const std::string& name) {
  const base::Json* value = Take(name);
  if (value == nullptr) return std::nullopt;
  if (value->is_number_unsigned() && value->get<uint64_t>() > INT64_MAX) {
    Fail(name, "is too large");
    return std::nullopt;
  }
  if (value->is_number_integer()) return value->get<int64_t>();
  Fail(name, "must be a whole number");
  return std::nullopt;
}

std::optional<bool> BodyInput::Flag(const std::string& name) {
  const base::Json* value = Take(name);
  if (value == nullptr) return std::nullopt;
  if (value->is_boolean()) return value->get<bool>();
  Fail(name, "must be true or false");
  return std::nullopt;
}

std::optional<base::Timestamp> BodyInput::Time(const std::string& name) {
  const auto text = Text(name);
  if (!text) return std::nullopt;
  auto time = base::ParseTimestamp(*text);
  if (time.ok()) return *time;
  Fail(name, time.status().message());
  return std::nullopt;
}

std::optional<base::Json> BodyInput::Object(const std::string& name) {
  const base::Json* value = Take(name);
  if (value == nullptr) return std::nullopt;
  if (value->is_object()) return *value;
  Fail(name, "must be an object");
  return std::nullopt;
}

std::optional<base::Json> BodyInput::Array(const std::string& name) {
  const base::Json* value = Take(name);
  if (value == nullptr) {
    Fail(name, "is missing");
    return std::nullopt;
  }
  if (value->is_array()) return *value;
  Fail(name, "must be a list");
  return std::nullopt;
}

std::optional<std::vector<std::string>> BodyInput::Texts(const std::string& name) {
  const base::Json* value = Take(name);
  if (value == nullptr) return std::nullopt;
  std::vector<std::string> texts;
  bool fits = value->is_array();
  if (fits) {
    for (const base::Json& item : *value) {
      fits = fits && item.is_string();
      if (fits) texts.push_back(item.get<std::string>());
    }
  }
  if (fits) return texts;
  Fail(name, "must be a list of texts");
  return std::nullopt;
}

std::optional<std::optional<std::string>> BodyInput::NullableText(const std::string& name) {
  const base::Json* value = Take(name);
  if (value == nullptr) return std::nullopt;
  if (value->is_null()) return std::optional<std::string>();
  if (value->is_string()) return std::optional<std::string>(value->get<std::string>());
  Fail(name, "must be text or null");
  return std::nullopt;
}

std::optional<std::optional<double>> BodyInput::NullableNumber(const std::string& name) {
  const base::Json* value = Take(name);
  if (value == nullptr) return std::nullopt;
  if (value->is_null()) return std::optional<double>();
  if (value->is_number()) return std::optional<double>(value->get<double>());
  Fail(name, "must be a number or null");
  return std::nullopt;
}

std::string BodyInput::RequiredText(const std::string& name) {
  const base::Json* value = Take(name);
  if (value == nullptr || (value->is_string() && value->get_ref<const std::string&>().empty())) {
    Fail(name, "is missing");
    return {};
  }
  return Text(name).value_or("");
}

void BodyInput::Fail(const std::string& name, const std::string& message) {
  errors_.push_back({name, message});
}

base::Status BodyInput::Check() {
  if (!malformed_.ok()) return malformed_;
  for (const auto& [name, value] : object_.items()) {
    if (!taken_.contains(name)) Fail(name.substr(0, 64), "is not a member of this request");
  }
  return Summarize(errors_);
}

std::optional<std::string> QueryInput::Text(const std::string& name) {
  taken_.insert(name);
  const auto value = request_.Query(name);
  if (!value) return std::nullopt;
  return std::string(*value);
}

std::optional<int64_t> QueryInput::Integer(const std::string& name, int64_t min, int64_t max) {
  const auto text = Text(name);
  if (!text) return std::nullopt;
  int64_t value = 0;
  const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), value);
  if (error == std::errc() && end == text->data() + text->size() && value >= min && value <= max) {
    return value;
  }
  Fail(name, "must be a whole number from " + std::to_string(min) + " to " + std::to_string(max));
  return std::nullopt;
}

std::optional<base::Timestamp> QueryInput::Time(const std::string& name) {
  const auto text = Text(name);
  if (!text) return std::nullopt;
  auto time = base::ParseTimestamp(*text);
  if (time.ok()) return *time;
  Fail(name, time.status().message());
  return std::nullopt;
}

std::vector<std::string> QueryInput::List(const std::string& name) {
  const auto text = Text(name);
  std::vector<std::string> items;
  if (!text) return items;
  std::string item;
  for (const char c : *text + ",") {
    if (c != ',') {
      item += c;
      continue;
    }
    if (item.empty()) {
      Fail(name, "has an empty entry");
      return {};
    }
    items.push_back(std::move(item));
    item.clear();
  }
  return items;
}

sql::Page QueryInput::Page() {
  sql::Page page;
  page.page = static_cast<int>(Integer("page", 1, 1'000'000'000).value_or(page.page));
  page.page_size =
      static_cast<int>(Integer("page_size", 1, sql::kMaxPageSize).value_or(page.page_size));
  return page;
}

void QueryInput::Fail(const std::string& name, const std::string& message) {
  errors_.push_back({name, message});
}

base::Status QueryInput::Check() {
  std::set<std::string> seen;
  for (const auto& [name, value] : request_.query) {
    if (!taken_.contains(name)) Fail(name.substr(0, 64), "is not a parameter of this request");
    if (!seen.insert(name).second) Fail(name.substr(0, 64), "is given twice");
  }
  return Summarize(errors_);
}

}  // namespace energy::api
