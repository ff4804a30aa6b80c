#include "telemetry/line_parser.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cstring>

#include "telemetry/line_key.h"
#include "telemetry/number_text.h"

namespace energy::telemetry {
namespace {

bool Refuse(Rejection& rejection, RejectReason reason, std::string detail) {
  rejection = {reason, std::move(detail)};
  return false;
}

bool IsBlank(char c) { return c == ' ' || c == '\t' || c == '\r'; }
bool EndsValue(char c) { return c == ',' || c == '\n' || IsBlank(c); }

const char* SkipBlanks(const char* at, const char* end) {
  while (at != end && IsBlank(*at)) ++at;
  return at;
}

const char* FindNewline(const char* at, const char* end) {
  const void* const found = std::memchr(at, '\n', static_cast<size_t>(end - at));
  return found == nullptr ? end : static_cast<const char*>(found);
}

// After the text value that begins at the quote `at`; null when it does not end.
const char* SkipText(const char* at, const char* end) {
  for (++at; at != end; ++at) {
    if (*at == '"') return at + 1;
    if (*at == '\\' && at + 1 != end) ++at;
  }
  return nullptr;
}

// Where the line ends whose fields begin at `at`. A text value may hold line breaks.
const char* FindLineEnd(const char* at, const char* end) {
  for (char before = ' '; at != end && *at != '\n'; before = *at++) {
    if (*at != '"' || before != '=') continue;
    const char* const after = SkipText(at, end);
    if (after == nullptr) return FindNewline(at, end);
    at = after - 1;
  }
  return at;
}

// 1 or 0 for t, T, true, True, TRUE and the like.
std::optional<double> ReadBoolean(std::string_view text) {
  for (const std::string_view yes : {"t", "T", "true", "True", "TRUE"}) {
    if (text == yes) return 1;
  }
  for (const std::string_view no : {"f", "F", "false", "False", "FALSE"}) {
    if (text == no) return 0;
  }
  return std::nullopt;
}

// Moves `at` behind the value. False: it is none.
bool ReadValue(const char*& at, const char* end, double& value) {
  const char* const start = at;
  const char* rest = ParseNumber(start, end, value);
  if (rest == nullptr) {
    rest = std::find_if(start, end, EndsValue);
    const auto boolean = ReadBoolean(Until(start, rest));
    if (!boolean) return false;
    value = *boolean;
  } else if (rest != end && (*rest == 'i' || *rest == 'u')) {
    const std::string_view digits = Until(start, rest);
    if (digits.find_first_of(*rest == 'i' ? ".eE" : ".eE-") != std::string_view::npos) return false;
    ++rest;
  }
  at = rest;
  return rest == end || EndsValue(*rest);
}

}  // namespace

LineParser::LineParser(series::Store& store) : draft_(store) {}

LineParser::Outcome LineParser::Parse(std::string_view text, const Context& context,
                                      Readings& batch, Refusals& refusals) {
  ++message_;
  last_ = nullptr;
  Outcome outcome;
  const char* at = text.data();
  const char* const end = at + text.size();
  for (size_t number = 1; (at = SkipBlanks(at, end)) != end; ++number) {
    if (*at == '#') at = FindNewline(at, end);
    if (at == end) break;
    if (*at == '\n') {
      ++at;
      continue;
    }
    const char* const line = at;
    const bool same = last_ != nullptr && static_cast<size_t>(end - at) > last_->key.size() &&
                      at[last_->key.size()] == ' ' &&
                      std::memcmp(at, last_->key.data(), last_->key.size()) == 0;
    at = same ? at + last_->key.size() : FindUnescaped(at, end, " ");
    if (!same) last_ = &FindSeries(Until(line, at), context);
    if (last_->forbidden) {
      outcome.forbidden_line = number;
      outcome.forbidden_device = last_->device_id;
      return outcome;
    }
    const char* const fields = at;
    Rejection rejection;
    if (last_->device != nullptr && ReadLine(at, end, context, *last_, batch, rejection)) {
      ++outcome.accepted;
    } else {
      if (last_->device == nullptr) rejection = last_->rejection;
      at = FindLineEnd(fields, end);
      const std::string_view whole = Until(line, at);
      refusals.push_back({number, whole, last_->device_id, std::move(rejection)});
      number += static_cast<size_t>(std::count(whole.begin(), whole.end(), '\n'));
    }
    if (at != end) ++at;  // the line break
  }
  return outcome;
}

const LineParser::Series& LineParser::FindSeries(std::string_view key, const Context& context) {
  Series& series = series_[std::hash<std::string_view>()(key) % series_.size()];
  if (series.message != message_ || series.key != key) {
    series.message = message_;
    series.key = key;
    Resolve(key, context, series);
  }
  return series;
}

void LineParser::Resolve(std::string_view key, const Context& context, Series& series) {
  series.device = nullptr;
  series.device_id.clear();
  series.forbidden = false;
  LineKey tags;
  if (context.device != nullptr) series.device_id = context.device->id;
  if (!ReadLineKey(key, context.device_tag, tags, series.rejection)) return;
  if (context.device != nullptr) {
    if (tags.device && *tags.device != context.device->id) {
      Refuse(series.rejection, RejectReason::kValidationError,
             fmt::format("{} is '{}' but the topic is of '{}'", context.device_tag,
                         tags.device->substr(0, 64), context.device->id));
      return;
    }
    series.device = context.device;
    return;
  }
  if (tags.device) {
    series.device_id = *tags.device;
  } else if (!tags.host || context.devices.Find(tags.measurement) != nullptr) {
    series.device_id = tags.measurement;
  } else {
    series.device_id = *tags.host;
  }
  if (context.may_write && !context.may_write(series.device_id)) {
    series.forbidden = true;
    return;
  }
  series.device = context.devices.Find(series.device_id);
  if (series.device != nullptr) return;
  Refuse(series.rejection, RejectReason::kUnknownDevice,
         fmt::format("no device '{}' is registered: create it, or name the device in the tag {}",
                     series.device_id.substr(0, 64), context.device_tag));
}

bool LineParser::ReadLine(const char*& at, const char* end, const Context& context,
                          const Series& series, Readings& batch, Rejection& rejection) {
  draft_.Begin(*series.device, batch);
  at = SkipBlanks(at, end);
  while (true) {
    if (!ReadField(at, end, rejection)) {
      draft_.Cancel();
      return false;
    }
    if (at == end || *at != ',') break;
    ++at;
  }
  at = SkipBlanks(at, end);
  base::Timestamp time;
  bool timed = true;
  if (at != end && *at != '\n') {
    int64_t count = 0;
    const auto [rest, error] = std::from_chars(at, end, count);
    at = SkipBlanks(rest, end);
    timed = error == std::errc() && (at == end || *at == '\n');
    timed = timed && !__builtin_mul_overflow(count, NanosecondsPer(context.precision), &count);
    time = base::Timestamp(std::chrono::nanoseconds(count));
    if (!timed) {
      MalformedLine(rejection, fmt::format("the timestamp is no whole number of {}, or too large",
                                           PrecisionName(context.precision)));
    }
  } else if (context.default_time) {
    time = *context.default_time;
  } else {
    timed = Refuse(rejection, RejectReason::kValidationError, "the timestamp is missing");
  }
  if (timed) return draft_.Finish(time, context.limits, rejection);
  draft_.Cancel();
  return false;
}

bool LineParser::ReadField(const char*& at, const char* end, Rejection& rejection) {
  const FieldCheck* const expected = draft_.Expected();
  const size_t length = expected == nullptr ? 0 : expected->name.size();
  const bool as_expected = expected != nullptr && static_cast<size_t>(end - at) > length &&
                           at[length] == '=' && std::memcmp(at, expected->name.data(), length) == 0;
  std::string_view name;
  if (as_expected) {
    name = expected->name;
    at += length + 1;
  } else if (!ReadFieldName(at, end, name, rejection)) {
    return false;
  }
  double value = 0;
  if (at != end && *at == '"') {
    return Refuse(rejection, RejectReason::kValidationError,
                  fmt::format("{} is text: only numbers and booleans are stored, leave it out",
                              name.substr(0, 64)));
  }
  if (!ReadValue(at, end, value)) {
    return Refuse(rejection, RejectReason::kParseError,
                  fmt::format("{} must be a number", name.substr(0, 64)));
  }
  return as_expected ? draft_.AddExpected(value, rejection)
                     : draft_.AddField(name, value, rejection);
}

bool LineParser::ReadFieldName(const char*& at, const char* end, std::string_view& name,
                               Rejection& rejection) {
  const char* const from = at;
  at = FindUnescaped(at, end, "=, ");
  if (at == from || at == end || *at != '=') {
    return MalformedLine(rejection, from == end || *from == '\n'
                                        ? std::string("there is no field")
                                        : fmt::format("the field '{}' has no name or no value",
                                                      Until(from, at).substr(0, 64)));
  }
  name = Until(from, at++);
  if (name.find('\\') != std::string_view::npos) name = scratch_ = Unescape(name);
  return true;
}

}  // namespace energy::telemetry
