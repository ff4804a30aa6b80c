#include "devices/model.h"

#include <algorithm>
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

std::optional<std::chrono::milliseconds> GivenInterval(const base::Json& metadata) {
  if (!metadata.is_object()) return std::nullopt;
  const auto found = metadata.find(std::string(kIntervalKey));
  if (found == metadata.end() || !found->is_number()) return std::nullopt;
  const double seconds = found->get<double>();
  // Bounded by validation; rows written by other means must not overflow the conversion.
  if (!(seconds >= 0.1 && seconds <= 86400)) return std::nullopt;
  return std::chrono::milliseconds(std::llround(seconds * 1000));
}

std::chrono::milliseconds ReportingInterval(const base::Json& metadata) {
  return GivenInterval(metadata).value_or(kDefaultInterval);
}

Tags TagsOf(const base::Json& metadata) {
  Tags tags;
  for (const auto& [name, value] : metadata.items()) {
    if (value.is_string()) {
      tags.emplace_back(name, value.get<std::string>());
    } else if (value.is_number() || value.is_boolean()) {
      tags.emplace_back(name, value.dump());
    }
  }
  std::sort(tags.begin(), tags.end());
  return tags;
}

const std::string* FindTag(const Tags& tags, std::string_view name) {
  const auto found = std::lower_bound(tags.begin(), tags.end(), name,
                                      [](const auto& tag, auto key) { return tag.first < key; });
  return found != tags.end() && found->first == name ? &found->second : nullptr;
}

}  // namespace energy::devices
