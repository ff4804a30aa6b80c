#include "devices/device_service.h"

#include <algorithm>
#include <unordered_set>

#include "audit/audit.h"
#include "audit/changes.h"
#include "base/versions.h"
#include "devices/device_json.h"
#include "devices/validation.h"

namespace energy::devices {

DeviceService::DeviceService(sql::Database& database, const base::Clock& clock, Registry& registry,
                             const LastSeenTracker* last_seen)
    : database_(database),
      clock_(clock),
      registry_(registry),
      last_seen_(last_seen),
      // A SQLite file has one process.
      cache_(database.dialect() == sql::Dialect::kSqlite ? std::nullopt : std::optional(kMaxAge)),
      devices_(clock),
      profiles_(clock) {}

base::Status DeviceService::Load() {
  std::lock_guard one_write(write_mutex_);
  std::vector<Device> devices;
  std::vector<Profile> profiles;
  ENERGY_RETURN_IF_ERROR(database_.Transaction([&](sql::Connection& c) -> base::Status {
    ENERGY_RETURN_IF_ERROR(profiles_.Seed(c));
    ENERGY_ASSIGN_OR_RETURN(entry_, audit::LastEntry(c));
    ENERGY_ASSIGN_OR_RETURN(devices, devices_.All(c));
    ENERGY_ASSIGN_OR_RETURN(profiles, profiles_.All(c));
    return {};
  }));
  registry_.Load(devices, profiles);
  // What cannot be finished now is tried again later.
  (void)FinishDeletionsLocked();
  return {};
}

base::Status DeviceService::Refresh() {
  std::lock_guard one_write(write_mutex_);
  int64_t entry = 0;
  std::vector<std::string> ids;
  std::vector<std::string> types;
  std::vector<Device> devices;
  std::vector<Profile> profiles;
  ENERGY_RETURN_IF_ERROR(database_.Read([&](sql::Connection& c) -> base::Status {
    ENERGY_ASSIGN_OR_RETURN(entry, audit::LastEntry(c));
    if (entry == entry_) return {};
    ENERGY_ASSIGN_OR_RETURN(ids, audit::ChangedSince(c, entry_, "device"));
    ENERGY_ASSIGN_OR_RETURN(types, audit::ChangedSince(c, entry_, "profile"));
    ENERGY_ASSIGN_OR_RETURN(devices, devices_.Some(c, ids));
    if (types.empty()) return {};
    ENERGY_ASSIGN_OR_RETURN(profiles, profiles_.All(c));
    return {};
  }));
  if (entry == entry_) return {};
  cache_.Forget({ids.begin(), ids.end()});
  for (const std::string& type : types) {
    const auto found = std::find_if(profiles.begin(), profiles.end(),
                                    [&](const Profile& p) { return p.type == type; });
    found == profiles.end() ? registry_.RemoveProfile(type) : registry_.PutProfile(*found);
  }
  std::unordered_set<std::string_view> there;
  for (const Device& device : devices) there.insert(device.id);
  std::erase_if(ids, [&](const std::string& id) { return there.contains(id); });
  registry_.ChangeDevices(devices, ids);
  entry_ = entry;
  return {};
}

Device DeviceService::WithLastSeen(Device device) const {
  if (last_seen_ != nullptr) {
    const std::optional<base::Timestamp> pending = last_seen_->Pending(device.id);
    if (pending && (!device.last_seen || *device.last_seen < *pending)) device.last_seen = pending;
  }
  return device;
}

base::Result<sql::Listing<Device>> DeviceService::List(const DeviceFilter& filter, sql::Page page) {
  ENERGY_ASSIGN_OR_RETURN(sql::Listing<Device> listing, database_.Read([&](sql::Connection& c) {
    return devices_.List(c, filter, page);
  }));
  for (Device& device : listing.items) device = WithLastSeen(std::move(device));
  return listing;
}

base::Result<Device> DeviceService::Get(std::string_view id) {
  ENERGY_ASSIGN_OR_RETURN(Device device,
                          database_.Read([&](sql::Connection& c) { return devices_.Get(c, id); }));
  return WithLastSeen(std::move(device));
}

std::shared_ptr<const DeviceView> DeviceService::Known(std::string_view id) {
  return cache_.Find(id, clock_.Steady(),
                     last_seen_ == nullptr ? std::nullopt : last_seen_->Pending(id));
}

base::Result<std::shared_ptr<const DeviceView>> DeviceService::View(std::string_view id) {
  if (auto known = Known(id)) return known;
  const auto writes = [this] { return last_seen_ == nullptr ? 0 : last_seen_->writes(); };
  const uint64_t generation = cache_.Generation();
  const uint64_t written = writes();
  const DeviceCache::Time now = clock_.Steady();
  ENERGY_ASSIGN_OR_RETURN(Device device, Get(id));
  // When it was seen may have gone from memory to the table after the row was read.
  if (writes() != written) return DeviceCache::View(std::move(device));
  return cache_.Fill(std::move(device), now, generation);
}

base::Result<Device> DeviceService::CreateIn(sql::Connection& connection,
                                             const NewDevice& device) const {
  ENERGY_ASSIGN_OR_RETURN(Device created, devices_.Create(connection, device));
  ENERGY_RETURN_IF_ERROR(audit::Record(
      connection, clock_, {"device.create", "device", created.id, nullptr, ToJson(created)}));
  return created;
}

base::Result<Device> DeviceService::UpdateIn(sql::Connection& connection, std::string_view id,
                                             const DevicePatch& patch) const {
  ENERGY_ASSIGN_OR_RETURN(const Device before, devices_.Get(connection, id));
  ENERGY_ASSIGN_OR_RETURN(Device updated, devices_.Update(connection, id, patch));
  ENERGY_RETURN_IF_ERROR(
      audit::Record(connection, clock_,
                    {"device.update", "device", updated.id, ToJson(before), ToJson(updated)}));
  return updated;
}

base::Result<Device> DeviceService::Create(const NewDevice& device) {
  ENERGY_RETURN_IF_ERROR(Validate(device));
  std::lock_guard one_write(write_mutex_);
  ENERGY_RETURN_IF_ERROR(FinishDeletionsLocked());
  ENERGY_ASSIGN_OR_RETURN(Device created, database_.Transaction([&](sql::Connection& c) {
    return CreateIn(c, device);
  }));
  registry_.PutDevice(created);
  return created;
}

base::Result<Device> DeviceService::Update(std::string_view id, const DevicePatch& patch) {
  ENERGY_RETURN_IF_ERROR(Validate(patch));
  std::lock_guard one_write(write_mutex_);
  auto stored = database_.Transaction([&](sql::Connection& c) { return UpdateIn(c, id, patch); });
  // Also after an error, which may have come once it was stored.
  cache_.Forget(id);
  ENERGY_ASSIGN_OR_RETURN(Device updated, std::move(stored));
  registry_.PutDevice(updated);
  return WithLastSeen(std::move(updated));
}

void DeviceService::OnDeleted(std::function<void(std::string_view)> deleted) {
  deleted_.push_back(std::move(deleted));
}

void DeviceService::DeleteTelemetryBy(
    std::function<base::Status(std::string_view)> delete_telemetry) {
  delete_telemetry_ = std::move(delete_telemetry);
}

base::Status DeviceService::Delete(std::string_view id, Telemetry telemetry,
                                   std::optional<int64_t> version) {
  base::Status finished;
  {
    std::lock_guard one_write(write_mutex_);
    const base::Status removed = database_.Transaction([&](sql::Connection& c) -> base::Status {
      ENERGY_ASSIGN_OR_RETURN(const Device before, devices_.Get(c, id));
      if (version.value_or(before.version) != before.version) {
        return base::StaleVersion("device", before.version);
      }
      ENERGY_RETURN_IF_ERROR(devices_.Delete(c, id));
      const base::Json after{{"telemetry", telemetry == Telemetry::kKeep ? "kept" : "deleted"}};
      ENERGY_RETURN_IF_ERROR(
          audit::Record(c, clock_, {"device.delete", "device", before.id, ToJson(before), after}));
      return telemetry == Telemetry::kKeep ? base::Status() : devices_.NoteDeletion(c, id);
    });
    cache_.Forget(id);
    ENERGY_RETURN_IF_ERROR(removed);
    registry_.RemoveDevice(id);
    if (telemetry == Telemetry::kDelete) {
      deletions_pending_ = true;
      finished = FinishDeletionsLocked();
    }
  }
  for (const auto& deleted : deleted_) deleted(id);
  return finished;
}

base::Status DeviceService::FinishDeletions() {
  if (!deletions_pending_) return {};
  std::lock_guard one_write(write_mutex_);
  return FinishDeletionsLocked();
}

base::Status DeviceService::FinishDeletionsLocked() {
  if (!deletions_pending_ || !delete_telemetry_) return {};
  ENERGY_ASSIGN_OR_RETURN(
      const std::vector<std::string> ids,
      database_.Read([&](sql::Connection& c) { return devices_.PendingDeletions(c); }));
  for (const std::string& id : ids) {
    ENERGY_RETURN_IF_ERROR(delete_telemetry_(id));
    ENERGY_RETURN_IF_ERROR(
        database_.Transaction([&](sql::Connection& c) { return devices_.ForgetDeletion(c, id); }));
  }
  deletions_pending_ = false;
  return {};
}

base::Status DeviceService::Import(const std::vector<NewDevice>& create,
                                   const std::vector<NewDevice>& update) {
  for (const auto* devices : {&create, &update}) {
    for (const NewDevice& device : *devices) ENERGY_RETURN_IF_ERROR(Validate(device));
  }
  std::lock_guard one_write(write_mutex_);
  ENERGY_RETURN_IF_ERROR(FinishDeletionsLocked());
  std::vector<Device> stored;
  stored.reserve(create.size() + update.size());
  const base::Status imported = database_.Transaction([&](sql::Connection& c) -> base::Status {
    for (const NewDevice& device : create) {
      ENERGY_ASSIGN_OR_RETURN(stored.emplace_back(), CreateIn(c, device));
    }
    for (const NewDevice& device : update) {
      const DevicePatch patch{.name = device.name,
                              .type = device.type,
                              .location = device.location,
                              .status = device.status,
                              .metadata = device.metadata,
                              .version = std::nullopt};
      ENERGY_ASSIGN_OR_RETURN(stored.emplace_back(), UpdateIn(c, device.id, patch));
    }
    return {};
  });
  std::vector<std::string_view> changed;
  changed.reserve(update.size());
  for (const NewDevice& device : update) changed.push_back(device.id);
  cache_.Forget(changed);
  ENERGY_RETURN_IF_ERROR(imported);
  registry_.PutDevices(stored);
  return {};
}

base::Status DeviceService::ChangeStatuses(const std::vector<StatusChange>& changes) {
  if (changes.empty()) return {};
  std::lock_guard one_write(write_mutex_);
  const base::Status changed = database_.Transaction(
      [&](sql::Connection& c) { return devices_.ChangeStatuses(c, changes); });
  std::vector<std::string_view> ids;
  ids.reserve(changes.size());
  for (const StatusChange& change : changes) ids.push_back(change.id);
  cache_.Forget(ids);
  ENERGY_RETURN_IF_ERROR(changed);
  const std::shared_ptr<const RegistrySnapshot> snapshot = registry_.Snapshot();
  std::vector<std::pair<std::string, DeviceStatus>> statuses;
  for (const StatusChange& change : changes) {
    const RegisteredDevice* const device = snapshot->Find(change.id);
    if (device == nullptr || device->status != change.from) continue;
    statuses.emplace_back(change.id, change.to);
  }
  registry_.SetStatuses(statuses);
  return {};
}

base::Status DeviceService::UpdateHealth(
    const std::vector<std::pair<std::string, std::optional<double>>>& scores) {
  if (scores.empty()) return {};
  base::Status updated =
      database_.Transaction([&](sql::Connection& c) { return devices_.UpdateHealth(c, scores); });
  std::vector<std::string_view> ids;
  ids.reserve(scores.size());
  for (const auto& [id, score] : scores) ids.push_back(id);
  cache_.Forget(ids);
  return updated;
}

base::Result<sql::Listing<Profile>> DeviceService::ListProfiles(std::string_view sort,
                                                                sql::Page page) {
  return database_.Read([&](sql::Connection& c) { return profiles_.List(c, sort, page); });
}

base::Result<Profile> DeviceService::GetProfile(std::string_view type) {
  return database_.Read([&](sql::Connection& c) { return profiles_.Get(c, type); });
}

base::Result<Profile> DeviceService::PutIn(sql::Connection& connection, const Profile& profile,
                                           std::optional<int64_t> expected_version) const {
  const base::Result<Profile> before = profiles_.Get(connection, profile.type);
  ENERGY_ASSIGN_OR_RETURN(Profile stored, profiles_.Put(connection, profile, expected_version));
  ENERGY_RETURN_IF_ERROR(
      audit::Record(connection, clock_,
                    {before.ok() ? "profile.update" : "profile.create", "profile", stored.type,
                     before.ok() ? ToJson(*before) : base::Json(nullptr), ToJson(stored)}));
  return stored;
}

base::Result<Profile> DeviceService::CreateProfile(const Profile& profile) {
  ENERGY_RETURN_IF_ERROR(Validate(profile));
  std::lock_guard one_write(write_mutex_);
  ENERGY_ASSIGN_OR_RETURN(
      Profile stored, database_.Transaction([&](sql::Connection& c) -> base::Result<Profile> {
        if (profiles_.Get(c, profile.type).ok()) {
          return base::Conflict("there is a profile of that type: change it instead",
                                {{"type", "has a profile"}});
        }
        return PutIn(c, profile, std::nullopt);
      }));
  registry_.PutProfile(stored);
  return stored;
}

base::Status DeviceService::DeleteProfile(std::string_view type, std::optional<int64_t> version) {
  std::lock_guard one_write(write_mutex_);
  ENERGY_RETURN_IF_ERROR(database_.Transaction([&](sql::Connection& c) -> base::Status {
    ENERGY_ASSIGN_OR_RETURN(const Profile before, profiles_.Get(c, type));
    if (version.value_or(before.version) != before.version) {
      return base::StaleVersion("profile", before.version);
    }
    ENERGY_RETURN_IF_ERROR(profiles_.Delete(c, type));
    return audit::Record(c, clock_,
                         {"profile.delete", "profile", before.type, ToJson(before), nullptr});
  }));
  registry_.RemoveProfile(type);
  return {};
}

base::Result<Profile> DeviceService::PutProfile(const Profile& profile,
                                                std::optional<int64_t> expected_version) {
  ENERGY_RETURN_IF_ERROR(Validate(profile));
  std::lock_guard one_write(write_mutex_);
  ENERGY_ASSIGN_OR_RETURN(Profile stored, database_.Transaction([&](sql::Connection& c) {
    return PutIn(c, profile, expected_version);
  }));
  registry_.PutProfile(stored);
  return stored;
}

}  // namespace energy::devices
