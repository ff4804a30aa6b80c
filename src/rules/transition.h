#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "base/clock.h"
#include "rules/model.h"

namespace energy::rules {

/// One time that a rule held on a device (decision 16).
struct Episode {
  bool suppressed = false;  ///< began within the cooldown: notifies nobody
  /// When the rule had held for its `for`; without one, the reading that began it.
  base::Timestamp started_at;
  base::Timestamp last_at;  ///< of the last reading on which the rule held
  double first_value = 0;   ///< when it was raised
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
  base::Timestamp at;    ///< of the change
  size_t condition = 0;  ///< of the rule: the one whose values the episode shows

  EpisodeKey key() const { return {rule->id, device_id}; }
};

}  // namespace energy::rules
