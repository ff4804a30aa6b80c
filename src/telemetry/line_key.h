#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "telemetry/model.h"

// Private to LineParser: the texts of line protocol that are read once for many lines.

namespace energy::telemetry {

/// The first character of `stops` or the end of the line; a backslash hides the next character.
const char* FindUnescaped(const char* at, const char* end, std::string_view stops);

/// `text` without the backslashes before commas, blanks and equals signs.
std::string Unescape(std::string_view text);

inline std::string_view Until(const char* from, const char* to) {
  return {from, static_cast<size_t>(to - from)};
}

/// Refuses a line of another form. Answers false.
bool MalformedLine(Rejection& rejection, const std::string& detail);

/// What measurement and tags say.
struct LineKey {
  std::string measurement;
  std::optional<std::string> device;
  std::optional<std::string> host;
};

/// Reads measurement and tags as they are written. False: refused, see `rejection`.
bool ReadLineKey(std::string_view text, std::string_view device_tag, LineKey& key,
                 Rejection& rejection);

}  // namespace energy::telemetry
