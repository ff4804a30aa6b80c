#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <unordered_map>

#include "base/clock.h"
#include "base/log.h"
#include "base/service.h"
#include "base/status.h"
#include "devices/device_repository.h"
#include "sql/database.h"

namespace energy::devices {

/// Collects when devices were last seen and writes that in one transaction every few seconds and at
/// Stop, so that no reading costs a SQL statement.
///
/// Threads: safe anywhere. Note costs a lock and a hash: call it per batch, with the newest reading
///   of each device. A failed write is tried again with the next one.
class LastSeenTracker final : public base::Service {
 public:
  LastSeenTracker(sql::Database& database, const base::Clock& clock, base::Logger logger,
                  std::chrono::milliseconds interval = std::chrono::seconds(5),
                  size_t max_devices = 200'000);
  ~LastSeenTracker() override;

  std::string_view name() const override { return "last-seen"; }
  base::Status Start() override;
  void Stop() override;

  /// `time`: of the reading or of its arrival. Older than what is known is ignored; a device beyond
  /// the bound on unwritten ones is too, until the next write.
  void Note(std::string_view device_id, base::Timestamp time);

  /// What is not yet written of a device.
  std::optional<base::Timestamp> Pending(std::string_view device_id) const;

  /// Grows with each write, before Pending forgets what was written.
  uint64_t writes() const { return writes_.load(std::memory_order_acquire); }

  /// Writes now. Errors: kUnavailable and the like; nothing is forgotten.
  base::Status Flush();

 private:
  struct Hash : std::hash<std::string_view> {
    using is_transparent = void;
  };
  using Times = std::unordered_map<std::string, base::Timestamp, Hash, std::equal_to<>>;

  void Run(const std::stop_token& stop);

  sql::Database& database_;
  const DeviceRepository devices_;
  base::Logger logger_;
  const std::chrono::milliseconds interval_;
  const size_t max_devices_;
  std::atomic<uint64_t> writes_ = 0;
  std::mutex flush_mutex_;  // one write at a time
  mutable std::mutex mutex_;
  Times pending_;  // guarded by mutex_
  Times writing_;  // guarded by mutex_; what Flush is writing
  std::condition_variable_any wake_;
  std::jthread thread_;
};

}  // namespace energy::devices
