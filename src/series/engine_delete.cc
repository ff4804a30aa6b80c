#include <algorithm>

#include "series/engine.h"
#include "series/keys.h"

namespace energy::series {

// With seal_mutex_ held nothing writes chunks or rollups. What a batch that is on its way brings
// is in the log, but neither a head nor a replay takes it, because the handle is given up.
base::Status Engine::DeleteDevice(std::string_view name) {
  const std::lock_guard sealing(seal_mutex_);
  const auto found = FindDevice(name);
  if (!found) return {};
  const DeviceRef device = *found;
  {
    ENERGY_ASSIGN_OR_RETURN(const Rocks::Lease lease, rocks_->Use());
    const std::string from = ChunkKey{device, kOldestTime}.Encode();
    const std::string to = ChunkKey{device + 1, kOldestTime}.Encode();
    rocksdb::WriteBatch batch;
    for (rocksdb::ColumnFamilyHandle* family : {lease->chunks(), lease->hourly(), lease->daily()}) {
      batch.DeleteRange(family, from, to);
    }
    batch.Put(lease->meta(), DeletedKey(device), rocksdb::Slice());
    ENERGY_RETURN_IF_ERROR(devices_.Retire(name, device, batch));
  }
  {
    const std::unique_lock lock(head_mutex_);
    if (gone_.size() <= device) gone_.resize(device + 1);
    gone_[device] = true;
  }
  {
    const std::lock_guard lock(latest_mutex_);
    ++seals_;
    latest_sealed_.erase(device);
  }
  const std::lock_guard lock(deleted_mutex_);
  deleted_.push_back(device);
  logger_->info("the readings of {} are deleted", name);
  return {};
}

base::Status Engine::LoadDeleted() {
  for (const DeviceRef device : devices_.Retired()) {
    gone_.resize(device + 1);
    gone_[device] = true;
  }
  ENERGY_ASSIGN_OR_RETURN(const Rocks::Lease lease, rocks_->Use());
  const auto it = lease.Iterate(lease->meta());
  for (it->Seek(kDeletedPrefix); it->Valid(); it->Next()) {
    const std::string_view key = it->key().ToStringView();
    if (!key.starts_with(kDeletedPrefix)) break;
    if (key.size() != kDeletedPrefix.size() + sizeof(DeviceRef)) continue;
    deleted_.push_back(LoadBe<DeviceRef>(key.substr(kDeletedPrefix.size())));
  }
  return rocks_->TranslateStatus(it->status());
}

// Of what is deleted nothing is left in files afterwards. The log forgets it with the next seal.
base::Status Engine::ReclaimDeleted() {
  while (!stopping_) {
    DeviceRef device = 0;
    {
      const std::lock_guard lock(deleted_mutex_);
      if (deleted_.empty()) return {};
      device = deleted_.back();
    }
    ENERGY_ASSIGN_OR_RETURN(const Rocks::Lease lease, rocks_->Use());
    const std::string from = ChunkKey{device, kOldestTime}.Encode();
    const std::string to = ChunkKey{device + 1, kOldestTime}.Encode();
    for (rocksdb::ColumnFamilyHandle* family : {lease->chunks(), lease->hourly(), lease->daily()}) {
      ENERGY_RETURN_IF_ERROR(lease.Compact(family, from, to, stopping_));
    }
    if (stopping_) return {};
    rocksdb::WriteBatch batch;
    batch.Delete(lease->meta(), DeletedKey(device));
    ENERGY_RETURN_IF_ERROR(lease.Write(batch, false));
    const std::lock_guard lock(deleted_mutex_);
    std::erase(deleted_, device);
  }
  return {};
}

}  // namespace energy::series
