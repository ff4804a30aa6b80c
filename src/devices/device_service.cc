#include "devices/device_service.h"

#include "devices/validation.h"

namespace energy::devices {

DeviceService::DeviceService(sql::Database& database, const base::Clock& clock, Registry& registry,
                             const LastSeenTracker* last_seen)
    : database_(database),
      registry_(registry),
      last_seen_(last_seen),
      devices_(clock),
      profiles_(clock) {}

base::Status DeviceService::Load() {
  std::lock_guard one_write(write_mutex_);
  std::vector<Device> devices;
  std::vector<Profile> profiles;
  ENERGY_RETURN_IF_ERROR(database_.Transaction([&](sql::Connection& c) -> base::Status {
    ENERGY_RETURN_IF_ERROR(profiles_.Seed(c));
    ENERGY_ASSIGN_OR_RETURN(devices, devices_.All(c));
    ENERGY_ASSIGN_OR_RETURN(profiles, profiles_.All(c));
    return {};
  }));
  registry_.Load(devices, profiles);
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

base::Result<Device> DeviceService::Create(const NewDevice& device) {
  ENERGY_RETURN_IF_ERROR(Validate(device));
  std::lock_guard one_write(write_mutex_);
  ENERGY_ASSIGN_OR_RETURN(Device created, database_.Transaction([&](sql::Connection& c) {
    return devices_.Create(c, device);
  }));
  registry_.PutDevice(created);
  return created;
}

base::Result<Device> DeviceService::Update(std::string_view id, const DevicePatch& patch) {
  ENERGY_RETURN_IF_ERROR(Validate(patch));
  std::lock_guard one_write(write_mutex_);
  ENERGY_ASSIGN_OR_RETURN(Device updated, database_.Transaction([&](sql::Connection& c) {
    return devices_.Update(c, id, patch);
  }));
  registry_.PutDevice(updated);
  return WithLastSeen(std::move(updated));
}

void DeviceService::OnDeleted(std::function<void(std::string_view)> deleted) {
  deleted_.push_back(std::move(deleted));
}

base::Status DeviceService::Delete(std::string_view id) {
  {
    std::lock_guard one_write(write_mutex_);
    ENERGY_RETURN_IF_ERROR(
        database_.Transaction([&](sql::Connection& c) { return devices_.Delete(c, id); }));
    registry_.RemoveDevice(id);
  }
  for (const auto& deleted : deleted_) deleted(id);
  return {};
}

base::Result<sql::Listing<Profile>> DeviceService::ListProfiles(sql::Page page) {
  return database_.Read([&](sql::Connection& c) { return profiles_.List(c, page); });
}

base::Result<Profile> DeviceService::GetProfile(std::string_view type) {
  return database_.Read([&](sql::Connection& c) { return profiles_.Get(c, type); });
}

base::Result<Profile> DeviceService::PutProfile(const Profile& profile,
                                                std::optional<int64_t> expected_version) {
  ENERGY_RETURN_IF_ERROR(Validate(profile));
  std::lock_guard one_write(write_mutex_);
  ENERGY_ASSIGN_OR_RETURN(Profile stored, database_.Transaction([&](sql::Connection& c) {
    return profiles_.Put(c, profile, expected_version);
  }));
  registry_.PutProfile(stored);
  return stored;
}

}  // namespace energy::devices
