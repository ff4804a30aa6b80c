#include "telemetry/recent_times.h"

#include <algorithm>

namespace energy::telemetry {

bool RecentTimes::Run::Contains(int64_t time_ns) const {
  return !IsAfterAll(time_ns) && std::binary_search(times_.begin(), times_.end(), time_ns);
}

void RecentTimes::Run::Insert(int64_t time_ns, size_t limit) {
  if (times_.size() >= limit) {
    times_.erase(times_.begin(), times_.end() - static_cast<std::ptrdiff_t>(limit / 2));
  }
  if (IsAfterAll(time_ns)) {
    times_.push_back(time_ns);
  } else {
    times_.insert(std::lower_bound(times_.begin(), times_.end(), time_ns), time_ns);
  }
}

RecentTimes::Arrival RecentTimes::Add(int64_t time_ns, size_t limit) {
  if (in_order_.IsAfterAll(time_ns)) {
    in_order_.Insert(time_ns, limit);
    return Arrival::kInOrder;
  }
  if (in_order_.Contains(time_ns) || late_.Contains(time_ns)) return Arrival::kDuplicate;
  late_.Insert(time_ns, limit);
  return Arrival::kOutOfOrder;
}

}  // namespace energy::telemetry
