#pragma once

#include <memory>
#include <mutex>
#include <queue>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/clock.h"
#include "base/metrics.h"
#include "devices/registry.h"
#include "rules/device_rules.h"
#include "rules/model.h"
#include "rules/transition.h"
#include "series/store.h"
#include "telemetry/model.h"

namespace energy::rules {

/// Evaluates the rules on committed batches. Episodes follow from the readings in the order of
/// their own time; what is due without a reading (durations, silence, the end of a schedule) runs
/// by the clock of their arrival, when Tick or the next reading comes. A batch without
/// `committed_at` is a replay: its readings arrive at their own time.
///
/// Threads: safe anywhere; a change of the rules waits for the batch under way. Transitions of
/// different calls must be applied in the order of the calls: hold Order over both. Readings of
/// devices without rules cost one array access, others one comparison a field unless something
/// changes; no allocation without a transition.
class Engine {
 public:
  Engine(series::Store& store, base::Metrics& metrics, const base::Clock& clock);

  /// To be held from a call that gives transitions until they are applied.
  std::unique_lock<std::mutex> Order() { return std::unique_lock(order_); }

  /// Puts these rules in the place of all earlier ones, for the devices that `devices` holds (null:
  /// those that rules name); rules that are not active count as gone. Episodes, durations and
  /// windows under way go on. Returns what the change did to episodes: those whose rule went or
  /// does not hold any more on the last values end.
  std::vector<Transition> SetRules(const std::vector<Rule>& rules,
                                   const devices::RegistrySnapshot* devices = nullptr);

  /// Continues an episode that was open when the program ended. False when its rule is not active
  /// or does not watch the device. `condition`: the one whose values the episode shows.
  bool Restore(const EpisodeKey& key, const Episode& episode, Severity severity,
               size_t condition = 0);

  /// Tells that readings up to `until` were evaluated for `key` before the program ended.
  void SetEvaluatedUntil(const EpisodeKey& key, base::Timestamp until);
  /// Replay looks at readings from `from` on for `key`; those before fill its windows.
  void SetReplayFrom(const EpisodeKey& key, base::Timestamp from);
  /// When `key` was last raised with a notification, for the cooldown.
  void SetLastRaised(const EpisodeKey& key, base::Timestamp at);

  /// Every rule with every device that it watches.
  std::vector<std::pair<std::shared_ptr<const Rule>, std::string>> Watching();
  /// After the replay of what was stored before the start: durations under way go on from now for
  /// timers, since nobody listened meanwhile.
  void BeginLive();

  /// Ends the episode of `key` that began at `started_at`, without a transition: a person resolved
  /// it. If the rule holds on the next reading, that begins a new episode.
  void Forget(const EpisodeKey& key, base::Timestamp started_at);

  /// Appends what `batch` changed, in order; for a rule that went on holding, one kUpdated a batch.
  void Evaluate(const telemetry::CommittedBatch& batch, std::vector<Transition>& out);

  /// The same for readings of one device in columns, as if each arrived at its time.
  void Replay(series::DeviceRef device, const series::Series& block, std::vector<Transition>& out);

  /// Appends what is due by `now` without readings. Cost: of the devices where something is.
  void Tick(base::Timestamp now, std::vector<Transition>& out);

 private:
  struct Due {
    int64_t deadline_ns;
    series::DeviceRef device;
    bool operator>(const Due& other) const { return deadline_ns > other.deadline_ns; }
  };
  struct Device {
    std::unique_ptr<DeviceRules> rules;
    int64_t scheduled_ns = kNever;  // the earliest entry of due_
    bool reporting = false;         // in reporting_
  };

  void PlaceLocked(const std::shared_ptr<Program>& program, const std::string& device_id,
                   std::unordered_map<EpisodeKey, Watch>& before, std::vector<Transition>& out);
  std::vector<std::string> DevicesOf(const Rule& rule,
                                     const devices::RegistrySnapshot* devices) const;
  DeviceRules* FindLocked(std::string_view device_id);
  void ScheduleLocked(series::DeviceRef device);
  void ReportLocked(std::vector<Transition>& out);

  series::Store& store_;
  const base::Clock& clock_;
  prometheus::Histogram& seconds_;
  prometheus::Counter& evaluations_;
  std::mutex order_;
  std::mutex mutex_;
  std::vector<Device> by_device_;             // guarded by mutex_; index: series::DeviceRef
  std::vector<series::DeviceRef> reporting_;  // guarded by mutex_; of the batch under way
  std::priority_queue<Due, std::vector<Due>, std::greater<>> due_;  // guarded by mutex_
};

}  // namespace energy::rules
