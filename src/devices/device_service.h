#pragma once

#include <functional>
#include <mutex>
#include <optional>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/status.h"
#include "devices/device_repository.h"
#include "devices/last_seen.h"
#include "devices/model.h"
#include "devices/profile_repository.h"
#include "devices/registry.h"
#include "sql/database.h"

namespace energy::devices {

/// Devices and profiles (LLD §4.2): the only writer of their tables and of the registry. What it
/// returns is stored, and the registry's subscribers have seen it.
///
/// Threads: safe anywhere. Blocks on SQL: on a worker pool.
class DeviceService {
 public:
  /// `last_seen` may be null; with it devices show when they were seen before that is written.
  DeviceService(sql::Database& database, const base::Clock& clock, Registry& registry,
                const LastSeenTracker* last_seen);

  /// Seeds the bulb profile and fills the registry. At start, and when another process wrote.
  base::Status Load();

  base::Result<sql::Listing<Device>> List(const DeviceFilter& filter, sql::Page page);
  /// Errors: kNotFound.
  base::Result<Device> Get(std::string_view id);
  /// Errors: kInvalidArgument with fields, kConflict for a known id.
  base::Result<Device> Create(const NewDevice& device);
  /// Errors: kInvalidArgument with fields, kNotFound, kConflict for a stale version.
  base::Result<Device> Update(std::string_view id, const DevicePatch& patch);
  /// `deleted` is told the id of each device that went, after that is stored, on the thread that
  /// did it. Set before the first call.
  void OnDeleted(std::function<void(std::string_view id)> deleted);

  /// Its rules, alerts and credentials go too; its telemetry stays. Errors: kNotFound.
  base::Status Delete(std::string_view id);

  base::Result<sql::Listing<Profile>> ListProfiles(sql::Page page);
  /// Errors: kNotFound.
  base::Result<Profile> GetProfile(std::string_view type);
  /// Creates or replaces. Errors: kInvalidArgument with fields, kConflict for a stale version.
  base::Result<Profile> PutProfile(const Profile& profile,
                                   std::optional<int64_t> expected_version = std::nullopt);

 private:
  Device WithLastSeen(Device device) const;

  sql::Database& database_;
  Registry& registry_;
  const LastSeenTracker* last_seen_;
  const DeviceRepository devices_;
  const ProfileRepository profiles_;
  std::vector<std::function<void(std::string_view)>> deleted_;
  std::mutex write_mutex_;  // the registry gets changes in the order of their commits
};

}  // namespace energy::devices
