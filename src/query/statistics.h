#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/status.h"
#include "devices/registry.h"
#include "query/model.h"
#include "series/store.h"

namespace energy::query {

struct StatisticsRequest {
  std::string device_id;
  base::Timestamp start;
  base::Timestamp end;              ///< exclusive
  std::vector<std::string> fields;  ///< empty = all
};

struct FieldStatistics {
  std::string field;
  std::string unit;
  uint64_t count = 0;
  double min = 0, max = 0, mean = 0;
  double stddev = 0;  ///< of the sample; NaN for one reading
  double p50 = 0, p90 = 0, p95 = 0, p99 = 0;
  double first = 0, last = 0;
};

/// What readings of a range say of a device (LLD §4.3.2, decision 20). The part of the range that
/// is still to come is left out of what is expected.
struct Statistics {
  std::string device_id;
  std::vector<FieldStatistics> fields;  ///< those with a reading
  uint64_t readings = 0;
  std::chrono::milliseconds interval{0};  ///< the device's reporting interval
  uint64_t expected = 0;                  ///< readings at that interval
  /// Share of the expected readings that did not come, 0 to 1; nothing when none was expected.
  std::optional<double> missing_rate;
  /// Share of the range in which readings arrived, 0 to 1: each reading shows that the device was
  /// up until the next one, for at most kUpIntervals reporting intervals.
  std::optional<double> uptime;
  /// As in Header.
  std::optional<base::Timestamp> complete_from;
  std::optional<base::Timestamp> first_at;
  std::optional<base::Timestamp> last_at;
};

/// Errors: those of the store; kTooLarge when percentiles need too much memory; kUnavailable when
/// it takes longer than kMaxStepTime. Cost: a scan of the range.
base::Result<Statistics> ComputeStatistics(const series::Store& store, const base::Clock& clock,
                                           const devices::RegisteredDevice& device,
                                           const std::vector<series::FieldRef>& fields,
                                           int64_t start_ns, int64_t end_ns);

/// How much of what a device should have sent is there.
struct Presence {
  uint64_t readings = 0;
  uint64_t expected = 0;
  std::optional<double> missing_rate;  ///< as in Statistics
  std::optional<double> uptime;        ///< as in Statistics
};

/// Those of a range alone. Errors and cost: as ComputeStatistics, but decodes one field at most.
base::Result<Presence> MeasurePresence(const series::Store& store, const base::Clock& clock,
                                       const devices::RegisteredDevice& device, int64_t start_ns,
                                       int64_t end_ns);

/// One reading that is late or lost does not make an outage; two in a row do.
inline constexpr int kUpIntervals = 3;

}  // namespace energy::query
