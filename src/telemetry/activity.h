#pragma once

#include <array>
#include <atomic>
#include <memory>
#include <mutex>
#include <vector>

#include "base/metrics.h"
#include "devices/last_seen.h"
#include "devices/registry.h"
#include "series/store.h"
#include "telemetry/device_ingest.h"
#include "telemetry/rate_meter.h"

namespace energy::telemetry {

/// What arrives: the rate, which devices report, when each was last seen, and how well each keeps
/// to what is expected of it.
///
/// Threads: OnBatch from the feed; the rest from anywhere. Nothing here is on the way to the
/// commit.
class Activity {
 public:
  /// A device that sent nothing for this long no longer counts as reporting.
  static constexpr std::chrono::seconds kReportingWindow{60};
  /// Devices with a counter of their own; the others share one, so that metrics stay bounded.
  static constexpr size_t kMaxLabelledDevices = 1000;
  /// Kinds of IngestCounts that are metrics of each device.
  static constexpr size_t kCountedKinds = 6;

  Activity(const series::Store& store, const devices::Registry& registry,
           devices::LastSeenTracker& last_seen, const base::Clock& clock, base::Metrics& metrics);

  void OnBatch(const CommittedBatch& batch);
  /// From now on readings of this device count as arrived at their own time, because they are
  /// written to look at and not sent; of none when empty.
  void SetHistoryOf(std::string device_id);
  /// Dead letters that are durable.
  void OnRejected(const std::vector<DeadLetter>& letters);

  uint64_t accepted_total() const { return accepted_.load(std::memory_order_relaxed); }
  /// Of all devices.
  IngestCounts Totals() const;
  /// Of one device; zeros when nothing came of it.
  DeviceIngest Of(std::string_view device_id) const;
  /// When something last came of a device, since the program started.
  struct LastArrival {
    std::chrono::steady_clock::time_point at;
    /// Mean time between arrivals; nothing before the fourth. An outage counts little.
    std::optional<std::chrono::nanoseconds> interval;
  };
  std::optional<LastArrival> LastArrivalOf(std::string_view device_id) const;
  double rate_per_s() const { return meter_.PerSecond(); }
  size_t DevicesReporting() const;

 private:
  struct Device {
    std::string name;
    std::string label;  // its name, or that of the others together
    prometheus::Counter* messages = nullptr;
    int64_t newest_in_batch = INT64_MIN;
    uint64_t in_batch = 0;
    IngestCounts exported;                                       // what the metrics have of it
    std::array<prometheus::Counter*, kCountedKinds> counters{};  // null until there is something
    std::chrono::steady_clock::time_point arrived;
    uint32_t steps = 0;                // between arrivals that `step` was learned from
    std::chrono::nanoseconds step{0};  // their mean, of the last ones mostly
    bool history = false;              // see SetHistoryOf
    uint64_t registry_version = UINT64_MAX;
    DeviceArrivals arrivals;
  };
  Device& DeviceOf(series::DeviceRef ref);
  void Refresh(Device& device) const;
  static void LearnStep(Device& device, std::chrono::steady_clock::time_point now);
  void Export(Device& device);
  /// How many times of readings each device may remember.
  size_t TimesKept() const;

  const series::Store& store_;
  const devices::Registry& registry_;
  devices::LastSeenTracker& last_seen_;
  const base::Clock& clock_;
  base::Metrics& metrics_;
  RateMeter meter_;
  std::atomic<uint64_t> accepted_ = 0;
  mutable std::mutex mutex_;
  std::vector<std::unique_ptr<Device>> devices_;  // guarded by mutex_; by series::DeviceRef
  size_t device_count_ = 0;                       // guarded by mutex_
  std::vector<Device*> touched_;                  // guarded by mutex_
  IngestCounts totals_;                           // guarded by mutex_
  std::string history_of_;                        // guarded by mutex_
};

}  // namespace energy::telemetry
