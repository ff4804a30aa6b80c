#include "telemetry/activity.h"

namespace energy::telemetry {

Activity::Activity(const series::Store& store, devices::LastSeenTracker& last_seen,
                   const base::Clock& clock, base::Metrics& metrics)
    : store_(store), last_seen_(last_seen), clock_(clock), metrics_(metrics), meter_(clock) {}

Activity::Device& Activity::DeviceOf(series::DeviceRef ref) {
  const auto [found, created] = devices_.try_emplace(ref);
  Device& device = found->second;
  if (!created) return device;
  device.name = store_.DeviceName(ref);
  const std::string label = devices_.size() <= kMaxLabelledDevices ? device.name : "other";
  device.messages = &metrics_.Counter("telemetry_messages_total", "Readings stored, by device.",
                                      {{"device_id", label}});
  return device;
}

void Activity::OnBatch(const CommittedBatch& batch) {
  std::lock_guard lock(mutex_);
  for (const series::Row& row : batch.readings.rows) {
    Device& device = DeviceOf(row.device);
    if (device.in_batch++ == 0) touched_.push_back(&device);
    device.newest_ns = std::max(device.newest_ns, row.time_ns);
  }
  const auto now = clock_.Steady();
  for (Device* device : touched_) {
    device->messages->Increment(static_cast<double>(device->in_batch));
    device->in_batch = 0;
    device->arrived = now;
    last_seen_.Note(device->name, base::Timestamp(std::chrono::nanoseconds(device->newest_ns)));
  }
  touched_.clear();
  meter_.Add(batch.readings.rows.size());
  accepted_.fetch_add(batch.readings.rows.size(), std::memory_order_relaxed);
}

size_t Activity::DevicesReporting() const {
  const auto since = clock_.Steady() - kReportingWindow;
  std::lock_guard lock(mutex_);
  size_t count = 0;
  for (const auto& [ref, device] : devices_) count += device.arrived >= since ? 1 : 0;
  return count;
}

}  // namespace energy::telemetry
