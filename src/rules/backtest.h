#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/status.h"
#include "rules/model.h"
#include "rules/transition.h"
#include "series/store.h"

namespace energy::rules {

/// The longest range of a backtest.
inline constexpr std::chrono::days kMaxBacktestDays{366};
/// Episodes that a backtest names one by one; all are counted.
inline constexpr size_t kMaxBacktestEpisodes = 1000;

struct BacktestQuery {
  Rule rule;              ///< valid; its own device and target do not matter
  std::string device_id;  ///< whose readings
  base::Timestamp start;
  base::Timestamp end;  ///< exclusive
};

/// One that the rule would have raised.
struct BacktestEpisode {
  Episode episode;
  Severity severity = Severity::kMedium;  ///< the highest it reached
  std::optional<base::Timestamp> end;     ///< nothing: it still held at the end of the range
};

/// How often a rule would have raised with another hysteresis or duration.
struct BacktestVariant {
  std::optional<double> clear_threshold;
  std::chrono::seconds hold{0};
  bool as_drafted = false;
  uint64_t episodes = 0;
  uint64_t suppressed = 0;  ///< of these
  double alert_minutes = 0;
};

struct Backtest {
  uint64_t readings = 0;  ///< that were looked at
  std::vector<BacktestEpisode> episodes;
  bool truncated = false;                 ///< there are more than kMaxBacktestEpisodes
  std::vector<double> minutes_by_day;     ///< in alert, by day of UTC from that of `start` on
  std::vector<BacktestVariant> variants;  ///< the first is the rule as drafted
};

/// Replays a rule over stored readings with the code of the live engine; stores nothing. Cost: one
/// scan of the rule's fields, about 0.1 µs a reading. Memory: a few blocks and the answer.
/// Threads: safe anywhere; blocks. `cancelled` is asked after each block.
/// Errors: kInvalidArgument for the range, kUnavailable when cancelled.
base::Result<Backtest> RunBacktest(const series::Store& store, const BacktestQuery& query,
                                   const std::function<bool()>& cancelled);

}  // namespace energy::rules
