#include <malloc.h>

#include "series/chunk_merger.h"
#include "series/engine.h"
#include "series/instruments.h"
#include "series/keys.h"
#include "series/rollup_editor.h"

namespace energy::series {
namespace {

// A seal is written in batches of about this size: an append that comes meanwhile waits for one of
// them. Each leaves the store as it was or with more of the head also in chunks, which reads and
// replay do not see; the last one drops the log.
constexpr size_t kSealBatchBytes = size_t{1} << 20;
// A head of this size leaves so many freed pages with the allocator that giving them back is worth
// some milliseconds of the sealing thread.
constexpr size_t kTrimBytes = size_t{8} << 20;

}  // namespace

bool Engine::SealDue() const {
  const bool aged = !active_->empty() && clock_.Steady() - active_since_ >= options_.seal_age;
  return aged || sealing_ != nullptr || UnderPressure();
}

void Engine::RunSealer(const std::stop_token& stop) {
  bool back_off = false;
  std::unique_lock lock(head_mutex_);
  while (!stop.stop_requested()) {
    changed_.wait_for(lock, stop, options_.seal_check, [&] {
      return stopping_ || (rocks_->writable() && !back_off &&
                           (UnderPressure() || !RollupsBuilt() || RepairDue()));
    });
    if (stop.stop_requested() || stopping_) break;
    back_off = false;
    if (!rocks_->writable()) continue;
    const bool seal = SealDue();
    if (UnderPressure() || RepairDue()) give_way_ = true;
    lock.unlock();
    if (RepairDue()) {
      const std::lock_guard sealing(seal_mutex_);
      back_off = !Repair().ok();
    }
    if (!RollupsBuilt()) back_off = !BuildRollups().ok();
    if (seal) back_off = !Seal().ok();
    lock.lock();
  }
}

base::Status Engine::Seal() {
  const std::lock_guard sealing(seal_mutex_);
  bool leftover = false;
  base::Status status;
  // What a failed seal left goes first; then comes what arrived since.
  do {
    if (!TakeHeadAside(leftover)) return {};
    status = SealOnce();
    if (status.code() == base::Code::kInternal && Repair().ok()) status = SealOnce();
  } while (leftover && status.ok());
  return status;
}

bool Engine::TakeHeadAside(bool& leftover) {
  auto next = std::make_unique<Head>();
  const std::unique_lock lock(head_mutex_);
  leftover = sealing_ != nullptr;
  if (leftover) return true;
  if (active_->empty() && active_log_bytes_ == 0) return false;
  sealing_ = std::shared_ptr<const Head>(std::exchange(active_, std::move(next)));
  sealing_sequence_ = applied_sequence_;
  sealing_log_bytes_ = std::exchange(active_log_bytes_, 0);
  return true;
}

base::Status Engine::SealOnce() {
  const auto start = clock_.Steady();
  uint64_t chunks_written = 0;
  base::Status status = NoteDamage(WriteChunks(chunks_written));
  if (!status.ok()) {
    if (stopping_) return status;
    logger_->error("sealing failed, the readings stay in memory and in the log: {}",
                   status.message());
    const std::unique_lock lock(head_mutex_);
    seal_error_ = status.message();
    changed_.notify_all();
    return status;
  }
  ReleaseSealed(chunks_written);
  instruments_->seal_seconds.Observe(
      std::chrono::duration<double>(clock_.Steady() - start).count());
  return {};
}

// Only the seal writes sealing_ and its sequence: reading them here needs no lock.
base::Status Engine::WriteChunks(uint64_t& chunks_written) {
  ENERGY_ASSIGN_OR_RETURN(const Rocks::Lease lease, rocks_->Use());
  Views views = lease.IterateSealed();
  rocksdb::WriteBatch batch;
  for (const DeviceRef device : sealing_->Devices()) {
    if (stopping_) return base::Unavailable("the telemetry store is stopping");
    if (Gone(device)) continue;  // set by holders of seal_mutex_ alone
    const Columns rows = sealing_->Find(device)->CopyAll();
    ChunkMerger merger(*views.chunks, lease->chunks(), options_.chunk_readings);
    ENERGY_RETURN_IF_ERROR(merger.Merge(device, rows, batch));
    chunks_written += merger.chunks_written();
    if (device < rollups_built_) {
      RollupWriter rollups({*views.chunks, *views.hourly, *views.daily},
                           {lease->hourly(), lease->daily()}, device, batch);
      ENERGY_RETURN_IF_ERROR(rollups.Add(rows));
      ENERGY_RETURN_IF_ERROR(rollups.Finish());
    }
    if (batch.GetDataSize() < kSealBatchBytes) continue;
    ENERGY_RETURN_IF_ERROR(lease.Write(batch, false));
    batch.Clear();
    // An older view would step back over all that was written since, for every device again.
    views = lease.IterateSealed();
  }
  return DropLog(lease, batch);
}

// No sync of its own: the write-ahead log is in order, so the loss of this write leaves the log
// records that it drops, and the next synced append makes it durable.
base::Status Engine::DropLog(const Rocks::Lease& lease, rocksdb::WriteBatch& batch) {
  batch.DeleteRange(lease->log(), LogKey(sealed_sequence_ + 1), LogKey(sealing_sequence_ + 1));
  batch.Put(lease->meta(), kSealedKey, LogKey(sealing_sequence_));
  return lease.Write(batch, false);
}

void Engine::ReleaseSealed(uint64_t chunks_written) {
  UpdateLatest(*sealing_);
  chunks_total_.fetch_add(chunks_written, std::memory_order_relaxed);
  std::shared_ptr<const Head> released;  // freed after the lock is
  {
    const std::unique_lock lock(head_mutex_);
    released = std::move(sealing_);
    sealing_ = nullptr;
    sealed_sequence_ = sealing_sequence_;
    sealing_log_bytes_ = 0;
    seal_error_.clear();
    instruments_->head_bytes.Set(static_cast<double>(HeadBytes()));
  }
  changed_.notify_all();
  instruments_->chunks.Increment(static_cast<double>(chunks_written));
  logger_->debug("sealed {} readings in {} chunks", released->readings(), chunks_written);
  const bool was_large = released->bytes() >= kTrimBytes;
  released.reset();
  if (was_large) malloc_trim(0);
}

void Engine::UpdateLatest(const Head& sealed) {
  constexpr RowRange kNewest{.start_ns = std::numeric_limits<int64_t>::min(),
                             .end_ns = std::numeric_limits<int64_t>::max(),
                             .limit = 1,
                             .newest_first = true};
  const std::lock_guard lock(latest_mutex_);
  ++seals_;
  for (auto& [device, latest] : latest_sealed_) {
    const DeviceHead* head = sealed.Find(device);
    if (head != nullptr) latest = Later(std::move(latest), LastRow(head->Copy(kNewest, {})));
  }
}

}  // namespace energy::series
