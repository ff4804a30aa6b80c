#include "devices/registry.h"

#include <utility>

namespace energy::devices {

const RegisteredDevice* RegistrySnapshot::Find(std::string_view id) const {
  const auto found = devices_.find(id);
  return found == devices_.end() ? nullptr : found->second.get();
}

std::shared_ptr<const Profile> RegistrySnapshot::FindProfile(std::string_view type) const {
  const auto found = profiles_.find(type);
  return found == profiles_.end() ? nullptr : found->second;
}

Registry::Subscription::Subscription(Subscription&& other) noexcept
    : registry_(std::exchange(other.registry_, nullptr)), id_(other.id_) {}

Registry::Subscription& Registry::Subscription::operator=(Subscription&& other) noexcept {
  std::swap(registry_, other.registry_);
  std::swap(id_, other.id_);
  return *this;
}

Registry::Subscription::~Subscription() {
  if (registry_ != nullptr) registry_->Unsubscribe(id_);
}

Registry::Registry() : snapshot_(std::make_shared<const RegistrySnapshot>()) {}

std::shared_ptr<const RegistrySnapshot> Registry::Snapshot() const {
  std::lock_guard lock(mutex_);
  return snapshot_;
}

std::shared_ptr<const RegisteredDevice> Registry::Find(std::string_view id) const {
  const std::shared_ptr<const RegistrySnapshot> snapshot = Snapshot();
  const auto found = snapshot->devices_.find(id);
  return found == snapshot->devices_.end() ? nullptr : found->second;
}

Registry::Subscription Registry::Subscribe(Callback callback) {
  std::lock_guard one_change(change_mutex_);
  const uint64_t id = next_subscription_++;
  callbacks_.emplace_back(id, std::move(callback));
  return {this, id};
}

void Registry::Unsubscribe(uint64_t id) {
  std::lock_guard one_change(change_mutex_);
  std::erase_if(callbacks_, [id](const auto& entry) { return entry.first == id; });
}

std::shared_ptr<const RegisteredDevice> Registry::Compile(const RegistrySnapshot& snapshot,
                                                          const Device& device) {
  auto registered = std::make_shared<RegisteredDevice>();
  registered->id = device.id;
  registered->name = device.name;
  registered->type = device.type;
  registered->profile = snapshot.FindProfile(device.type);
  registered->status = device.status;
  registered->interval = ReportingInterval(device.metadata);
  registered->interval_given = GivenInterval(device.metadata).has_value();
  registered->created_at = device.created_at;
  registered->tags = TagsOf(device.metadata);
  return registered;
}

void Registry::Load(const std::vector<Device>& devices, const std::vector<Profile>& profiles) {
  std::lock_guard one_change(change_mutex_);
  auto next = std::make_shared<RegistrySnapshot>();
  for (const Profile& profile : profiles) {
    next->profiles_.insert_or_assign(profile.type, std::make_shared<const Profile>(profile));
  }
  for (const Device& device : devices) {
    next->devices_.insert_or_assign(device.id, Compile(*next, device));
  }
  Publish(std::move(next));
}

void Registry::PutDevice(const Device& device) { PutDevices({device}); }

void Registry::PutDevices(const std::vector<Device>& devices) { ChangeDevices(devices, {}); }

void Registry::RemoveDevice(std::string_view id) { ChangeDevices({}, {std::string(id)}); }

void Registry::ChangeDevices(const std::vector<Device>& put,
                             const std::vector<std::string>& removed) {
  if (put.empty() && removed.empty()) return;
  std::lock_guard one_change(change_mutex_);
  auto next = std::make_shared<RegistrySnapshot>(*Snapshot());
  for (const Device& device : put) {
    next->devices_.insert_or_assign(device.id, Compile(*next, device));
  }
  for (const std::string& id : removed) next->devices_.erase(id);
  Publish(std::move(next));
}

void Registry::SetStatuses(const std::vector<std::pair<std::string, DeviceStatus>>& statuses) {
  if (statuses.empty()) return;
  std::lock_guard one_change(change_mutex_);
  auto next = std::make_shared<RegistrySnapshot>(*Snapshot());
  for (const auto& [id, status] : statuses) {
    const auto found = next->devices_.find(id);
    if (found == next->devices_.end()) continue;
    auto changed = std::make_shared<RegisteredDevice>(*found->second);
    changed->status = status;
    found->second = std::move(changed);
  }
  Publish(std::move(next));
}

void Registry::GiveProfile(RegistrySnapshot& snapshot, std::string_view type,
                           const std::shared_ptr<const Profile>& profile) {
  for (auto& [id, device] : snapshot.devices_) {
    if (device->type != type) continue;
    auto changed = std::make_shared<RegisteredDevice>(*device);
    changed->profile = profile;
    device = std::move(changed);
  }
}

void Registry::PutProfile(const Profile& profile) {
  std::lock_guard one_change(change_mutex_);
  auto next = std::make_shared<RegistrySnapshot>(*Snapshot());
  const auto shared = std::make_shared<const Profile>(profile);
  next->profiles_.insert_or_assign(profile.type, shared);
  GiveProfile(*next, profile.type, shared);
  Publish(std::move(next));
}

void Registry::RemoveProfile(std::string_view type) {
  std::lock_guard one_change(change_mutex_);
  auto next = std::make_shared<RegistrySnapshot>(*Snapshot());
  next->profiles_.erase(std::string(type));
  GiveProfile(*next, type, nullptr);
  Publish(std::move(next));
}

void Registry::Publish(std::shared_ptr<RegistrySnapshot> next) {
  const std::shared_ptr<const RegistrySnapshot> published = std::move(next);
  {
    std::lock_guard lock(mutex_);
    snapshot_ = published;
  }
  version_.fetch_add(1, std::memory_order_release);
  for (const auto& [id, callback] : callbacks_) callback(published);
}

}  // namespace energy::devices
