#include <algorithm>
#include <chrono>

#include "base/time_text.h"
#include "series/bytes.h"
#include "series/chunk_reader.h"
#include "series/engine.h"
#include "series/instruments.h"
#include "series/keys.h"

namespace energy::series {
namespace {

constexpr int64_t kDay = kDailyShape.bucket_ns;
// Space is worth rewriting files for when this part of them is gone.
constexpr uint64_t kReclaimShare = 16;
// Devices are compacted in groups of about this size, so that a seal never waits for long.
constexpr uint64_t kReclaimBytes = uint64_t{64} << 20;
constexpr size_t kRetentionBytes = 3 * sizeof(int64_t);

int64_t CutBefore(int64_t now_ns, int64_t days) {
  if (days == 0) return std::numeric_limits<int64_t>::min();
  return FloorTo(std::max(kOldestTime + days * kDay, now_ns) - days * kDay, kDay);
}

}  // namespace

RetentionState Engine::retention() const {
  const RetentionCuts& cuts = rocks_->cuts();
  return {.raw_from_ns = refuse_before_.load(std::memory_order_relaxed),
          .hourly_from_ns = cuts.hourly.load(std::memory_order_relaxed),
          .daily_from_ns = cuts.daily.load(std::memory_order_relaxed)};
}

RetentionState Engine::WantedRetention(int64_t now_ns) const {
  const RetentionState have = retention();
  return {.raw_from_ns = std::max(have.raw_from_ns, CutBefore(now_ns, options_.raw_days)),
          .hourly_from_ns = std::max(have.hourly_from_ns, CutBefore(now_ns, options_.hourly_days)),
          .daily_from_ns = std::max(have.daily_from_ns, CutBefore(now_ns, options_.daily_days))};
}

// What an older version kept becomes rollups before it goes.
bool Engine::RetentionDue(int64_t now_ns) const {
  const RetentionState have = retention();
  const RetentionState want = WantedRetention(now_ns);
  return RollupsBuilt() &&
         (want.raw_from_ns > rocks_->cuts().raw || want.raw_from_ns > have.raw_from_ns ||
          want.hourly_from_ns > have.hourly_from_ns || want.daily_from_ns > have.daily_from_ns);
}

// The clock, but never ahead of the newest reading:
// docs/adr/0016-retention-never-outruns-readings.md.
base::Result<int64_t> Engine::RetentionNow() {
  const int64_t clock = clock_.Now().time_since_epoch().count();
  const int64_t now = std::min(clock, newest_.load());
  // What an earlier run sealed counts too; it is looked for once, and only if that changes
  // anything.
  if (newest_complete_ || RetentionDue(now) == RetentionDue(clock)) return now;
  ENERGY_ASSIGN_OR_RETURN(const Rocks::Lease lease, rocks_->Use());
  const auto it = lease.Iterate(lease->chunks());
  const auto devices = static_cast<DeviceRef>(devices_.size());
  for (DeviceRef device = 0; device < devices && newest_ < clock; ++device) {
    if (stopping_) return base::Unavailable("the telemetry store is stopping");
    ChunkCursor cursor(*it, device);
    cursor.SeekBefore(std::numeric_limits<int64_t>::max());
    ENERGY_RETURN_IF_ERROR(cursor.status());
    if (!cursor.valid()) continue;
    ENERGY_ASSIGN_OR_RETURN(const ChunkView chunk, cursor.View());
    NoteNewest(chunk.last_ns());
  }
  newest_complete_ = true;
  if (!RetentionDue(std::min(clock, newest_.load()))) {
    logger_->info("the clock is ahead of the newest reading: what expires waits for new readings");
  }
  return std::min(clock, newest_.load());
}

void Engine::NoteNewest(int64_t time_ns) {
  int64_t newest = newest_;
  while (newest < time_ns && !newest_.compare_exchange_weak(newest, time_ns)) {
  }
}

base::Status Engine::LoadRetention() {
  ENERGY_ASSIGN_OR_RETURN(const Rocks::Lease lease, rocks_->Use());
  ENERGY_ASSIGN_OR_RETURN(const auto stored, lease.ReadMeta(kRetentionKey));
  if (!stored) return {};
  if (stored->size() != kRetentionBytes) {
    return base::Internal("the telemetry store's retention is damaged: restore a backup");
  }
  RetentionCuts& cuts = rocks_->cuts();
  cuts.raw = LoadLe<int64_t>(stored->data());
  cuts.hourly = LoadLe<int64_t>(stored->data() + 8);
  cuts.daily = LoadLe<int64_t>(stored->data() + 16);
  refuse_before_ = cuts.raw.load();
  return {};
}

base::Status Engine::MoveCuts() {
  base::Result<int64_t> now = RetentionNow();
  if (!now.ok()) return NoteDamage(now.status());
  if (!RetentionDue(*now)) return {};
  const RetentionState want = WantedRetention(*now);
  {
    const std::unique_lock lock(head_mutex_);
    refuse_before_ = want.raw_from_ns;
  }
  // What was acknowledged before becomes part of the rollups while its hour can still be made.
  ENERGY_RETURN_IF_ERROR(Seal());
  ENERGY_ASSIGN_OR_RETURN(const Rocks::Lease lease, rocks_->Use());
  rocksdb::WriteBatch batch;
  std::string value;
  for (const int64_t cut : {want.raw_from_ns, want.hourly_from_ns, want.daily_from_ns}) {
    AppendLe(value, cut);
  }
  batch.Put(lease->meta(), kRetentionKey, value);
  ENERGY_RETURN_IF_ERROR(lease.Write(batch, true));
  RetentionCuts& cuts = rocks_->cuts();
  cuts.raw = want.raw_from_ns;
  cuts.hourly = want.hourly_from_ns;
  cuts.daily = want.daily_from_ns;
  logger_->info("readings before {} are no longer kept",
                base::FormatTimestamp(base::Timestamp(std::chrono::nanoseconds(want.raw_from_ns))));
  return StartReclaim(lease);
}

base::Status Engine::StartReclaim(const Rocks::Lease& lease) {
  const int64_t cut = rocks_->cuts().raw;
  const auto devices = static_cast<DeviceRef>(devices_.size());
  uint64_t expired = 0;
  for (DeviceRef device = 0; device < devices; ++device) {
    expired += lease.BytesBetween(lease->chunks(), ChunkKey{device, kOldestTime}.Encode(),
                                  ChunkKey{device, cut}.Encode());
  }
  reclaim_total_ = lease.BytesOf(lease->chunks());
  if (expired == 0 || expired < reclaim_total_ / kReclaimShare) return {};
  reclaim_next_ = 0;
  reclaiming_ = true;
  return {};
}

// Compaction leaves out what has expired. A group of devices at a time.
base::Status Engine::ReclaimSome() {
  if (!reclaiming_) return {};
  ENERGY_ASSIGN_OR_RETURN(const Rocks::Lease lease, rocks_->Use());
  const uint64_t devices = devices_.size();
  const uint64_t group =
      std::max<uint64_t>(1, devices * kReclaimBytes / std::max<uint64_t>(1, reclaim_total_));
  const uint64_t end = std::min<uint64_t>(devices, reclaim_next_ + group);
  const std::string from = ChunkKey{static_cast<DeviceRef>(reclaim_next_), kOldestTime}.Encode();
  const std::string to = ChunkKey{static_cast<DeviceRef>(end), kOldestTime}.Encode();
  for (rocksdb::ColumnFamilyHandle* family : {lease->chunks(), lease->hourly(), lease->daily()}) {
    ENERGY_RETURN_IF_ERROR(lease.Compact(family, from, to, stopping_));
  }
  reclaim_next_ = end;
  reclaiming_ = end < devices;
  return {};
}

// One step of the keeping thread.
base::Status Engine::KeepRetention() {
  const std::lock_guard lock(retention_mutex_);
  ENERGY_RETURN_IF_ERROR(MoveCuts());
  ENERGY_RETURN_IF_ERROR(ReclaimSome());
  return ReclaimDeleted();
}

base::Status Engine::EnforceRetention() {
  const std::lock_guard lock(retention_mutex_);
  ENERGY_RETURN_IF_ERROR(MoveCuts());
  while (reclaiming_ && !stopping_) ENERGY_RETURN_IF_ERROR(ReclaimSome());
  return ReclaimDeleted();
}

}  // namespace energy::series
