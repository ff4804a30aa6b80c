#pragma once

#include <condition_variable>
#include <mutex>
#include <string>
#include <thread>
#include <unordered_map>

#include "base/log.h"
#include "base/service.h"
#include "devices/device_service.h"
#include "health/health.h"

namespace energy::health {

/// Sets what follows from a device's silence or readings: its status every second, its stored
/// health score every five minutes or sooner; and finishes deletions of telemetry that an outage
/// of the store left to do.
///
/// Threads: CheckStatuses and RefreshHealth from one thread at a time: the service's own, or a
/// test's without Start.
class DeviceMonitor final : public base::Service {
 public:
  /// A device that missed so many intervals is inactive.
  static constexpr int kMissedIntervals = 3;

  DeviceMonitor(devices::DeviceService& devices, const devices::Registry& registry,
                const telemetry::Activity& activity, HealthService& health,
                const base::Clock& clock, base::Logger logger);
  ~DeviceMonitor() override;

  std::string_view name() const override { return "device monitor"; }
  base::Status Start() override;
  void Stop() override;

  /// active to inactive and back, as of now. Errors: those of SQL; nothing is changed then.
  base::Status CheckStatuses();
  /// Computes and stores the scores of the next `most` devices, in turn.
  /// Errors: those of store and SQL.
  base::Status RefreshHealth(size_t most);

 private:
  void Run(const std::stop_token& stop);
  devices::DeviceStatus Wanted(const devices::RegisteredDevice& device) const;

  devices::DeviceService& devices_;
  const devices::Registry& registry_;
  const telemetry::Activity& activity_;
  HealthService& health_;
  const base::Clock& clock_;
  const base::Logger logger_;
  const std::chrono::steady_clock::time_point started_;
  std::vector<std::string> turn_;  // devices whose health is still to come in this round
  std::unordered_map<std::string, std::optional<double>> stored_;  // scores, as last written
  std::mutex mutex_;
  std::condition_variable_any wake_;
  std::jthread thread_;
};

}  // namespace energy::health
