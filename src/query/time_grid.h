#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "query/model.h"

namespace energy::query {

/// The windows of a range: window i is [edges[i], edges[i + 1]), in ns of UTC. The first and the
/// last are cut to the range.
struct TimeGrid {
  std::vector<int64_t> edges;  ///< ascending, at least two

  size_t windows() const { return edges.size() - 1; }
  /// The window of a time of the range, searched from `from` on. Cost: O(log distance).
  size_t Find(int64_t time_ns, size_t from = 0) const;
  /// True if all edges but the first and the last are multiples of `ns` since 1970.
  bool IsAligned(int64_t ns) const;
};

inline constexpr const char* kTimeZoneRule =
    "must be a name of the IANA time zone database, such as Europe/Berlin";
bool IsTimeZone(std::string_view name);

/// Divides [start, end), which is not empty. Without a window: one.
///
/// Errors: kInvalidArgument for an unknown time zone (`time_zone`), or when there would be more
/// than kMaxWindows (`window`). Cost: O(windows). Source: IANA time zone database of the system.
base::Result<TimeGrid> MakeTimeGrid(base::Timestamp start, base::Timestamp end,
                                    const std::optional<Window>& window,
                                    std::string_view time_zone);

}  // namespace energy::query
