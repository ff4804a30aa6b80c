#include "telemetry/device_ingest.h"

#include <algorithm>
#include <utility>

namespace energy::telemetry {
namespace {

constexpr std::chrono::nanoseconds kLeastLate = std::chrono::minutes(1);
constexpr int kLateIntervals = 3;
constexpr std::chrono::hours kDelayPart{4};

base::Timestamp At(int64_t time_ns) { return base::Timestamp(std::chrono::nanoseconds(time_ns)); }

}  // namespace

void Delays::Add(base::Timestamp time, base::Timestamp arrived) {
  const int64_t number = arrived.time_since_epoch() / kDelayPart;
  Part& part = parts_[static_cast<size_t>(number) % kParts];
  if (part.number != number) part = {number, 0, 0};
  ++part.readings;
  const std::chrono::duration<double, std::milli> delay = arrived - time;
  part.sum_ms += std::max(delay.count(), 0.0);
}

Delays::Mean Delays::Of(base::Timestamp now) const {
  const int64_t newest = now.time_since_epoch() / kDelayPart;
  Mean mean;
  double sum_ms = 0;
  for (const Part& part : parts_) {
    if (part.number <= newest - static_cast<int64_t>(kParts) || part.number > newest) continue;
    mean.readings += part.readings;
    sum_ms += part.sum_ms;
  }
  if (mean.readings > 0) mean.ms = sum_ms / static_cast<double>(mean.readings);
  return mean;
}

bool DeviceArrivals::IsFlagged(const series::Batch& batch, const series::Row& row) {
  for (const Expectation::Nominal& nominal : expectation_.nominal) {
    for (uint32_t i = row.first; i < row.first + row.count; ++i) {
      if (batch.fields[i] != nominal.field) continue;
      const double value = batch.values[i];
      if (value >= nominal.min && value <= nominal.max) continue;
      state_.last_flagged = {At(row.time_ns), nominal.name, value, nominal.min, nominal.max};
      return true;
    }
  }
  return false;
}

uint64_t DeviceArrivals::MissedByTime(int64_t time_ns) const {
  const int64_t interval = expectation_.interval.count();
  int64_t step = 0;
  if (interval <= 0 || !state_.newest ||
      __builtin_sub_overflow(time_ns, state_.newest->time_since_epoch().count(), &step) ||
      step <= interval + interval / 2) {
    return 0;
  }
  return static_cast<uint64_t>((step + interval / 2) / interval - 1);
}

uint64_t DeviceArrivals::MissedBySequence(uint64_t number, bool in_order) {
  if (!state_.sequence) {
    state_.sequence = number;
    return 0;
  }
  if (number <= *state_.sequence) {
    // Late it fills a gap; in order the device counts from the start again.
    if (in_order) state_.sequence = number;
    return 0;
  }
  return number - *std::exchange(state_.sequence, number) - 1;
}

void DeviceArrivals::Add(const series::Batch& batch, const series::Row& row,
                         std::optional<uint64_t> sequence, base::Timestamp arrived, size_t times,
                         IngestCounts& total) {
  const RecentTimes::Arrival arrival = times_.Add(row.time_ns, times);
  const bool in_order = arrival == RecentTimes::Arrival::kInOrder;
  const bool duplicate = arrival == RecentTimes::Arrival::kDuplicate;
  const auto late_after = std::max(kLeastLate, kLateIntervals * expectation_.interval);
  const bool late = arrived - At(row.time_ns) > late_after;
  const bool flagged = IsFlagged(batch, row);
  const std::optional<uint64_t> before = state_.sequence;
  uint64_t missed = 0;
  if (sequence && !duplicate) {
    missed = MissedBySequence(*sequence, in_order);
  } else if (!before && in_order) {
    missed = MissedByTime(row.time_ns);
  }
  for (IngestCounts* counts : {&state_.counts, &total}) {
    ++counts->received;
    counts->duplicates += duplicate ? 1 : 0;
    counts->out_of_order += !in_order && !duplicate ? 1 : 0;
    counts->late += late ? 1 : 0;
    counts->flagged += flagged ? 1 : 0;
    counts->gaps += missed > 0 ? 1 : 0;
    counts->missed += missed;
  }
  if (missed > 0) {
    state_.last_gap = {state_.newest.value_or(At(row.time_ns)), At(row.time_ns), missed,
                       sequence ? before : std::nullopt};
  }
  state_.delays.Add(At(row.time_ns), arrived);
  state_.received = arrived;
  if (in_order) state_.newest = At(row.time_ns);
}

}  // namespace energy::telemetry
