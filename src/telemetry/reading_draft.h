#pragma once

#include <bitset>
#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "base/clock.h"
#include "series/store.h"
#include "telemetry/device_table.h"
#include "telemetry/model.h"

namespace energy::telemetry {

/// Which times a reading may have.
struct TimeLimits {
  base::Timestamp now;
  std::chrono::nanoseconds max_future{std::chrono::minutes(5)};
  int64_t oldest_ns = INT64_MIN;  ///< earlier readings would be deleted at once
};

/// One reading being put together at the end of a batch and checked against the profile of its
/// device: what all forms of a payload share (LLD §4.3.3, decision 9). A refused reading leaves the
/// batch as it was.
///
/// Threads: one a thread. Cost: a few nanoseconds a field; no allocation for an accepted reading.
class ReadingDraft {
 public:
  /// The most fields one reading may carry.
  static constexpr size_t kMaxFields = 256;

  explicit ReadingDraft(series::Store& store) : store_(store) {}

  void Begin(const IngestDevice& device, Readings& batch);

  /// The field that devices which keep their order send next; null when any may come.
  const FieldCheck* Expected() const {
    return next_ < device_->fields.size() ? &device_->fields[next_] : nullptr;
  }
  /// Adds the value of the field Expected() or of any other. `seq` is no field but the reading's
  /// place in its device's sequence, unless the profile has a field of that name. False: refused,
  /// see `rejection`.
  bool AddExpected(double value, Rejection& rejection) { return Add(next_, value, rejection); }
  bool AddField(std::string_view name, double value, Rejection& rejection);

  /// Completes the reading. False: refused, and nothing of it stays.
  bool Finish(base::Timestamp time, const TimeLimits& limits, Rejection& rejection);
  /// Takes back what was added since Begin, a finished reading too.
  void Cancel();

 private:
  struct Hash : std::hash<std::string_view> {
    using is_transparent = void;
  };

  bool Add(size_t at, double value, Rejection& rejection);
  bool SetSequence(double value, Rejection& rejection);
  bool AddUnchecked(std::string_view name, double value, Rejection& rejection);
  base::Result<series::FieldRef> OpenField(std::string_view name);
  bool Check(base::Timestamp time, const TimeLimits& limits, Rejection& rejection) const;

  series::Store& store_;
  const IngestDevice* device_ = nullptr;
  Readings* batch_ = nullptr;
  size_t row_ = 0;    // this reading's in the batch
  size_t first_ = 0;  // of its values there
  std::optional<uint64_t> sequence_;
  std::bitset<kMaxFields> seen_;  // by position in the profile
  size_t next_ = 0;
  // Names of fields without a profile: the store's own table has a lock.
  std::unordered_map<std::string, series::FieldRef, Hash, std::equal_to<>> opened_;
};

}  // namespace energy::telemetry
