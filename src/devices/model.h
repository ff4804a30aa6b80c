#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/json.h"

namespace energy::devices {

enum class DeviceStatus { kActive, kInactive, kMaintenance, kError };

/// "active", "inactive", "maintenance", "error": in the database and the API.
std::string_view StatusName(DeviceStatus status);
std::optional<DeviceStatus> ParseStatus(std::string_view name);

/// A registered device (LLD §3.1.2).
struct Device {
  std::string id;
  std::string name;
  std::string type;
  std::optional<std::string> location;
  DeviceStatus status = DeviceStatus::kActive;
  base::Json metadata = base::Json::object();
  std::optional<double> health_score;  ///< 0 to 100
  std::optional<base::Timestamp> last_seen;
  int64_t version = 1;  ///< grows with each update by a person
  base::Timestamp created_at;
  base::Timestamp updated_at;
};

struct NewDevice {
  std::string id;
  std::string name;
  std::string type;
  std::optional<std::string> location;
  DeviceStatus status = DeviceStatus::kActive;
  base::Json metadata = base::Json::object();
};

/// What happens to the readings of a device that is deleted.
enum class Telemetry {
  kKeep,    ///< they stay; a device registered under this id later has them
  kDelete,  ///< they are given up; a device registered under this id later starts empty
};

/// What an update changes; an absent member stays as it is.
struct DevicePatch {
  std::optional<std::string> name;
  std::optional<std::string> type;
  std::optional<std::optional<std::string>> location;  ///< inner nothing removes it
  std::optional<DeviceStatus> status;
  std::optional<base::Json> metadata;  ///< replaces the whole object
  std::optional<int64_t> version;      ///< the version the change was made from
};

/// One field of the readings of a device type (decision 9).
struct ProfileField {
  std::string name;
  std::string unit;       ///< as on screens: "V", "°C"
  bool required = false;  ///< a reading without it is refused
  double min = 0;         ///< a value outside [min, max] is refused
  double max = 0;
  std::optional<double> nominal_min;  ///< a value outside is accepted and flagged
  std::optional<double> nominal_max;

  bool operator==(const ProfileField&) const = default;
};

/// What readings of one device type look like. A device whose type has no profile sends whatever
/// numeric fields it likes, unchecked: registering a new kind of device must not lose its data.
struct Profile {
  std::string type;
  std::vector<ProfileField> fields;
  int64_t version = 1;
  base::Timestamp created_at;
  base::Timestamp updated_at;
};

/// What devices are chosen and grouped by beside type and id: the members of their metadata that
/// are a text, a number or a boolean, as text ("3", "true"); ascending by name.
using Tags = std::vector<std::pair<std::string, std::string>>;
Tags TagsOf(const base::Json& metadata);
/// Null when there is none of that name.
const std::string* FindTag(const Tags& tags, std::string_view name);

/// The metadata key that holds a device's reporting interval in seconds (decision 20).
inline constexpr std::string_view kIntervalKey = "reporting_interval_s";
inline constexpr std::chrono::milliseconds kDefaultInterval{5000};

/// The reporting interval in `metadata`; nothing when there is none.
std::optional<std::chrono::milliseconds> GivenInterval(const base::Json& metadata);
/// The same, or the default.
std::chrono::milliseconds ReportingInterval(const base::Json& metadata);

}  // namespace energy::devices
