#include <algorithm>
#include <string>
#include <utility>

#include "series/engine.h"

namespace energy::series {
namespace {

// Of what is on disk: less is not worth writing files anew for. RocksDB itself compacts only when
// more is written; an idle store would keep what it has.
constexpr uint64_t kWasteShare = 64;
constexpr uint64_t kLeastWaste = uint64_t{64} << 10;
// A store is quiet when not more readings came between two looks of the keeper.
constexpr uint64_t kQuietReadings = 2'000;

}  // namespace

// Compactions can take long; a seal never waits for them, because they run here.
void Engine::RunKeeper(const std::stop_token& stop) {
  uint64_t appended = appended_total_;
  std::string last_error;
  std::unique_lock lock(head_mutex_);
  while (!stop.stop_requested()) {
    changed_.wait_for(lock, stop, options_.seal_check, [&] { return stopping_.load(); });
    if (stop.stop_requested() || stopping_) break;
    if (!rocks_->writable()) continue;
    const bool pressed = UnderPressure();
    lock.unlock();
    base::Status status = KeepRetention();
    if (QuietSince(appended) && !pressed && status.ok()) status = GiveSpaceBack();
    if (!status.ok() && status.message() != last_error) {
      logger_->warn("old readings or space are not given back now: {}", status.message());
    }
    last_error = status.message();
    lock.lock();
  }
}

bool Engine::QuietSince(uint64_t& appended) const {
  const uint64_t before = std::exchange(appended, appended_total_.load());
  return appended - before <= kQuietReadings;
}

base::Status Engine::GiveSpaceBack() {
  const std::lock_guard lock(retention_mutex_);
  give_way_ = false;
  if (stopping_) return {};
  uint64_t unsealed = 0;
  {
    const std::shared_lock heads(head_mutex_);
    unsealed = active_log_bytes_ + sealing_log_bytes_;
  }
  ENERGY_ASSIGN_OR_RETURN(const Rocks::Lease lease, rocks_->Use());
  const uint64_t last_write = lease.LastWrite();
  if (last_write == tidy_write_) return {};
  uint64_t total = 0;
  for (const std::string_view name : Database::kFamilies) {
    total += lease.LayersOf(lease->Family(name)).bytes;
  }
  const uint64_t worth = std::max(kLeastWaste, total / kWasteShare);
  if (lease.WriteAheadLogBytes() >= unsealed + worth) {
    ENERGY_RETURN_IF_ERROR(lease.Flush());
  }
  for (const std::string_view name : Database::kFamilies) {
    rocksdb::ColumnFamilyHandle* family = lease->Family(name);
    const Layers layers = lease.LayersOf(family);
    // A short range of deletes drops all of the log that is sealed.
    const bool sealed_log = family == lease->log() && layers.bytes >= unsealed + worth;
    if (layers.above < worth && !sealed_log) continue;
    ENERGY_RETURN_IF_ERROR(NoteDamage(lease.Flatten(family, give_way_)));
    if (give_way_) return {};
  }
  tidy_write_ = last_write;
  return {};
}

}  // namespace energy::series
