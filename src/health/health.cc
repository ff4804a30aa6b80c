#include "health/health.h"

#include <algorithm>

namespace energy::health {

double ResponseScore(double response_ms) {
  if (response_ms <= 1000) return 1.0;
  if (response_ms <= 2000) return 0.8;
  if (response_ms <= 5000) return 0.5;
  return 0.2;
}

std::optional<double> Score(const Inputs& inputs) {
  double sum = 0;
  double weights = 0;
  const auto add = [&](double weight, std::optional<double> part) {
    if (!part) return;
    sum += weight * *part;
    weights += weight;
  };
  const auto rest = [](const std::optional<double>& share) {
    return share ? std::optional(1 - *share) : std::nullopt;
  };
  add(kUptimeWeight, inputs.uptime);
  add(kDataWeight, rest(inputs.missing_rate));
  add(kErrorWeight, rest(inputs.error_rate));
  add(kResponseWeight,
      inputs.response_ms ? std::optional(ResponseScore(*inputs.response_ms)) : std::nullopt);
  if (weights == 0) return std::nullopt;
  return std::clamp(100 * sum / weights, 0.0, 100.0);
}

base::Result<Health> HealthService::Of(std::string_view device_id) {
  const auto device = registry_.Find(device_id);
  if (!device) return base::NotFound("there is no device '" + std::string(device_id) + "'");
  ENERGY_ASSIGN_OR_RETURN(const auto letters, CountDeadLetters());
  const auto found = letters.find(device->id);
  return Of(*device, found == letters.end() ? 0 : found->second);
}

base::Result<std::map<std::string, uint64_t>> HealthService::CountDeadLetters() {
  return letters_.CountByDevice(clock_.Now() - kHealthWindow);
}

base::Result<Health> HealthService::Of(const devices::RegisteredDevice& device,
                                       uint64_t dead_letters) const {
  Health health;
  health.device_id = device.id;
  health.interval = device.interval;
  health.end = clock_.Now();
  health.start = std::min(std::max(health.end - kHealthWindow, device.created_at), health.end);
  ENERGY_ASSIGN_OR_RETURN(
      const query::Presence presence,
      query::MeasurePresence(store_, clock_, device, health.start.time_since_epoch().count(),
                             health.end.time_since_epoch().count()));
  Inputs& in = health.inputs;
  in.readings = presence.readings;
  in.expected = presence.expected;
  in.uptime = presence.uptime;
  in.missing_rate = presence.missing_rate;
  in.dead_letters = dead_letters;
  const uint64_t sent = presence.readings + dead_letters;
  if (sent > 0) in.error_rate = static_cast<double>(dead_letters) / static_cast<double>(sent);
  const telemetry::Delays::Mean delay = activity_.Of(device.id).delays.Of(health.end);
  in.delayed = delay.readings;
  if (delay.readings > 0) in.response_ms = delay.ms;
  health.score = Score(in);
  return health;
}

}  // namespace energy::health
