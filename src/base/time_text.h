#pragma once

#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/status.h"

namespace energy::base {

/// Reads an RFC 3339 timestamp with any offset and up to nine fractional digits; also PostgreSQL's
/// form with a blank for the `T` and an offset without minutes. A timestamp without an offset is
/// refused: local time is not a point in time.
///
/// Errors: kInvalidArgument, saying what was expected. Threads: pure. Cost: no allocation when ok.
Result<Timestamp> ParseTimestamp(std::string_view text);

/// The same without building an error, for the ingest path. False when `text` is not a timestamp.
bool TryParseTimestamp(std::string_view text, Timestamp& out);

/// RFC 3339 in UTC with `Z`; 0, 3, 6 or 9 fractional digits, the fewest that lose nothing.
std::string FormatTimestamp(Timestamp time);

/// RFC 3339 in UTC with `Z` and always nine fractional digits, so that text order is time order.
/// The form in which timestamps are written to SQL.
std::string FormatSortable(Timestamp time);

}  // namespace energy::base
