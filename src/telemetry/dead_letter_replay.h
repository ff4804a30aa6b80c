#pragma once

#include "telemetry/dead_letter_repository.h"
#include "telemetry/lane_pool.h"

namespace energy::telemetry {

/// What became of the letters of a replay.
struct ReplayReport {
  size_t letters = 0;   ///< looked at
  size_t replayed = 0;  ///< of these: all their readings are stored, and they are gone
  size_t refused = 0;   ///< of these: still refused, at least in part; they stay with what is left
  size_t readings = 0;  ///< stored
  bool more = false;    ///< letters that match were left over: call again
};

/// Sends dead letters through the pipeline again, after a profile was corrected or a device was
/// registered, say (decision 13). A letter goes when its readings are durable; what is refused
/// again stays, with the present reason. A crash in between replays it twice, which the identity of
/// readings makes harmless.
///
/// Threads: safe anywhere; blocks on SQL and on commits.
class DeadLetterReplay {
 public:
  /// The most letters of one call.
  static constexpr size_t kMostLetters = 10'000;

  DeadLetterReplay(DeadLetterRepository& letters, LanePool& lanes)
      : letters_(letters), lanes_(lanes) {}

  /// Errors: kNotFound; kUnavailable when the pipeline takes nothing now.
  base::Result<ReplayReport> One(std::string_view id);
  /// The oldest first. Errors: kUnavailable; what was replayed until then is gone.
  base::Result<ReplayReport> Matching(const DeadLetterFilter& filter);

 private:
  base::Status Replay(std::vector<StoredDeadLetter>& letters, ReplayReport& report);

  DeadLetterRepository& letters_;
  LanePool& lanes_;
};

}  // namespace energy::telemetry
