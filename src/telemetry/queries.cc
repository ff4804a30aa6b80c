#include "telemetry/queries.h"

#include <algorithm>

#include "base/json.h"
#include "telemetry/downsample.h"
#include "telemetry/reading_json.h"

namespace energy::telemetry {

base::Result<TelemetryAnswer> Queries::Range(const TelemetryQuery& query) const {
  const auto device = registry_.Find(query.device_id);
  if (!device) return base::NotFound("no device '" + query.device_id + "'");
  if (query.end <= query.start) {
    return base::InvalidField("end", "must be after start (end is exclusive)");
  }
  ENERGY_ASSIGN_OR_RETURN(std::vector<series::FieldRef> fields, ResolveFields(query));

  TelemetryAnswer answer;
  answer.device_id = query.device_id;
  if (const auto ref = store_.FindDevice(query.device_id)) {
    ENERGY_ASSIGN_OR_RETURN(answer.series,
                            store_.Read({.device = *ref,
                                         .start_ns = query.start.time_since_epoch().count(),
                                         .end_ns = query.end.time_since_epoch().count(),
                                         .fields = std::move(fields),
                                         .limit = query.limit,
                                         .newest_first = true}));
  }
  if (query.max_points && answer.series.time_ns.size() > *query.max_points) {
    answer.series = Downsample(answer.series, *query.max_points);
    answer.downsampled = true;
  }
  for (const series::FieldRef field : answer.series.fields) {
    answer.fields.push_back(store_.FieldName(field));
  }
  if (device->profile) {
    for (const devices::ProfileField& field : device->profile->fields) {
      if (std::find(answer.fields.begin(), answer.fields.end(), field.name) !=
          answer.fields.end()) {
        answer.units[field.name] = field.unit;
      }
    }
  }
  return answer;
}

base::Result<std::vector<series::FieldRef>> Queries::ResolveFields(
    const TelemetryQuery& query) const {
  std::vector<series::FieldRef> fields;
  for (const std::string& name : query.fields) {
    const auto ref = store_.FindField(name);
    if (!ref) return base::InvalidField("fields", "names '" + name + "', which no device has sent");
    if (std::find(fields.begin(), fields.end(), *ref) == fields.end()) fields.push_back(*ref);
  }
  return fields;
}

std::optional<std::string> Queries::LatestJson(std::string_view device_id) const {
  const auto ref = store_.FindDevice(device_id);
  if (!ref) return std::nullopt;
  const auto latest = store_.LatestOf(*ref);
  if (!latest) return std::nullopt;
  std::vector<std::string> names;
  for (const series::FieldRef field : latest->fields) names.push_back(store_.FieldName(field));
  std::string text;
  AppendReadingJson(text, device_id, latest->time_ns, names, latest->values);
  return text;
}

std::string ToJson(const TelemetryAnswer& answer) {
  const series::Series& series = answer.series;
  const size_t rows = series.time_ns.size();
  std::string text;
  text.reserve(256 + rows * (64 + 24 * answer.fields.size()));
  text += R"({"device_id":)" + base::Json(answer.device_id).dump();
  text += R"(,"fields":)" + base::Json(answer.fields).dump();
  text += R"(,"units":)" + base::Json(answer.units).dump();
  text += R"(,"data":[)";
  std::vector<double> values(answer.fields.size());
  for (size_t i = 0; i < rows; ++i) {
    for (size_t c = 0; c < values.size(); ++c) values[c] = series.columns[c][i];
    if (i > 0) text += ',';
    AppendReadingJson(text, answer.device_id, series.time_ns[i], answer.fields, values);
  }
  text += R"(],"count":)" + std::to_string(rows);
  text += series.truncated ? R"(,"truncated":true)" : R"(,"truncated":false)";
  text += answer.downsampled ? R"(,"downsampled":true})" : R"(,"downsampled":false})";
  return text;
}

}  // namespace energy::telemetry
