#include "simulator/bulb_model.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "base/time_text.h"

namespace energy::simulator {
namespace {

constexpr double kVoltage = 230.0;
constexpr double kCurrent = 0.85;
constexpr double kTemperature = 40.0;
constexpr double kRatedPower = 195.0;

double Round2(double value) { return std::round(value * 100) / 100; }

// A smooth bump around `center` hours, one `width` hours wide.
double Bump(double hour, double center, double width) {
  const double distance = std::remainder(hour - center, 24.0) / width;
  return std::exp(-0.5 * distance * distance);
}

}  // namespace

BulbModel::BulbModel(BulbOptions options) : options_(options), random_(options.seed) {}

BulbReading BulbModel::Next(base::Timestamp time) {
  const double load = options_.shape == LoadShape::kRhythm ? RhythmFactor(time) : 1.0;
  BulbReading reading;
  reading.voltage = kVoltage + Gauss(5);
  reading.current = (kCurrent + Gauss(0.05)) * load;
  reading.power = reading.voltage * reading.current * Uniform(0.95, 1.0);
  // Half of the load's swing reaches the lamp's temperature.
  const double expected_power = kRatedPower * load;
  reading.temperature =
      kTemperature + (reading.power - expected_power) * 0.05 + (load - 1.0) * 10.0 + Gauss(2);
  if (Uniform(0, 1) < options_.fault_probability) InjectFault(reading);
  reading.voltage = Round2(std::clamp(reading.voltage, 200.0, 250.0));
  reading.current = Round2(std::clamp(reading.current, 0.0, 2.0));
  reading.power = Round2(std::clamp(reading.power, 0.0, 500.0));
  reading.temperature = Round2(std::clamp(reading.temperature, 20.0, 80.0));
  return reading;
}

void BulbModel::InjectFault(BulbReading& reading) {
  switch (std::uniform_int_distribution<int>(0, 2)(random_)) {
    case 0:
      reading.temperature = Uniform(60, 75);
      break;
    case 1:
      reading.voltage = Uniform(245, 255);
      break;
    default:
      reading.current = Uniform(1.5, 2.0);
      reading.power = reading.voltage * reading.current;
      break;
  }
}

double RhythmFactor(base::Timestamp time) {
  using std::chrono::days;
  const auto day = std::chrono::floor<days>(time);
  const double hour = std::chrono::duration<double, std::ratio<3600>>(time - day).count();
  const std::chrono::weekday weekday{day};
  const bool weekend = weekday == std::chrono::Saturday || weekday == std::chrono::Sunday;
  const double swing = weekend ? 0.30 * Bump(hour, 14.0, 4.5)
                               : 0.45 * Bump(hour, 9.5, 2.5) + 0.60 * Bump(hour, 18.5, 3.0);
  return std::clamp(0.38 + swing, 0.35, 1.0);
}

std::string ToPayload(std::string_view device_id, base::Timestamp time,
                      const BulbReading& reading) {
  return fmt::format(
      R"({{"device_id":"{}","timestamp":"{}","voltage":{},"current":{},"power":{},"temperature":{}}})",
      device_id, base::FormatTimestamp(time), reading.voltage, reading.current, reading.power,
      reading.temperature);
}

}  // namespace energy::simulator
