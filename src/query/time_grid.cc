#include "query/time_grid.h"

#include <date/tz.h>

#include <algorithm>
#include <stdexcept>
#include <string>

namespace energy::query {
namespace {

constexpr int64_t kSecondNs = 1'000'000'000;

base::Status TooManyWindows() {
  return base::InvalidField("window", "divides the range into more than " +
                                          std::to_string(kMaxWindows) +
                                          " windows: take wider ones or a shorter range");
}

base::Result<const date::time_zone*> Locate(std::string_view name) {
  try {
    return date::locate_zone(std::string(name));
  } catch (const std::runtime_error&) {
    return base::InvalidField("time_zone", kTimeZoneRule);
  }
}

int64_t UnitSeconds(Window::Unit unit) {
  if (unit == Window::Unit::kSecond) return 1;
  return unit == Window::Unit::kMinute ? 60 : 3600;
}

// The day of the zone on which a calendar window begins, `steps` windows after that of `day`.
date::local_days CalendarStart(date::local_days day, Window::Unit unit, int steps) {
  if (unit == Window::Unit::kDay) return day + date::days(steps);
  if (unit == Window::Unit::kWeek) {
    const auto since_monday = date::weekday(day) - date::Monday;
    return day - since_monday + date::weeks(steps);
  }
  const date::year_month_day date(day);
  return date::local_days((date.year() / date.month() + date::months(steps)) / 1);
}

// Midnight as the clocks of the zone show it; where they skip it, the first moment of the day.
int64_t ToUtcNs(const date::time_zone& zone, date::local_days day) {
  const auto time = zone.to_sys(date::local_seconds(day), date::choose::earliest);
  return std::chrono::nanoseconds(time.time_since_epoch()).count();
}

base::Status AddCalendarEdges(const date::time_zone& zone, Window::Unit unit, int64_t end_ns,
                              TimeGrid& grid) {
  const date::sys_seconds start{
      std::chrono::floor<std::chrono::seconds>(std::chrono::nanoseconds(grid.edges.front()))};
  const auto day = date::floor<date::days>(zone.to_local(start));
  for (int step = 1;; ++step) {
    const int64_t edge = ToUtcNs(zone, CalendarStart(day, unit, step));
    if (edge >= end_ns) return {};
    if (edge <= grid.edges.back()) continue;
    grid.edges.push_back(edge);
    if (grid.windows() >= kMaxWindows) return TooManyWindows();
  }
}

base::Status AddFixedEdges(const date::time_zone& zone, const Window& window, int64_t end_ns,
                           TimeGrid& grid) {
  const int64_t width = window.count * UnitSeconds(window.unit) * kSecondNs;
  const int64_t start = grid.edges.front();
  const date::sys_seconds second{
      std::chrono::floor<std::chrono::seconds>(std::chrono::nanoseconds(start))};
  const int64_t offset = zone.get_info(second).offset.count() * kSecondNs;
  const int64_t into = ((start + offset) % width + width) % width;
  if ((end_ns - start) / width >= static_cast<int64_t>(kMaxWindows)) return TooManyWindows();
  // Compared by distance: near the end of time the next edge would overflow.
  for (int64_t left = width - into; left < end_ns - grid.edges.back(); left = width) {
    grid.edges.push_back(grid.edges.back() + left);
  }
  return {};
}

}  // namespace

size_t TimeGrid::Find(int64_t time_ns, size_t from) const {
  // Readings mostly go on in the window of the last one or in the next.
  size_t step = 1;
  size_t low = from;
  while (low + step < edges.size() && edges[low + step] <= time_ns) {
    low += step;
    step *= 2;
  }
  const auto begin = edges.begin() + static_cast<ptrdiff_t>(low);
  const auto end = edges.begin() + static_cast<ptrdiff_t>(std::min(low + step, edges.size() - 1));
  return static_cast<size_t>(std::upper_bound(begin, end, time_ns) - edges.begin()) - 1;
}

bool IsTimeZone(std::string_view name) { return Locate(name).ok(); }

bool TimeGrid::IsAligned(int64_t ns) const {
  return std::all_of(edges.begin() + 1, edges.end() - 1,
                     [ns](int64_t edge) { return edge % ns == 0; });
}

base::Result<TimeGrid> MakeTimeGrid(base::Timestamp start, base::Timestamp end,
                                    const std::optional<Window>& window,
                                    std::string_view time_zone) {
  TimeGrid grid;
  grid.edges.push_back(start.time_since_epoch().count());
  const int64_t end_ns = end.time_since_epoch().count();
  ENERGY_ASSIGN_OR_RETURN(const date::time_zone* zone, Locate(time_zone));
  if (window) {
    ENERGY_RETURN_IF_ERROR(window->is_calendar()
                               ? AddCalendarEdges(*zone, window->unit, end_ns, grid)
                               : AddFixedEdges(*zone, *window, end_ns, grid));
  }
  grid.edges.push_back(end_ns);
  return grid;
}

}  // namespace energy::query
