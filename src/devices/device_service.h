#pragma once

#include <atomic>
#include <functional>
#include <mutex>
#include <optional>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/status.h"
#include "devices/device_cache.h"
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
  /// How long View may not see what another replica wrote.
  static constexpr std::chrono::milliseconds kMaxAge{2000};

  /// `last_seen` may be null; with it devices show when they were seen before that is written.
  DeviceService(sql::Database& database, const base::Clock& clock, Registry& registry,
                const LastSeenTracker* last_seen);

  /// Seeds the bulb profile and fills the registry. At start.
  base::Status Load();
  /// Brings the registry up to date with what another replica did to devices and profiles since
  /// Load or the last Refresh, as the audit log says. One row is read when nothing changed.
  base::Status Refresh();

  base::Result<sql::Listing<Device>> List(const DeviceFilter& filter, sql::Page page);
  /// Errors: kNotFound.
  base::Result<Device> Get(std::string_view id);
  /// The device and how the API shows it, from memory where that is known. What this process writes
  /// shows at once, on PostgreSQL what another replica writes within kMaxAge. Errors: kNotFound.
  base::Result<std::shared_ptr<const DeviceView>> View(std::string_view id);
  /// The same without SQL, for threads that may not block: null when only View can tell.
  std::shared_ptr<const DeviceView> Known(std::string_view id);
  /// Errors: kInvalidArgument with fields, kConflict for a known id.
  base::Result<Device> Create(const NewDevice& device);
  /// Errors: kInvalidArgument with fields, kNotFound, kConflict for a stale version.
  base::Result<Device> Update(std::string_view id, const DevicePatch& patch);
  /// `deleted` is told the id of each device that went, after that is stored, on the thread that
  /// did it. Set before the first call.
  void OnDeleted(std::function<void(std::string_view id)> deleted);

  /// What deletes the readings of a device from the store; doing it twice is harmless. Set before
  /// Load.
  void DeleteTelemetryBy(std::function<base::Status(std::string_view id)> delete_telemetry);

  /// Its rules, alerts and credentials go too. That its telemetry is to be deleted is stored with
  /// its removal: a crash in between, or a store that cannot write, only delays it, and the id
  /// cannot be taken before it is done. Errors: kNotFound; kConflict for a stale version;
  /// kUnavailable when the store cannot
  /// write: the device is gone, its telemetry goes later.
  /// `version`: as for updates.
  base::Status Delete(std::string_view id, Telemetry telemetry = Telemetry::kKeep,
                      std::optional<int64_t> version = std::nullopt);
  /// Does what an earlier Delete or a crash left to do. Cheap when there is nothing.
  base::Status FinishDeletions();

  /// Registers or changes many in one transaction. `update` names devices that are there.
  /// Errors: kInvalidArgument or kConflict naming the first bad one; nothing is changed then.
  base::Status Import(const std::vector<NewDevice>& create, const std::vector<NewDevice>& update);

  /// Status changes that the program makes by itself.
  base::Status ChangeStatuses(const std::vector<StatusChange>& changes);
  base::Status UpdateHealth(
      const std::vector<std::pair<std::string, std::optional<double>>>& scores);

  /// `sort`: as ProfileRepository::List.
  base::Result<sql::Listing<Profile>> ListProfiles(std::string_view sort, sql::Page page);
  /// Errors: kNotFound.
  base::Result<Profile> GetProfile(std::string_view type);
  /// Errors: kInvalidArgument with fields, kConflict for a type that has one.
  base::Result<Profile> CreateProfile(const Profile& profile);
  /// Readings of its devices are unchecked from then on. The profile of bulbs comes back with the
  /// next start. Errors: kNotFound, kConflict for a stale version.
  base::Status DeleteProfile(std::string_view type, std::optional<int64_t> version = std::nullopt);
  /// Creates or replaces. Errors: kInvalidArgument with fields, kConflict for a stale version.
  base::Result<Profile> PutProfile(const Profile& profile,
                                   std::optional<int64_t> expected_version = std::nullopt);

 private:
  Device WithLastSeen(Device device) const;
  base::Status FinishDeletionsLocked();
  base::Result<Device> UpdateIn(sql::Connection& connection, std::string_view id,
                                const DevicePatch& patch) const;
  base::Result<Device> CreateIn(sql::Connection& connection, const NewDevice& device) const;
  base::Result<Profile> PutIn(sql::Connection& connection, const Profile& profile,
                              std::optional<int64_t> expected_version) const;

  sql::Database& database_;
  const base::Clock& clock_;
  Registry& registry_;
  const LastSeenTracker* last_seen_;
  DeviceCache cache_;
  const DeviceRepository devices_;
  const ProfileRepository profiles_;
  std::vector<std::function<void(std::string_view)>> deleted_;
  std::function<base::Status(std::string_view)> delete_telemetry_;
  std::atomic<bool> deletions_pending_ = true;
  int64_t entry_ = 0;       // of the audit log, as far as the registry has it; with write_mutex_
  std::mutex write_mutex_;  // the registry gets changes in the order of their commits
};

}  // namespace energy::devices
