#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

#include "base/clock.h"

/// What the writer and the reader of stored records agree on: docs/formats/mqtt-sessions.md.
namespace energy::mqtt::record {

/// On disk: never renumber.
enum class Kind : uint8_t {
  kSessionBegun = 1,
  kSessionResumed = 2,
  kSessionLeft = 3,
  kSessionEnded = 4,
  kSubscribed = 5,
  kUnsubscribed = 6,
  kMessageQueued = 7,
  kMessageFinished = 8,
  kRetainedSet = 9,
  kWillDelayed = 10,
  kWillPublished = 11,
};

inline constexpr size_t kHeaderBytes = 8;  ///< length, checksum

// Bits of a target, a subscription and a will.
inline constexpr unsigned kQosBit = 1;
inline constexpr unsigned kRetainBit = 2;
inline constexpr unsigned kSentBit = 4;
inline constexpr unsigned kNoLocalBit = 2;
inline constexpr unsigned kAsPublishedBit = 4;

inline int64_t WallMilliseconds(base::Timestamp time) {
  return std::chrono::floor<std::chrono::milliseconds>(time.time_since_epoch()).count();
}

}  // namespace energy::mqtt::record
