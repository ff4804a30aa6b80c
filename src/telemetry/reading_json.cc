#include "telemetry/reading_json.h"

#include <cmath>

#include "base/number_text.h"
#include "base/time_text.h"

namespace energy::telemetry {

void AppendReadingJson(std::string& out, std::string_view device_id, int64_t time_ns,
                       std::span<const std::string> fields, std::span<const double> values) {
  out += R"({"device_id":")";
  out += device_id;
  out += R"(","timestamp":")";
  out += base::FormatTimestamp(base::Timestamp(std::chrono::nanoseconds(time_ns)));
  out += '"';
  for (size_t i = 0; i < values.size(); ++i) {
    if (std::isnan(values[i])) continue;
    out += ",\"";
    out += fields[i];
    out += "\":";
    base::AppendNumber(out, values[i]);
  }
  out += '}';
}

}  // namespace energy::telemetry
