#pragma once

#include <array>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "series/store.h"

namespace energy::telemetry {

/// Why a message became a dead letter (decision 13). On disk and in the API as text: never rename.
enum class RejectReason { kParseError, kValidationError, kUnknownDevice, kWriteError };

std::string_view ReasonName(RejectReason reason);
inline constexpr std::array kRejectReasons{RejectReason::kParseError,
                                           RejectReason::kValidationError,
                                           RejectReason::kUnknownDevice, RejectReason::kWriteError};

/// Why a reading was refused.
struct Rejection {
  RejectReason reason = RejectReason::kParseError;
  std::string detail;
};

/// A message that was not stored as telemetry, as it came.
struct DeadLetter {
  std::string device_id;  ///< from the topic; empty when the topic names none
  std::string topic;
  std::string payload;
  RejectReason reason = RejectReason::kParseError;
  std::string detail;  ///< which field, what is wrong, what would be right
  base::Timestamp received_at;
  size_t readings = 1;  ///< refused ones that the payload holds; for counting, not stored
};

/// Readings on their way, with what their payloads say beside the values, which is not stored.
struct Readings : series::Batch {
  struct Sequence {
    uint32_t row;
    uint64_t number;
  };
  std::vector<Sequence> sequences;  ///< of the rows that carry one, ascending

  void Clear() {
    series::Batch::Clear();
    sequences.clear();
  }
};

/// One group commit: readings that are durable, in the order in which they were committed.
/// Everything behind the commit sees these, never single readings.
struct CommittedBatch {
  Readings readings;
  base::Timestamp committed_at;
};
using CommittedBatchPtr = std::shared_ptr<const CommittedBatch>;

}  // namespace energy::telemetry
