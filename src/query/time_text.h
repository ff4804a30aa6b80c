#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace energy::query {

/// How times are written. In the API as text: never rename.
enum class TimeFormat { kRfc3339, kSeconds, kMilliseconds, kNanoseconds };
/// "rfc3339", "s", "ms", "ns".
std::optional<TimeFormat> ParseTimeFormat(std::string_view name);

/// Writes many times: RFC 3339 in UTC as base::FormatTimestamp does, without quotes, or a whole
/// number since 1970 (rounded down). Neighbours share the text of their day. Threads: none.
class TimeWriter {
 public:
  explicit TimeWriter(TimeFormat format) : format_(format) {}

  bool is_text() const { return format_ == TimeFormat::kRfc3339; }
  /// At most kMaxText characters; returns the end.
  char* Write(char* to, int64_t time_ns);
  void Append(std::string& out, int64_t time_ns);

  static constexpr size_t kMaxText = 32;

 private:
  char* WriteText(char* to, int64_t time_ns);

  const TimeFormat format_;
  int64_t day_ = INT64_MIN;
  char date_[11] = {};  // "2026-02-07T"
};

}  // namespace energy::query
