#include "devices/device_cache.h"

#include <utility>

#include "devices/device_json.h"

namespace energy::devices {

std::shared_ptr<const DeviceView> DeviceCache::View(Device device) {
  auto view = std::make_shared<DeviceView>();
  view->json = ToJson(device).dump(-1, ' ', false, base::Json::error_handler_t::replace);
  view->device = std::move(device);
  return view;
}

std::shared_ptr<const DeviceView> DeviceCache::Find(std::string_view id, Time now,
                                                    std::optional<base::Timestamp> last_seen) {
  std::lock_guard lock(mutex_);
  const auto found = entries_.find(id);
  if (found == entries_.end()) return nullptr;
  const Entry& entry = found->second;
  if (max_age_ && now - entry.read_at > *max_age_) {
    Drop(id);
    return nullptr;
  }
  const Device& device = entry.view->device;
  if (!last_seen || (device.last_seen && *device.last_seen >= *last_seen)) return entry.view;
  Device seen = device;
  seen.last_seen = last_seen;
  auto view = View(std::move(seen));
  Store(view, entry.read_at);
  return view;
}

std::shared_ptr<const DeviceView> DeviceCache::Fill(Device device, Time now, uint64_t generation) {
  std::shared_ptr<const DeviceView> view = View(std::move(device));
  std::lock_guard lock(mutex_);
  if (generation == Generation()) Store(view, now);
  return view;
}

void DeviceCache::Forget(const std::vector<std::string_view>& ids) {
  std::lock_guard lock(mutex_);
  generation_.fetch_add(1, std::memory_order_acq_rel);
  for (const std::string_view id : ids) Drop(id);
}

void DeviceCache::Store(const std::shared_ptr<const DeviceView>& view, Time read_at) {
  Drop(view->device.id);
  const size_t bytes = view->json.size();
  if (bytes > max_bytes_) return;
  if (bytes_ + bytes > max_bytes_) {
    entries_.clear();
    bytes_ = 0;
  }
  entries_.emplace(view->device.id, Entry{view, read_at});
  bytes_ += bytes;
}

void DeviceCache::Drop(std::string_view id) {
  const auto found = entries_.find(id);
  if (found == entries_.end()) return;
  bytes_ -= found->second.view->json.size();
  entries_.erase(found);
}

}  // namespace energy::devices
