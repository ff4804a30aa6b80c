#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "devices/registry.h"
#include "query/statistics.h"
#include "telemetry/activity.h"
#include "telemetry/dead_letter_repository.h"

namespace energy::health {

/// The weights of decision 20.
inline constexpr double kUptimeWeight = 0.4;
inline constexpr double kDataWeight = 0.3;
inline constexpr double kErrorWeight = 0.2;
inline constexpr double kResponseWeight = 0.1;

/// How far back health looks.
inline constexpr std::chrono::hours kHealthWindow{24};

/// What the score is made of. A part is nothing when it cannot be known.
struct Inputs {
  uint64_t readings = 0;               ///< in the window
  uint64_t expected = 0;               ///< at the reporting interval
  uint64_t dead_letters = 0;           ///< of the device, received in the window
  uint64_t delayed = 0;                ///< readings that the mean delay is of
  std::optional<double> uptime;        ///< 0 to 1
  std::optional<double> missing_rate;  ///< 0 to 1
  std::optional<double> error_rate;    ///< 0 to 1
  std::optional<double> response_ms;
};

/// A device's health over a window (LLD §4.2.3).
struct Health {
  std::string device_id;
  base::Timestamp start;
  base::Timestamp end;
  std::chrono::milliseconds interval{0};
  Inputs inputs;
  std::optional<double> score;  ///< 0 to 100
};

/// 1 up to a second, then 0.8, 0.5 and 0.2 (LLD §4.2.4).
double ResponseScore(double response_ms);

/// 0 to 100 of the parts that are known, by their weights; nothing without any.
std::optional<double> Score(const Inputs& inputs);

/// Computes health. What it takes outlives it. Threads: safe anywhere; blocks on store and SQL.
class HealthService {
 public:
  HealthService(const series::Store& store, const devices::Registry& registry,
                const telemetry::Activity& activity, telemetry::DeadLetterRepository& letters,
                const base::Clock& clock)
      : store_(store), registry_(registry), activity_(activity), letters_(letters), clock_(clock) {}

  /// Errors: kNotFound for a device that is not registered; those of store and SQL. Cost: a scan of
  /// a day of the device's readings.
  base::Result<Health> Of(std::string_view device_id);
  /// The same, of a device whose dead letters are counted already.
  base::Result<Health> Of(const devices::RegisteredDevice& device, uint64_t dead_letters) const;
  /// Dead letters of all devices in the window.
  base::Result<std::map<std::string, uint64_t>> CountDeadLetters();

 private:
  const series::Store& store_;
  const devices::Registry& registry_;
  const telemetry::Activity& activity_;
  telemetry::DeadLetterRepository& letters_;
  const base::Clock& clock_;
};

}  // namespace energy::health
