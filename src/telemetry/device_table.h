#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/log.h"
#include "base/status.h"
#include "devices/registry.h"
#include "series/store.h"

namespace energy::telemetry {

/// One field of a device's profile, compiled for checking values.
struct FieldCheck {
  std::string name;
  series::FieldRef ref = 0;
  bool required = false;
  double min = 0;  ///< a value outside [min, max] is refused; infinite when there is no profile
  double max = 0;
};

/// What ingest knows of a registered device.
struct IngestDevice {
  std::string id;
  std::string type;
  series::DeviceRef ref = 0;
  std::vector<FieldCheck> fields;
  /// The type has no profile: any numeric field is taken, unchecked.
  bool any_field = false;
};

/// All registered devices by id; immutable.
class DeviceTable {
 public:
  const IngestDevice* Find(std::string_view id) const {
    const auto found = by_id_.find(id);
    return found == by_id_.end() ? nullptr : &found->second;
  }
  void Add(IngestDevice device) { by_id_.insert_or_assign(device.id, std::move(device)); }
  size_t size() const { return by_id_.size(); }

 private:
  struct Hash : std::hash<std::string_view> {
    using is_transparent = void;
  };
  std::unordered_map<std::string, IngestDevice, Hash, std::equal_to<>> by_id_;
};

/// Keeps the DeviceTable in step with the registry.
///
/// Threads: safe anywhere. A reader compares version() with that of the table it holds, which costs
/// one load, and asks for current() only when they differ.
class DeviceTableSource {
 public:
  /// Follows the registry from now on; Rebuild takes what is in it already.
  DeviceTableSource(devices::Registry& registry, series::Store& store, base::Logger logger);

  /// Compiles the registry's present state. A device whose names the store cannot take is left out
  /// and the first such error is returned.
  base::Status Rebuild();

  uint64_t version() const { return version_.load(std::memory_order_acquire); }
  std::shared_ptr<const DeviceTable> current() const;

 private:
  base::Status Build(const devices::RegistrySnapshot& snapshot);

  devices::Registry& registry_;
  series::Store& store_;
  const base::Logger logger_;
  mutable std::mutex mutex_;
  std::shared_ptr<const DeviceTable> table_;  // guarded by mutex_
  std::atomic<uint64_t> version_ = 0;
  devices::Registry::Subscription subscription_;  // last: ends before what its callback uses
};

}  // namespace energy::telemetry
