#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/status.h"
#include "devices/registry.h"
#include "series/store.h"

namespace energy::telemetry {

/// The most readings that are read for a chart before it is thinned: ten weeks at one every 5 s.
inline constexpr size_t kChartReadings = 1'200'000;

/// A range of one device's readings, as a user asks for it.
struct TelemetryQuery {
  std::string device_id;
  base::Timestamp start;
  base::Timestamp end;               ///< exclusive
  std::vector<std::string> fields;   ///< empty = all
  size_t limit = 20'000;             ///< readings read at the most; the newest are kept
  std::optional<size_t> max_points;  ///< thin the answer to this many for a chart
};

/// The answer, still in columns.
struct TelemetryAnswer {
  std::string device_id;
  std::vector<std::string> fields;
  std::map<std::string, std::string> units;  ///< of the fields that the profile knows
  series::Series series;
  bool downsampled = false;
};

/// Reads telemetry for the API. Threads: safe anywhere; blocks on the store.
class Queries {
 public:
  Queries(const series::Store& store, const devices::Registry& registry)
      : store_(store), registry_(registry) {}

  /// Errors: kNotFound for an unknown device, kInvalidArgument for an empty range or an unknown
  /// field. A device that has not sent anything answers with no readings.
  base::Result<TelemetryAnswer> Range(const TelemetryQuery& query) const;

  /// The newest reading as JSON, or nothing.
  std::optional<std::string> LatestJson(std::string_view device_id) const;

 private:
  base::Result<std::vector<series::FieldRef>> ResolveFields(const TelemetryQuery& query) const;

  const series::Store& store_;
  const devices::Registry& registry_;
};

/// The `data` member of the telemetry endpoint (LLD §5.2) as JSON text.
std::string ToJson(const TelemetryAnswer& answer);

}  // namespace energy::telemetry
