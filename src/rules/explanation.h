#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/status.h"
#include "rules/model.h"
#include "series/store.h"

namespace energy::rules {

/// Why a condition holds on a device, or not.
struct ConditionFinding {
  Condition condition;
  bool holds = false;
  std::optional<double> value;  ///< what was compared; nothing: no reading has the field
  std::string reason;           ///< in words, with the numbers
};

struct Explanation {
  std::string device_id;
  base::Timestamp at;  ///< of the reading
  bool holds = false;  ///< the conditions as joined, while the schedule is at work
  bool at_work = true;
  std::vector<ConditionFinding> conditions;
  std::optional<Severity> severity;  ///< the level that the reading reaches, when it holds
};

/// A reading that somebody asks about.
struct GivenReading {
  base::Timestamp at;
  std::map<std::string, double> values;  ///< by field
};

/// Holds `rule` against the latest reading of a device, or a given one, with the windows that its
/// stored readings make. `now`: what silence counts to. Stores nothing, raises nothing. Hysteresis
/// and durations belong to an episode and do not count here.
/// Errors: kNotFound for a device without readings when none is given.
base::Result<Explanation> Explain(const series::Store& store, const Rule& rule,
                                  const std::string& device_id,
                                  const std::optional<GivenReading>& given, base::Timestamp now);

}  // namespace energy::rules
