#pragma once

#include <memory>
#include <mutex>
#include <vector>

#include "telemetry/ingest.h"

namespace energy::telemetry {

/// The way into the pipeline for work that comes by request: HTTP, and the replay of dead letters.
///
/// Threads: safe anywhere. As many lanes exist as requests were parsed at the same time.
class LanePool {
 public:
  LanePool(IngestOptions options, series::Store& store, DeviceTableSource& devices,
           Committer& committer, DeadLetterWriter& dead_letters, const base::Clock& clock);

  /// A lane for the time of one request's parsing; Flush or Discard it before it goes back.
  class Lease {
   public:
    Lease(LanePool& pool, std::unique_ptr<IngestLane> lane) : pool_(pool), lane_(std::move(lane)) {}
    Lease(const Lease&) = delete;
    Lease& operator=(const Lease&) = delete;
    ~Lease() { pool_.Return(std::move(lane_)); }
    IngestLane* operator->() const { return lane_.get(); }

   private:
    LanePool& pool_;
    std::unique_ptr<IngestLane> lane_;
  };
  Lease Take();

  /// Calls `ready` once the pipeline takes more, with ok; see Committer::WhenReady.
  void WhenReady(std::chrono::milliseconds patience,
                 std::function<void(const base::Status&)> ready);
  bool saturated() const { return committer_.saturated() || dead_letters_.saturated(); }

 private:
  void Return(std::unique_ptr<IngestLane> lane);

  const IngestOptions options_;
  series::Store& store_;
  DeviceTableSource& devices_;
  Committer& committer_;
  DeadLetterWriter& dead_letters_;
  const base::Clock& clock_;
  std::mutex mutex_;
  std::vector<std::unique_ptr<IngestLane>> free_;  // guarded by mutex_
};

}  // namespace energy::telemetry
