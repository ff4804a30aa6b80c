#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "devices/model.h"

namespace energy::devices {

/// What is known of a device without asking SQL: for ingest, rules and queries.
struct RegisteredDevice {
  std::string id;
  std::string name;
  std::string type;
  std::shared_ptr<const Profile> profile;  ///< null when the type has none
  DeviceStatus status = DeviceStatus::kActive;
  std::chrono::milliseconds interval = kDefaultInterval;  ///< between readings
  bool interval_given = false;                            ///< in its metadata
  base::Timestamp created_at;
  Tags tags;
};

/// All registered devices and profiles at one moment.
///
/// Threads: immutable. Find costs one hash and no allocation.
class RegistrySnapshot {
 public:
  /// Null when there is no such device. Valid as long as the snapshot.
  const RegisteredDevice* Find(std::string_view id) const;
  std::shared_ptr<const Profile> FindProfile(std::string_view type) const;
  /// In no order.
  template <class F>
  void ForEach(F f) const {
    for (const auto& [id, device] : devices_) f(*device);
  }
  size_t size() const { return devices_.size(); }

 private:
  friend class Registry;
  struct Hash : std::hash<std::string_view> {
    using is_transparent = void;
  };
  template <class T>
  using ByName = std::unordered_map<std::string, std::shared_ptr<const T>, Hash, std::equal_to<>>;

  ByName<RegisteredDevice> devices_;
  ByName<Profile> profiles_;
};

/// Devices and profiles in memory, for the paths that may not ask SQL. DeviceService keeps it in
/// step with the database.
///
/// Threads: safe anywhere. A change copies the table of pointers (about 50 ms for 100,000 devices)
///   and calls the subscribers before it returns, one change at a time, in order.
class Registry {
 public:
  using Callback = std::function<void(const std::shared_ptr<const RegistrySnapshot>&)>;

  /// Stops the callbacks at its end; waits for a running one. Must not outlive the Registry.
  class Subscription {
   public:
    Subscription() = default;
    Subscription(Registry* registry, uint64_t id) : registry_(registry), id_(id) {}
    Subscription(Subscription&& other) noexcept;
    Subscription& operator=(Subscription&& other) noexcept;
    ~Subscription();

   private:
    Registry* registry_ = nullptr;
    uint64_t id_ = 0;
  };

  Registry();

  /// The present state. Cost: one lock and a reference count; keep it for a batch.
  std::shared_ptr<const RegistrySnapshot> Snapshot() const;

  /// One device, kept alive by the result; null when there is none.
  std::shared_ptr<const RegisteredDevice> Find(std::string_view id) const;

  /// Grows with each change: a reader that holds a snapshot sees at the cost of one load whether it
  /// is still the present one.
  uint64_t version() const { return version_.load(std::memory_order_acquire); }

  /// `callback` runs after each change, on the thread that made it, with the new state. It may not
  /// change the registry or subscriptions. It is not called for the state at subscription.
  [[nodiscard]] Subscription Subscribe(Callback callback);

  /// Replaces everything.
  void Load(const std::vector<Device>& devices, const std::vector<Profile>& profiles);
  void PutDevice(const Device& device);
  /// Many at the cost of one change.
  void PutDevices(const std::vector<Device>& devices);
  void RemoveDevice(std::string_view id);
  /// Puts and removes many at the cost of one change.
  void ChangeDevices(const std::vector<Device>& put, const std::vector<std::string>& removed);
  /// Those that are registered, at the cost of one change.
  void SetStatuses(const std::vector<std::pair<std::string, DeviceStatus>>& statuses);
  /// Also gives the profile to the devices of its type.
  void PutProfile(const Profile& profile);
  /// Also takes it from the devices of its type.
  void RemoveProfile(std::string_view type);

 private:
  static std::shared_ptr<const RegisteredDevice> Compile(const RegistrySnapshot& snapshot,
                                                         const Device& device);
  static void GiveProfile(RegistrySnapshot& snapshot, std::string_view type,
                          const std::shared_ptr<const Profile>& profile);
  void Unsubscribe(uint64_t id);
  void Publish(std::shared_ptr<RegistrySnapshot> next);

  std::mutex change_mutex_;  // one change at a time, callbacks included
  std::vector<std::pair<uint64_t, Callback>> callbacks_;  // guarded by change_mutex_
  uint64_t next_subscription_ = 1;                        // guarded by change_mutex_
  mutable std::mutex mutex_;
  std::shared_ptr<const RegistrySnapshot> snapshot_;  // guarded by mutex_
  std::atomic<uint64_t> version_{0};
};

}  // namespace energy::devices
