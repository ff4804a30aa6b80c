#include "devices/model.h"

#include <cmath>

namespace energy::devices {

std::string_view StatusName(DeviceStatus status) {
  switch (status) {
    case DeviceStatus::kActive:
      return "active";
    case DeviceStatus::kInactive:
      return "inactive";
    case DeviceStatus::kMaintenance:
      return "maintenance";
    case DeviceStatus::kError:
      return "error";
  }
  return "error";
}

std::optional<DeviceStatus> ParseStatus(std::string_view name) {
  for (const DeviceStatus status : {DeviceStatus::kActive, DeviceStatus::kInactive,
                                    DeviceStatus::kMaintenance, DeviceStatus::kError}) {
    if (StatusName(status) == name) return status;
  }
  return std::nullopt;
}

std::chrono::milliseconds ReportingInterval(const base::Json& metadata) {
  if (!metadata.is_object()) return kDefaultInterval;
  const auto found = metadata.find(std::string(kIntervalKey));
  if (found == metadata.end() || !found->is_number()) return kDefaultInterval;
  const double seconds = found->get<double>();
  // Bounded by validation; rows written by other means must not overflow the conversion.
  if (!(seconds >= 0.1 && seconds <= 86400)) return kDefaultInterval;
  return std::chrono::milliseconds(std::llround(seconds * 1000));
}

}  // namespace energy::devices
