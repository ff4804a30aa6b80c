#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/metrics.h"
#include "base/status.h"
#include "rules/model.h"
#include "series/store.h"
#include "telemetry/model.h"

namespace energy::rules {

/// One time that a rule held on its device, from the reading that began it (decision 16).
struct Episode {
  bool suppressed = false;  ///< began within the cooldown: notifies nobody
  base::Timestamp started_at;
  base::Timestamp last_at;
  double first_value = 0;
  double latest_value = 0;
  double worst_value = 0;
  uint64_t count = 0;  ///< readings on which the rule held
};

/// What happened to an episode. Escalated: it goes on at another severity than before.
enum class Change { kRaised, kUpdated, kEscalated, kCleared };

struct Transition {
  Change change = Change::kRaised;
  std::shared_ptr<const Rule> rule;
  std::string device_id;
  Severity severity = Severity::kMedium;  ///< of the level that the episode has reached
  double threshold = 0;                   ///< of that level
  Episode episode;
  base::Timestamp at;  ///< of the reading that made the change

  EpisodeKey key() const { return {rule->id, device_id}; }
};

/// Evaluates threshold rules on committed batches. Time is the readings' time, so the outcome
/// depends on the readings alone; a reading not newer than the last one evaluated for a rule is
/// passed over: a redelivered or late reading neither raises nor clears.
///
/// Threads: safe anywhere; a change of the rules waits for the batch under way. Readings of devices
/// without rules cost one array access, a condition about 5 ns; no allocation without a transition.
class Engine {
 public:
  Engine(series::Store& store, base::Metrics& metrics);

  /// Puts these rules in the place of all earlier ones; rules that are not active count as gone. A
  /// rule that is still there keeps its episode. Returns the episodes that ended because their rule
  /// went or changed what it watches.
  std::vector<Transition> SetRules(const std::vector<Rule>& rules);

  /// Continues an episode that was open when the program ended. False when its rule is not
  /// active or does not watch the device.
  bool Restore(const EpisodeKey& key, const Episode& episode, Severity severity);

  /// Tells that readings up to `until` were evaluated for `key` before the program ended.
  void SetEvaluatedUntil(const EpisodeKey& key, base::Timestamp until);

  /// Ends the episode of `key` without a transition: a person resolved it. If the rule holds on the
  /// next reading, that begins a new episode.
  void Forget(const EpisodeKey& key);

  /// Appends what `batch` changed, in order; for a rule that went on holding, one kUpdated a batch.
  void Evaluate(const telemetry::CommittedBatch& batch, std::vector<Transition>& out);

 private:
  struct Compiled {
    std::shared_ptr<const Rule> rule;
    series::FieldRef field = 0;
    int64_t evaluated_until_ns = INT64_MIN;
    std::optional<base::Timestamp> last_raised;
    bool firing = false;
    bool touched = false;  // has an update to report in this batch
    Episode episode;
  };

  void EvaluateRow(Compiled& compiled, int64_t time_ns, double value, std::vector<Transition>& out);
  Compiled* FindLocked(const EpisodeKey& key);
  static Transition Describe(Change change, const Compiled& compiled, base::Timestamp at);

  series::Store& store_;
  prometheus::Histogram& seconds_;
  prometheus::Counter& evaluations_;
  std::mutex mutex_;
  std::vector<std::vector<Compiled>> by_device_;  // guarded by mutex_; index: series::DeviceRef
  std::vector<Compiled*> touched_;                // guarded by mutex_; of the batch under way
};

}  // namespace energy::rules
