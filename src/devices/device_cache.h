#pragma once

#include <atomic>
#include <chrono>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "devices/model.h"

namespace energy::devices {

/// A device and how the API shows it.
struct DeviceView {
  Device device;
  std::string json;  ///< ToJson(device), as text
};

/// Devices that were asked for, so that asking again costs no SQL. Bounded: when it is full it is
/// emptied. Who writes to the table forgets what it wrote, after the commit; who fills it says what
/// Generation was before the row was read, so that a row read before a write never stays.
///
/// Threads: safe anywhere; a lock and a hash.
class DeviceCache {
 public:
  using Time = std::chrono::steady_clock::time_point;

  /// `max_age`: entries that are older count as absent, for tables that other processes write to
  /// as well; nothing: they stay until they are forgotten. `max_bytes`: of `json` in all.
  explicit DeviceCache(std::optional<std::chrono::milliseconds> max_age, size_t max_bytes = 8 << 20)
      : max_age_(max_age), max_bytes_(max_bytes) {}

  /// Null when it is not known. `last_seen`: when the device was seen as far as that is newer than
  /// what is stored; what is found says so from then on.
  std::shared_ptr<const DeviceView> Find(std::string_view id, Time now,
                                         std::optional<base::Timestamp> last_seen);

  uint64_t Generation() const { return generation_.load(std::memory_order_acquire); }
  /// Keeps what was read from the table after `generation` was asked for, unless something was
  /// forgotten meanwhile.
  std::shared_ptr<const DeviceView> Fill(Device device, Time now, uint64_t generation);

  void Forget(std::string_view id) { Forget(std::vector{id}); }
  void Forget(const std::vector<std::string_view>& ids);

  static std::shared_ptr<const DeviceView> View(Device device);

 private:
  struct Hash : std::hash<std::string_view> {
    using is_transparent = void;
  };
  struct Entry {
    std::shared_ptr<const DeviceView> view;
    Time read_at;
  };
  void Store(const std::shared_ptr<const DeviceView>& view, Time read_at);
  void Drop(std::string_view id);

  const std::optional<std::chrono::milliseconds> max_age_;
  const size_t max_bytes_;
  std::atomic<uint64_t> generation_{0};
  std::mutex mutex_;
  std::unordered_map<std::string, Entry, Hash, std::equal_to<>> entries_;  // guarded by mutex_
  size_t bytes_ = 0;                                                       // guarded by mutex_
};

}  // namespace energy::devices
