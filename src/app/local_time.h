#pragma once

#include <optional>
#include <string>

#include "base/clock.h"
#include "base/status.h"

namespace energy::app {

/// Reads times of a file, by a format of strptime(3), as local times of one zone.
///
/// An hour that the end of summer time repeats is taken for its first run until the file itself
/// goes back. Threads: one, and none other may read the environment while it is made: the zone is
/// the process's own.
class LocalTimes {
 public:
  /// `format`: of strptime; "rfc3339"; or "epoch_s", "epoch_ms". `zone`: an IANA name, for strptime
  /// alone. Errors: kInvalidArgument naming the option.
  static base::Result<LocalTimes> Make(std::string format, const std::string& zone);

  /// Nothing when `text` is not of the format, or names a time that the zone skips.
  std::optional<base::Timestamp> Parse(const std::string& text);

 private:
  explicit LocalTimes(std::string format) : format_(std::move(format)) {}

  std::string format_;
  base::Timestamp last_ = base::Timestamp::min();
};

}  // namespace energy::app
