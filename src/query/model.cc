#include "query/model.h"

#include <array>
#include <charconv>

namespace energy::query {
namespace {

constexpr std::array<std::string_view, 20> kAggregateNames{
    "mean",     "min",  "max",    "sum",    "count",
    "first",    "last", "spread", "stddev", "time_weighted_mean",
    "integral", "p1",   "p5",     "p10",    "p25",
    "p50",      "p75",  "p90",    "p95",    "p99"};
constexpr std::array<std::string_view, 4> kFillNames{"none", "null", "previous", "linear"};
constexpr std::array<std::string_view, 4> kSourceNames{"raw", "chunk_header", "rollup_hourly",
                                                       "rollup_daily"};
constexpr int64_t kMaxWindowCount = 100'000;

struct UnitName {
  std::string_view name;
  Window::Unit unit;
};
constexpr std::array<UnitName, 6> kUnits{{{"s", Window::Unit::kSecond},
                                          {"m", Window::Unit::kMinute},
                                          {"h", Window::Unit::kHour},
                                          {"d", Window::Unit::kDay},
                                          {"w", Window::Unit::kWeek},
                                          {"mo", Window::Unit::kMonth}}};
constexpr std::array<UnitName, 3> kCalendar{
    {{"day", Window::Unit::kDay}, {"week", Window::Unit::kWeek}, {"month", Window::Unit::kMonth}}};

template <class Enum, size_t N>
std::optional<Enum> Parse(const std::array<std::string_view, N>& names, std::string_view name) {
  for (size_t i = 0; i < N; ++i) {
    if (names[i] == name) return static_cast<Enum>(i);
  }
  return std::nullopt;
}

}  // namespace

std::string_view AggregateName(Aggregate aggregate) {
  return kAggregateNames[static_cast<size_t>(aggregate)];
}

std::optional<Aggregate> ParseAggregate(std::string_view name) {
  return Parse<Aggregate>(kAggregateNames, name);
}

std::optional<double> PercentileOf(Aggregate aggregate) {
  switch (aggregate) {
    case Aggregate::kP1:
      return 0.01;
    case Aggregate::kP5:
      return 0.05;
    case Aggregate::kP10:
      return 0.10;
    case Aggregate::kP25:
      return 0.25;
    case Aggregate::kP50:
      return 0.50;
    case Aggregate::kP75:
      return 0.75;
    case Aggregate::kP90:
      return 0.90;
    case Aggregate::kP95:
      return 0.95;
    case Aggregate::kP99:
      return 0.99;
    default:
      return std::nullopt;
  }
}

bool IsInSummaries(Aggregate aggregate) {
  return aggregate != Aggregate::kStddev && !PercentileOf(aggregate);
}

bool IsInHeaders(Aggregate aggregate) {
  return IsInSummaries(aggregate) && aggregate != Aggregate::kIntegral &&
         aggregate != Aggregate::kTimeWeightedMean;
}

std::string_view FillName(Fill fill) { return kFillNames[static_cast<size_t>(fill)]; }

std::optional<Fill> ParseFill(std::string_view name) { return Parse<Fill>(kFillNames, name); }

std::optional<Window> ParseWindow(std::string_view text) {
  for (const UnitName& unit : kCalendar) {
    if (text == unit.name) return Window{.count = 1, .unit = unit.unit};
  }
  Window window;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), window.count);
  if (error != std::errc() || window.count < 1 || window.count > kMaxWindowCount) {
    return std::nullopt;
  }
  text.remove_prefix(static_cast<size_t>(end - text.data()));
  for (const UnitName& unit : kUnits) {
    if (text != unit.name) continue;
    window.unit = unit.unit;
    if (window.is_calendar() && window.count != 1) return std::nullopt;
    return window;
  }
  return std::nullopt;
}

std::string WindowText(const Window& window) {
  for (const UnitName& unit : kCalendar) {
    if (window.unit == unit.unit) return std::string(unit.name);
  }
  return std::to_string(window.count) + std::string(kUnits[static_cast<size_t>(window.unit)].name);
}

std::string_view SourceName(Source source) { return kSourceNames[static_cast<size_t>(source)]; }

}  // namespace energy::query
