#include "telemetry/line_key.h"

#include <fmt/format.h>

namespace energy::telemetry {

const char* FindUnescaped(const char* at, const char* end, std::string_view stops) {
  while (at != end && *at != '\n' && stops.find(*at) == std::string_view::npos) {
    if (*at == '\\' && at + 1 != end && at[1] != '\n') ++at;
    ++at;
  }
  return at;
}

std::string Unescape(std::string_view text) {
  std::string out;
  for (size_t i = 0; i < text.size(); ++i) {
    const bool escapes = text[i] == '\\' && i + 1 < text.size() &&
                         (text[i + 1] == ',' || text[i + 1] == ' ' || text[i + 1] == '=');
    out += text[escapes ? ++i : i];
  }
  return out;
}

bool MalformedLine(Rejection& rejection, const std::string& detail) {
  rejection = {RejectReason::kParseError,
               "expected measurement,tag=value field=number timestamp: " + detail};
  return false;
}

bool ReadLineKey(std::string_view text, std::string_view device_tag, LineKey& key,
                 Rejection& rejection) {
  const char* const end = text.data() + text.size();
  const char* at = FindUnescaped(text.data(), end, ",");
  key.measurement = Unescape(Until(text.data(), at));
  if (key.measurement.empty()) return MalformedLine(rejection, "the measurement is missing");
  while (at != end) {
    const char* const name = at + 1;
    const char* const equals = FindUnescaped(name, end, "=,");
    at = FindUnescaped(equals, end, ",");
    if (equals == name || equals == end || *equals != '=' || equals + 1 == at) {
      return MalformedLine(rejection, fmt::format("the tag '{}' has no name or no value",
                                                  Until(name, at).substr(0, 64)));
    }
    const std::string tag = Unescape(Until(name, equals));
    if (tag == device_tag) key.device = Unescape(Until(equals + 1, at));
    if (tag == "host") key.host = Unescape(Until(equals + 1, at));
  }
  return true;
}

}  // namespace energy::telemetry
