#pragma once

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "alerts/event.h"

namespace energy::alerts {

/// Which changes a watcher wants.
struct LiveFilter {
  std::vector<rules::Severity> severities = {};  ///< of the alert as it is then; empty: all
  std::optional<std::string> device_id = {};
};

/// Gives each change of an alert to whoever watches, as JSON text made once and shared:
/// {"change": <action>, "event": {...}, "alert": {...}}.
///
/// Threads: safe anywhere. A watcher is called on the thread that made the change, and must
/// neither block nor call back. After a Watch is destroyed its watcher is not called again.
class LiveHub {
 public:
  using Watcher = std::function<void(const std::shared_ptr<const std::string>&)>;

  /// Ends the watch when destroyed.
  class Watch {
   public:
    Watch(LiveHub& hub, uint64_t id) : hub_(hub), id_(id) {}
    ~Watch() { hub_.Remove(id_); }
    Watch(const Watch&) = delete;
    Watch& operator=(const Watch&) = delete;

   private:
    LiveHub& hub_;
    const uint64_t id_;
  };

  std::unique_ptr<Watch> Add(LiveFilter filter, Watcher watcher);
  /// For AlertService::OnEvent.
  void OnEvent(const Alert& alert, const AlertEvent& event);

 private:
  struct Entry {
    LiveFilter filter;
    Watcher watcher;
  };

  void Remove(uint64_t id);

  std::mutex mutex_;
  std::map<uint64_t, Entry> watchers_;  // guarded by mutex_
  uint64_t next_id_ = 1;                // guarded by mutex_
};

}  // namespace energy::alerts
