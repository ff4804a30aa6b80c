#pragma once

#include <cstdint>
#include <random>
#include <string>
#include <string_view>

#include "base/clock.h"

namespace energy::simulator {

/// One simulated reading, in V, A, W and °C, rounded to two decimals as devices send them.
struct BulbReading {
  double voltage = 0;
  double current = 0;
  double power = 0;
  double temperature = 0;
};

/// How the load changes with time.
enum class LoadShape {
  kConstant,  ///< the model of LLD §6.2
  kRhythm,    ///< the same around a load that follows the hour of the day and the day of the week
};

struct BulbOptions {
  LoadShape shape = LoadShape::kConstant;
  double fault_probability = 0;  ///< 0 to 1, for each reading
  uint64_t seed = 1;
};

/// The simulated bulb of LLD §6.2: normal variation around 230 V, 0.85 A and 40 °C, and three kinds
/// of fault: overheating, a voltage spike, a current surge. The same seed gives the same readings.
///
/// Threads: one at a time.
class BulbModel {
 public:
  explicit BulbModel(BulbOptions options);

  /// The reading at `time`. With kRhythm the load depends on it.
  BulbReading Next(base::Timestamp time);

 private:
  double Gauss(double sigma) { return std::normal_distribution<double>(0, sigma)(random_); }
  double Uniform(double low, double high) {
    return std::uniform_real_distribution<double>(low, high)(random_);
  }
  void InjectFault(BulbReading& reading);

  const BulbOptions options_;
  std::mt19937_64 random_;
};

/// Fraction of the full load at `time` (UTC), 0.35 to 1: low at night, two peaks on workdays, one
/// flat day at weekends.
double RhythmFactor(base::Timestamp time);

/// The telemetry payload of LLD §6.2.
std::string ToPayload(std::string_view device_id, base::Timestamp time, const BulbReading& reading);

}  // namespace energy::simulator
