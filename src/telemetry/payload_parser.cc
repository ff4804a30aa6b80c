#include "telemetry/payload_parser.h"

#include <fmt/format.h>
#include <simdjson.h>

#include <cstring>

#include "base/time_text.h"

namespace energy::telemetry {

namespace ondemand = simdjson::ondemand;

struct PayloadParser::Json {
  ondemand::parser parser;
  std::string padded;  // simdjson reads up to SIMDJSON_PADDING bytes past the end
  ondemand::document document;
  ondemand::object object;  // under way
  ondemand::value value;    // of its present member
  bool has_device_id = false;
  bool has_timestamp = false;
  base::Timestamp time;
};

namespace {

bool Refuse(Rejection& rejection, RejectReason reason, std::string detail) {
  rejection = {reason, std::move(detail)};
  return false;
}

bool RefuseValue(Rejection& rejection, std::string detail) {
  return Refuse(rejection, RejectReason::kValidationError, std::move(detail));
}

bool Malformed(Rejection& rejection, simdjson::error_code error) {
  return Refuse(rejection, RejectReason::kParseError,
                fmt::format("malformed JSON: {}", simdjson::error_message(error)));
}

void RefuseWhole(std::string_view payload, const IngestDevice& device, RejectReason reason,
                 std::string detail, Refusals& refusals) {
  refusals.push_back({1, payload, device.id, {reason, std::move(detail)}});
}

}  // namespace

PayloadParser::PayloadParser(series::Store& store)
    : draft_(store), json_(std::make_unique<Json>()) {}

PayloadParser::~PayloadParser() = default;

std::string_view PayloadParser::TextAt(std::string_view payload, const char* from) const {
  return payload.substr(std::min(static_cast<size_t>(from - json_->padded.data()), payload.size()));
}

size_t PayloadParser::Parse(std::string_view payload, const Context& context, Readings& batch,
                            Refusals& refusals) {
  Json& json = *json_;
  if (json.padded.size() < payload.size() + simdjson::SIMDJSON_PADDING) {
    json.padded.resize(payload.size() + simdjson::SIMDJSON_PADDING);
  }
  std::copy(payload.begin(), payload.end(), json.padded.begin());
  std::memset(json.padded.data() + payload.size(), 0, simdjson::SIMDJSON_PADDING);

  ondemand::json_type type{};
  auto error = json.parser.iterate(json.padded.data(), payload.size(), json.padded.size())
                   .get(json.document);
  if (!error) error = json.document.type().get(type);
  if (!error && type == ondemand::json_type::array) {
    return ParseArray(payload, context, batch, refusals);
  }
  if (!error) error = json.document.get_object().get(json.object);
  if (error) {
    RefuseWhole(payload, context.device, RejectReason::kParseError,
                fmt::format("expected a JSON object: {}", simdjson::error_message(error)),
                refusals);
    return 0;
  }
  Rejection rejection;
  bool taken = ParseObject(context, context.device_id_required, batch, rejection);
  if (taken && json.document.current_location().error() != simdjson::OUT_OF_BOUNDS) {
    draft_.Cancel();
    taken = Refuse(rejection, RejectReason::kParseError, "text after the JSON object");
  }
  if (taken) return 1;
  refusals.push_back({1, payload, context.device.id, std::move(rejection)});
  return 0;
}

size_t PayloadParser::ParseArray(std::string_view payload, const Context& context, Readings& batch,
                                 Refusals& refusals) {
  Json& json = *json_;
  const size_t rows = batch.rows.size();
  ondemand::array array;
  auto error = json.document.get_array().get(array);
  size_t number = 0;
  std::string_view rest = payload;
  if (!error) {
    for (auto element : array) {
      if (const char* at = nullptr; !json.document.current_location().get(at)) {
        rest = TextAt(payload, at);
      }
      error = element.get(json.value);
      if (error) break;
      ++number;
      if (ParseElement(number, rest, context, batch, refusals)) continue;
      return batch.rows.size() - rows;  // malformed from here on
    }
  }
  if (error) {
    Rejection rejection;
    Malformed(rejection, error);
    refusals.push_back({number + 1, rest, context.device.id, std::move(rejection)});
  } else if (const char* after = nullptr; !json.document.current_location().get(after)) {
    refusals.push_back({number + 1,
                        TextAt(payload, after),
                        context.device.id,
                        {RejectReason::kParseError, "text after the JSON array"}});
  } else if (number == 0) {
    RefuseWhole(payload, context.device, RejectReason::kValidationError, "the array has no reading",
                refusals);
  }
  return batch.rows.size() - rows;
}

// json_->value is the element, `rest` the message from there on. False when it cannot be known
// where the next element begins.
bool PayloadParser::ParseElement(size_t number, std::string_view rest, const Context& context,
                                 Readings& batch, Refusals& refusals) {
  Json& json = *json_;
  Rejection rejection;
  std::string_view text;
  auto error = json.value.get_object().get(json.object);
  if (!error) {
    if (ParseObject(context, /*device_id_required=*/false, batch, rejection)) return true;
    // After malformed JSON the document is dead and must not be asked again.
    error = json.document.is_alive() ? json.object.reset().error() : simdjson::TAPE_ERROR;
    if (!error) error = json.object.raw_json().get(text);
  } else {
    Refuse(rejection, RejectReason::kParseError, "expected an array of JSON objects");
    ondemand::array inner;
    if (error == simdjson::INCORRECT_TYPE) {
      text = json.value.raw_json_token();
      error = json.value.get_array().get(inner);
      if (!error) error = inner.raw_json().get(text);
      // A number, text or the like.
      if (error == simdjson::INCORRECT_TYPE) error = simdjson::SUCCESS;
    }
  }
  const bool knows_its_end = !error;
  // The view is of the copy that simdjson reads; it has to be of the message.
  text = knows_its_end ? rest.substr(0, text.size()) : rest;
  if (!knows_its_end) rejection.detail += "; the array is refused from here on";
  refusals.push_back({number, text, context.device.id, std::move(rejection)});
  return knows_its_end;
}

bool PayloadParser::ParseObject(const Context& context, bool device_id_required, Readings& batch,
                                Rejection& rejection) {
  Json& json = *json_;
  json.has_device_id = json.has_timestamp = false;
  draft_.Begin(context.device, batch);
  for (auto member : json.object) {
    std::string_view key;
    auto error = member.unescaped_key().get(key);
    if (!error) error = member.value().get(json.value);
    if (error) {
      draft_.Cancel();
      return Malformed(rejection, error);
    }
    if (!ReadMember(key, context, rejection)) {
      draft_.Cancel();
      return false;
    }
  }
  if (device_id_required && !json.has_device_id) {
    draft_.Cancel();
    return RefuseValue(rejection, "device_id is missing");
  }
  if (!json.has_timestamp) {
    draft_.Cancel();
    return RefuseValue(rejection, "timestamp is missing");
  }
  return draft_.Finish(json.time, context.limits, rejection);
}

bool PayloadParser::ReadMember(std::string_view key, const Context& context, Rejection& rejection) {
  Json& json = *json_;
  if (key == "device_id") {
    std::string_view id;
    if (json.value.get_string().get(id)) return RefuseValue(rejection, "device_id must be text");
    if (json.has_device_id) return RefuseValue(rejection, "device_id is given twice");
    if (id != context.device.id) {
      return RefuseValue(rejection, fmt::format("device_id is '{}' but the topic is of '{}'",
                                                id.substr(0, 64), context.device.id));
    }
    json.has_device_id = true;
    return true;
  }
  if (key == "timestamp") {
    std::string_view text;
    if (json.value.get_string().get(text) || !base::TryParseTimestamp(text, json.time)) {
      return RefuseValue(rejection,
                         "timestamp must be RFC 3339 text with an offset, such as "
                         "2026-02-07T11:26:00Z");
    }
    if (json.has_timestamp) return RefuseValue(rejection, "timestamp is given twice");
    json.has_timestamp = true;
    return true;
  }
  double value = 0;
  const auto error = json.value.get_double().get(value);
  if (error) {
    const bool malformed = error != simdjson::INCORRECT_TYPE && error != simdjson::NUMBER_ERROR;
    return Refuse(rejection, malformed ? RejectReason::kParseError : RejectReason::kValidationError,
                  fmt::format("{} must be a number", key.substr(0, 64)));
  }
  return draft_.AddField(key, value, rejection);
}

}  // namespace energy::telemetry
