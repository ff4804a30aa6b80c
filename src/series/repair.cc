#include <algorithm>
#include <memory>

#include "series/chunk.h"
#include "series/database.h"
#include "series/keys.h"
#include "series/quarantine.h"
#include "series/rollup_block.h"

namespace energy::series {
namespace {

constexpr size_t kBatchBytes = size_t{1} << 20;
constexpr size_t kPieceRows = 1024;

// Writes in batches; one repair.
class Repair {
 public:
  Repair(const Database& database, const base::Logger& logger)
      : database_(database), logger_(logger) {}

  base::Status PutBack(const std::vector<SalvagedEntry>& entries) {
    for (const SalvagedEntry& entry : entries) {
      rocksdb::ColumnFamilyHandle* const family = database_.Family(entry.family);
      if (family == nullptr) continue;
      std::string now;
      const rocksdb::Status got =
          database_.db().Get(rocksdb::ReadOptions(), family, entry.key, &now);
      if (got.ok() && family != database_.chunks()) continue;
      const std::string value = got.ok() ? Union(entry.value, now) : entry.value;
      batch_.Put(family, entry.key, value);
      ++repaired_.put_back;
      ENERGY_RETURN_IF_ERROR(WriteIfLarge());
    }
    return Write();
  }

  base::Status CheckChunks() {
    const auto it = Iterate(database_.chunks());
    for (it->SeekToFirst(); it->Valid(); it->Next()) {
      Columns rows;
      const std::string key = it->key().ToString();
      if (!DecodeChunk(key, it->value().ToStringView(), rows)) {
        SetAside(database_.chunks(), "chunks", key, it->value());
      } else {
        AddToGroup(key, std::move(rows));
      }
      ENERGY_RETURN_IF_ERROR(WriteIfLarge());
    }
    ENERGY_RETURN_IF_ERROR(Translate(it->status(), database_.path()));
    CloseGroup();
    return Write();
  }

  base::Status CheckRollups(rocksdb::ColumnFamilyHandle* family, std::string_view name,
                            const RollupShape& shape) {
    const auto it = Iterate(family);
    for (it->SeekToFirst(); it->Valid(); it->Next()) {
      const std::string key = it->key().ToString();
      const auto block = DecodeRollup(it->value().ToStringView(), shape, {});
      const bool good = key.size() == kChunkKeyBytes && block.ok() &&
                        block->start_ns == ChunkKey::Decode(key).first_ns;
      if (!good) SetAside(family, name, key, it->value());
      ENERGY_RETURN_IF_ERROR(WriteIfLarge());
    }
    ENERGY_RETURN_IF_ERROR(Translate(it->status(), database_.path()));
    return Write();
  }

  base::Status RebuildRollups() {
    batch_.Put(database_.meta(), kRollupsBuiltKey, LogKey(0));
    return Write();
  }

  const Repaired& repaired() const { return repaired_; }

 private:
  std::unique_ptr<rocksdb::Iterator> Iterate(rocksdb::ColumnFamilyHandle* family) const {
    return std::unique_ptr<rocksdb::Iterator>(
        database_.db().NewIterator(rocksdb::ReadOptions(), family));
  }

  static bool DecodeChunk(std::string_view key, std::string_view value, Columns& rows) {
    const auto chunk = ChunkView::Parse(value);
    return key.size() == kChunkKeyBytes && chunk.ok() &&
           chunk->first_ns() == ChunkKey::Decode(key).first_ns && chunk->DecodeTo(rows, {}).ok();
  }

  // Of two versions of a chunk the one that is in the database counts.
  static std::string Union(const std::string& salvaged, const std::string& now) {
    Columns base;
    Columns top;
    const auto a = ChunkView::Parse(salvaged);
    const auto b = ChunkView::Parse(now);
    if (!a.ok() || !a->DecodeTo(base, {}).ok()) return now;
    if (!b.ok() || !b->DecodeTo(top, {}).ok()) return salvaged;
    const Columns both = Overlay(std::move(base), top);
    if (both.rows() > kMaxChunkRows) return now;
    std::string value;
    EncodeChunk(both, 0, both.rows(), value);
    return value;
  }

  void SetAside(rocksdb::ColumnFamilyHandle* family, std::string_view name, const std::string& key,
                const rocksdb::Slice& value) {
    batch_.Put(database_.meta(), kQuarantinePrefix + std::string(name) + "/" + key, value);
    batch_.Delete(family, key);
    ++repaired_.set_aside;
    logger_->error("an entry of {} is damaged and set aside: device handle {}", name,
                   key.size() == kChunkKeyBytes ? ChunkKey::Decode(key).device : 0);
  }

  // Chunks that overlap form a group, which is written anew.
  void AddToGroup(const std::string& key, Columns rows) {
    const bool overlaps = !group_.empty() && ChunkKey::Decode(key).device == device_ &&
                          rows.time_ns.front() <= group_.time_ns.back();
    if (!overlaps) {
      CloseGroup();
      device_ = ChunkKey::Decode(key).device;
    }
    group_ = overlaps ? Overlay(std::move(group_), rows) : std::move(rows);
    keys_.push_back(key);
  }

  void CloseGroup() {
    if (keys_.size() > 1) {
      for (const std::string& key : keys_) batch_.Delete(database_.chunks(), key);
      for (size_t from = 0; from < group_.rows(); from += kPieceRows) {
        std::string value;
        EncodeChunk(group_, from, std::min(from + kPieceRows, group_.rows()), value);
        batch_.Put(database_.chunks(),
                   ChunkKey{.device = device_, .first_ns = group_.time_ns[from]}.Encode(), value);
      }
    }
    keys_.clear();
    group_ = {};
  }

  base::Status WriteIfLarge() {
    return batch_.GetDataSize() < kBatchBytes ? base::Status() : Write();
  }
  base::Status Write() {
    rocksdb::WriteOptions options;
    options.sync = true;
    const rocksdb::Status status = database_.db().Write(options, &batch_);
    batch_.Clear();
    return Translate(status, database_.path());
  }

  const Database& database_;
  const base::Logger& logger_;
  rocksdb::WriteBatch batch_;
  Repaired repaired_;
  DeviceRef device_ = 0;
  std::vector<std::string> keys_;  // of the chunks in group_
  Columns group_;
};

}  // namespace

base::Result<Repaired> RepairEntries(const Database& database,
                                     const std::vector<SalvagedEntry>& salvaged,
                                     const base::Logger& logger) {
  Repair repair(database, logger);
  ENERGY_RETURN_IF_ERROR(repair.PutBack(salvaged));
  ENERGY_RETURN_IF_ERROR(repair.CheckChunks());
  ENERGY_RETURN_IF_ERROR(repair.CheckRollups(database.hourly(), "hourly", kHourlyShape));
  ENERGY_RETURN_IF_ERROR(repair.CheckRollups(database.daily(), "daily", kDailyShape));
  ENERGY_RETURN_IF_ERROR(repair.RebuildRollups());
  return repair.repaired();
}

}  // namespace energy::series
