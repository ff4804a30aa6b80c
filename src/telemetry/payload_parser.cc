#include "telemetry/payload_parser.h"

#include <fmt/format.h>
#include <simdjson.h>

#include <algorithm>
#include <bitset>
#include <cmath>

#include "base/time_text.h"

namespace energy::telemetry {

namespace ondemand = simdjson::ondemand;

struct PayloadParser::Json {
  ondemand::parser parser;
  std::string padded;  // simdjson reads up to SIMDJSON_PADDING bytes past the end
  ondemand::value value;
};

struct PayloadParser::Reading {
  bool has_device_id = false;
  bool has_timestamp = false;
  base::Timestamp time;
  std::vector<series::FieldRef> refs;
  std::vector<double> values;
  std::bitset<kMaxFields> seen;  // by position in the profile
  size_t next = 0;               // where the next field is expected: devices keep their order

  void Clear() {
    has_device_id = has_timestamp = false;
    refs.clear();
    values.clear();
    seen.reset();
    next = 0;
  }
};

namespace {

bool Refuse(Rejection& rejection, RejectReason reason, std::string detail) {
  rejection = {reason, std::move(detail)};
  return false;
}

bool RefuseValue(Rejection& rejection, std::string detail) {
  return Refuse(rejection, RejectReason::kValidationError, std::move(detail));
}

bool IsFieldName(std::string_view name) {
  return !name.empty() && name.size() <= 64 && std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '-' || c == '.';
  });
}

}  // namespace

PayloadParser::PayloadParser(series::Store& store, std::chrono::nanoseconds max_future)
    : store_(store),
      max_future_(max_future),
      json_(std::make_unique<Json>()),
      reading_(std::make_unique<Reading>()) {}

PayloadParser::~PayloadParser() = default;

bool PayloadParser::Parse(std::string_view payload, const IngestDevice& device, base::Timestamp now,
                          series::Batch& batch, Rejection& rejection) {
  Json& json = *json_;
  json.padded.resize(payload.size() + simdjson::SIMDJSON_PADDING);
  std::copy(payload.begin(), payload.end(), json.padded.begin());
  std::fill(json.padded.begin() + static_cast<std::ptrdiff_t>(payload.size()), json.padded.end(),
            '\0');

  ondemand::document document;
  ondemand::object object;
  auto error =
      json.parser.iterate(json.padded.data(), payload.size(), json.padded.size()).get(document);
  if (!error) error = document.get_object().get(object);
  if (error) {
    return Refuse(rejection, RejectReason::kParseError,
                  fmt::format("expected a JSON object: {}", simdjson::error_message(error)));
  }

  reading_->Clear();
  for (auto member : object) {
    std::string_view key;
    error = member.unescaped_key().get(key);
    if (!error) error = member.value().get(json.value);
    if (error) {
      return Refuse(rejection, RejectReason::kParseError,
                    fmt::format("malformed JSON: {}", simdjson::error_message(error)));
    }
    if (!ReadMember(key, json, device, *reading_, rejection)) return false;
  }
  if (document.current_location().error() != simdjson::OUT_OF_BOUNDS) {
    return Refuse(rejection, RejectReason::kParseError, "text after the JSON object");
  }
  if (!CheckComplete(device, now, *reading_, rejection)) return false;
  batch.Add(device.ref, reading_->time.time_since_epoch().count(), reading_->refs,
            reading_->values);
  return true;
}

bool PayloadParser::ReadMember(std::string_view key, Json& json, const IngestDevice& device,
                               Reading& reading, Rejection& rejection) {
  if (key == "device_id") {
    std::string_view id;
    if (json.value.get_string().get(id)) return RefuseValue(rejection, "device_id must be text");
    if (reading.has_device_id) return RefuseValue(rejection, "device_id is given twice");
    if (id != device.id) {
      return RefuseValue(rejection, fmt::format("device_id is '{}' but the topic is of '{}'",
                                                id.substr(0, 64), device.id));
    }
    reading.has_device_id = true;
    return true;
  }
  if (key == "timestamp") {
    std::string_view text;
    if (json.value.get_string().get(text) || !base::TryParseTimestamp(text, reading.time)) {
      return RefuseValue(rejection,
                         "timestamp must be RFC 3339 text with an offset, such as "
                         "2026-02-07T11:26:00Z");
    }
    if (reading.has_timestamp) return RefuseValue(rejection, "timestamp is given twice");
    reading.has_timestamp = true;
    return true;
  }
  double value = 0;
  const auto error = json.value.get_double().get(value);
  if (error) {
    const bool malformed = error != simdjson::INCORRECT_TYPE && error != simdjson::NUMBER_ERROR;
    return Refuse(rejection, malformed ? RejectReason::kParseError : RejectReason::kValidationError,
                  fmt::format("{} must be a number", key.substr(0, 64)));
  }
  return ReadField(key, value, device, reading, rejection);
}

bool PayloadParser::ReadField(std::string_view key, double value, const IngestDevice& device,
                              Reading& reading, Rejection& rejection) {
  if (device.any_field) return TakeUncheckedField(key, value, reading, rejection);

  const auto& fields = device.fields;
  size_t at = reading.next;
  if (at >= fields.size() || fields[at].name != key) {
    at = static_cast<size_t>(
        std::find_if(fields.begin(), fields.end(),
                     [&](const FieldCheck& field) { return field.name == key; }) -
        fields.begin());
    if (at == fields.size()) {
      return RefuseValue(rejection,
                         fmt::format("{} is not a field of the profile '{}': add it to the profile "
                                     "or leave it out",
                                     key.substr(0, 64), device.type));
    }
  }
  const FieldCheck& field = fields[at];
  if (reading.seen[at]) return RefuseValue(rejection, fmt::format("{} is given twice", field.name));
  if (!(value >= field.min && value <= field.max)) {
    return RefuseValue(rejection, fmt::format("{} is {}, outside {} to {}", field.name, value,
                                              field.min, field.max));
  }
  reading.seen.set(at);
  reading.next = at + 1;
  reading.refs.push_back(field.ref);
  reading.values.push_back(value);
  return true;
}

bool PayloadParser::TakeUncheckedField(std::string_view key, double value, Reading& reading,
                                       Rejection& rejection) {
  if (!IsFieldName(key)) {
    return RefuseValue(rejection, "a field's name takes 1 to 64 letters, digits, '_', '-' and '.'");
  }
  if (reading.refs.size() >= kMaxFields) {
    return RefuseValue(rejection, fmt::format("more than {} fields", kMaxFields));
  }
  if (!std::isfinite(value)) return RefuseValue(rejection, fmt::format("{} is not finite", key));
  const auto ref = store_.OpenField(key);
  if (!ref.ok()) return Refuse(rejection, RejectReason::kWriteError, ref.status().message());
  if (std::find(reading.refs.begin(), reading.refs.end(), *ref) != reading.refs.end()) {
    return RefuseValue(rejection, fmt::format("{} is given twice", key));
  }
  reading.refs.push_back(*ref);
  reading.values.push_back(value);
  return true;
}

bool PayloadParser::CheckComplete(const IngestDevice& device, base::Timestamp now,
                                  const Reading& reading, Rejection& rejection) const {
  if (!reading.has_device_id) return RefuseValue(rejection, "device_id is missing");
  if (!reading.has_timestamp) return RefuseValue(rejection, "timestamp is missing");
  if (reading.time > now + max_future_) {
    return RefuseValue(
        rejection,
        fmt::format("timestamp is {} s in the future: check the device's clock",
                    std::chrono::duration_cast<std::chrono::seconds>(reading.time - now).count()));
  }
  for (size_t i = 0; i < device.fields.size(); ++i) {
    if (device.fields[i].required && !reading.seen[i]) {
      return RefuseValue(rejection, fmt::format("{} is missing", device.fields[i].name));
    }
  }
  if (reading.refs.empty()) return RefuseValue(rejection, "no field with a value");
  return true;
}

}  // namespace energy::telemetry
