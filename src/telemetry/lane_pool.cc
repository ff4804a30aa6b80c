#include "telemetry/lane_pool.h"

namespace energy::telemetry {

LanePool::LanePool(IngestOptions options, series::Store& store, DeviceTableSource& devices,
                   Committer& committer, DeadLetterWriter& dead_letters, const base::Clock& clock)
    : options_(std::move(options)),
      store_(store),
      devices_(devices),
      committer_(committer),
      dead_letters_(dead_letters),
      clock_(clock) {}

LanePool::Lease LanePool::Take() {
  std::unique_ptr<IngestLane> lane;
  {
    std::lock_guard lock(mutex_);
    if (!free_.empty()) {
      lane = std::move(free_.back());
      free_.pop_back();
    }
  }
  if (lane == nullptr) {
    lane =
        std::make_unique<IngestLane>(options_, store_, devices_, committer_, dead_letters_, clock_);
  }
  return {*this, std::move(lane)};
}

void LanePool::Return(std::unique_ptr<IngestLane> lane) {
  std::lock_guard lock(mutex_);
  free_.push_back(std::move(lane));
}

void LanePool::WhenReady(std::chrono::milliseconds patience,
                         std::function<void(const base::Status&)> ready) {
  if (dead_letters_.saturated()) {
    ready(base::Unavailable("too many dead letters wait to be written: try again later"));
    return;
  }
  committer_.WhenReady(patience, std::move(ready));
}

}  // namespace energy::telemetry
