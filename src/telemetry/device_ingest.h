#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "telemetry/model.h"
#include "telemetry/recent_times.h"

namespace energy::telemetry {

/// Counts of what arrived, of one device or of all, since the program started.
struct IngestCounts {
  uint64_t received = 0;      ///< readings stored, duplicates too
  uint64_t duplicates = 0;    ///< at the time of one of the device's last readings (RecentTimes)
  uint64_t out_of_order = 0;  ///< older than the newest one of the device, and no duplicate
  /// Arrived later than their timestamp by three reporting intervals, a minute at the least.
  uint64_t late = 0;
  uint64_t flagged = 0;  ///< with a value outside its nominal range (decision 9)
  /// Steps in the sequence of the device's readings; of one that numbers none, steps in time of
  /// over 1.5 reporting intervals.
  uint64_t gaps = 0;
  uint64_t missed = 0;  ///< readings that would have filled these gaps, also if they came later
  std::array<uint64_t, kRejectReasons.size()> rejected{};  ///< by RejectReason
};

/// Readings that did not come between two that did.
struct Gap {
  base::Timestamp start;  ///< of the reading before
  base::Timestamp end;    ///< of the reading after
  uint64_t missed = 0;
  std::optional<uint64_t> after_sequence;  ///< the last number before, where readings have numbers
};

/// A value outside its nominal range.
struct Flagged {
  base::Timestamp time;
  std::string field;
  double value = 0;
  double nominal_min = 0;
  double nominal_max = 0;
};

/// How long readings took from their time to their arrival, over the last day: sums of six parts of
/// four hours. Threads: none of its own.
class Delays {
 public:
  /// A device whose clock is ahead counts as one without delay.
  void Add(base::Timestamp time, base::Timestamp arrived);
  struct Mean {
    uint64_t readings = 0;
    double ms = 0;  ///< 0 without readings
  };
  Mean Of(base::Timestamp now) const;

 private:
  static constexpr size_t kParts = 6;
  struct Part {
    int64_t number = -1;  // of four hours since 1970
    uint64_t readings = 0;
    double sum_ms = 0;
  };
  std::array<Part, kParts> parts_;
};

/// What is known of one device's arrivals.
struct DeviceIngest {
  IngestCounts counts;
  std::optional<base::Timestamp> newest;    ///< greatest time of its readings
  std::optional<base::Timestamp> received;  ///< when the last one came
  std::optional<uint64_t> sequence;         ///< of the newest reading that carried one
  std::optional<Gap> last_gap;
  std::optional<Flagged> last_flagged;
  Delays delays;
};

/// Follows the arrivals of one device. A reading that carries a number is expected to follow the
/// last one's; a smaller number with a newer time is a device that started anew. Threads: none of
/// its own. Cost: a few nanoseconds a reading.
class DeviceArrivals {
 public:
  /// What the registry says of the device.
  struct Expectation {
    std::chrono::nanoseconds interval{std::chrono::seconds(5)};
    struct Nominal {
      series::FieldRef field;
      std::string name;
      double min;
      double max;
    };
    std::vector<Nominal> nominal;
  };

  void Expect(Expectation expectation) { expectation_ = std::move(expectation); }
  /// Counts a stored reading into this device's counts and into `total`. `times`: how many are
  /// remembered to tell duplicates.
  void Add(const series::Batch& batch, const series::Row& row, std::optional<uint64_t> sequence,
           base::Timestamp arrived, size_t times, IngestCounts& total);
  void AddRejected(RejectReason reason, uint64_t readings) {
    state_.counts.rejected[static_cast<size_t>(reason)] += readings;
  }
  const DeviceIngest& state() const { return state_; }

 private:
  /// True, and noted, when a value is outside its nominal range.
  bool IsFlagged(const series::Batch& batch, const series::Row& row);
  /// Readings missing before one in order, by the reporting interval.
  uint64_t MissedByTime(int64_t time_ns) const;
  /// Readings missing before the one with this number.
  uint64_t MissedBySequence(uint64_t number, bool in_order);

  Expectation expectation_;
  DeviceIngest state_;
  RecentTimes times_;
};

}  // namespace energy::telemetry
