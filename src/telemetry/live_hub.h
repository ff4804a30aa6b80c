#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>
#include <vector>

#include "series/store.h"
#include "telemetry/model.h"

namespace energy::telemetry {

/// Gives each committed reading of a device to whoever watches that device, as JSON text made once
/// and shared (decision 7).
///
/// Threads: Watch from anywhere; OnBatch from the feed. A watcher is called on the feed's thread
/// and must not block. After a Watch is destroyed its watcher is not called again.
class LiveHub {
 public:
  using Watcher = std::function<void(const std::shared_ptr<const std::string>&)>;

  /// Ends the watch when destroyed.
  class Watch {
   public:
    Watch(LiveHub& hub, series::DeviceRef device, uint64_t id)
        : hub_(hub), device_(device), id_(id) {}
    ~Watch() { hub_.Remove(device_, id_); }
    Watch(const Watch&) = delete;
    Watch& operator=(const Watch&) = delete;

   private:
    LiveHub& hub_;
    const series::DeviceRef device_;
    const uint64_t id_;
  };

  explicit LiveHub(const series::Store& store) : store_(store) {}

  std::unique_ptr<Watch> Add(series::DeviceRef device, Watcher watcher);
  void OnBatch(const CommittedBatch& batch);

  /// The newest reading of `device` as JSON, or null when there is none.
  std::shared_ptr<const std::string> LatestJson(series::DeviceRef device) const;

 private:
  struct Entry {
    uint64_t id;
    Watcher watcher;
  };

  void Remove(series::DeviceRef device, uint64_t id);
  std::shared_ptr<const std::string> ToJson(series::DeviceRef device, int64_t time_ns,
                                            std::span<const series::FieldRef> fields,
                                            std::span<const double> values) const;

  const series::Store& store_;
  std::mutex mutex_;
  std::unordered_map<series::DeviceRef, std::vector<Entry>> watchers_;  // guarded by mutex_
  uint64_t next_id_ = 1;                                                // guarded by mutex_
};

}  // namespace energy::telemetry
