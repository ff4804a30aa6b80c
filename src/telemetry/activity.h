#pragma once

#include <atomic>
#include <mutex>
#include <unordered_map>
#include <vector>

#include "base/metrics.h"
#include "devices/last_seen.h"
#include "series/store.h"
#include "telemetry/model.h"
#include "telemetry/rate_meter.h"

namespace energy::telemetry {

/// What arrives: the rate, which devices report, and when each was last seen.
///
/// Threads: OnBatch from the feed; the rest from anywhere.
class Activity {
 public:
  /// A device that sent nothing for this long no longer counts as reporting.
  static constexpr std::chrono::seconds kReportingWindow{60};
  /// Devices with a counter of their own; the others share one, so that metrics stay bounded.
  static constexpr size_t kMaxLabelledDevices = 1000;

  Activity(const series::Store& store, devices::LastSeenTracker& last_seen,
           const base::Clock& clock, base::Metrics& metrics);

  void OnBatch(const CommittedBatch& batch);

  uint64_t accepted_total() const { return accepted_.load(std::memory_order_relaxed); }
  double rate_per_s() const { return meter_.PerSecond(); }
  size_t DevicesReporting() const;

 private:
  struct Device {
    std::string name;
    prometheus::Counter* messages = nullptr;
    int64_t newest_ns = INT64_MIN;
    uint64_t in_batch = 0;
    std::chrono::steady_clock::time_point arrived;
  };

  Device& DeviceOf(series::DeviceRef ref);

  const series::Store& store_;
  devices::LastSeenTracker& last_seen_;
  const base::Clock& clock_;
  base::Metrics& metrics_;
  RateMeter meter_;
  std::atomic<uint64_t> accepted_ = 0;
  mutable std::mutex mutex_;
  std::unordered_map<series::DeviceRef, Device> devices_;  // guarded by mutex_
  std::vector<Device*> touched_;                           // guarded by mutex_
};

}  // namespace energy::telemetry
