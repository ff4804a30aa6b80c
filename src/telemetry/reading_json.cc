#include "telemetry/reading_json.h"

#include <charconv>
#include <cmath>

#include "base/time_text.h"

namespace energy::telemetry {

void AppendReadingJson(std::string& out, std::string_view device_id, int64_t time_ns,
                       std::span<const std::string> fields, std::span<const double> values) {
  out += R"({"device_id":")";
  out += device_id;
  out += R"(","timestamp":")";
  out += base::FormatTimestamp(base::Timestamp(std::chrono::nanoseconds(time_ns)));
  out += '"';
  char number[32];
  for (size_t i = 0; i < values.size(); ++i) {
    if (std::isnan(values[i])) continue;
    out += ",\"";
    out += fields[i];
    out += "\":";
    const auto end = std::to_chars(number, number + sizeof(number), values[i]).ptr;
    out.append(number, end);
  }
  out += '}';
}

}  // namespace energy::telemetry
