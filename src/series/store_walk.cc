#include "series/store_walk.h"

#include <rocksdb/sst_file_reader.h>

#include <algorithm>

#include "series/keys.h"
#include "series/log_record.h"

namespace energy::series {
namespace {

constexpr uint64_t kProgressBytes = uint64_t{16} << 20;

}  // namespace

base::Status StoreWalk::Run(const Sink& sink) {
  CheckFiles();
  ENERGY_RETURN_IF_ERROR(WalkMeta(sink));
  ENERGY_RETURN_IF_ERROR(WalkNames(sink));
  ENERGY_RETURN_IF_ERROR(WalkLog(sink));
  ENERGY_RETURN_IF_ERROR(WalkChunks(sink));
  ENERGY_RETURN_IF_ERROR(WalkRollups(kHourlyShape, sink));
  ENERGY_RETURN_IF_ERROR(WalkRollups(kDailyShape, sink));
  TellRemainingFiles();
  if (store_.dropped_log_bytes() > 0) {
    report_.Add({.file = "*.log",
                 .what = std::to_string(store_.dropped_log_bytes()) +
                         " bytes of the write-ahead log cannot be read",
                 .remedy = "after a power loss this is the write that was under way, and the next "
                           "start cuts it off; otherwise restore a backup"});
  }
  return {};
}

void StoreWalk::CheckFiles() {
  std::vector<rocksdb::LiveFileMetaData> live;
  store_.db().GetLiveFilesMetaData(&live);
  for (const rocksdb::LiveFileMetaData& file : live) {
    // The walk reads the files' blocks once more, the check of checksums once.
    total_bytes_ += file.size * (options_.thorough ? 2 : 1);
  }
  for (const rocksdb::LiveFileMetaData& file : live) {
    File& entry = files_.emplace_back();
    entry.name = std::filesystem::path(file.name).filename().string();
    entry.family = file.column_family_name;
    entry.smallest = file.smallestkey;
    entry.largest = file.largestkey;
    entry.bytes = file.size;
    if (!options_.thorough) continue;
    rocksdb::SstFileReader reader{rocksdb::Options()};
    rocksdb::Status status = reader.Open((options_.path / entry.name).string());
    if (status.ok()) status = reader.VerifyChecksum();
    if (!status.ok()) entry.damage = status.ToString();
    Advance(file.size);
  }
}

base::Status StoreWalk::WalkMeta(const Sink& sink) {
  DamageSkipper it(store_.db(), store_.db().DefaultColumnFamily());
  for (; it.valid(); it.Next()) {
    if (it.key() == kSealedKey) {
      if (it.value().size() != kLogKeyBytes) {
        report_.Add({.what = "sealed_sequence is damaged", .remedy = kRepairRemedy});
        continue;
      }
      sealed_sequence_ = LoadBe<uint64_t>(it.value());
    }
    if (it.key() == kRetentionKey && it.value().size() >= sizeof(int64_t)) {
      raw_from_ns_ = LoadLe<int64_t>(it.value().data());
    }
    if (it.key() == kRollupsBuiltKey) {
      if (it.value().size() != kLogKeyBytes) {
        report_.Add({.what = "rollups_built is damaged", .remedy = kRepairRemedy});
        continue;
      }
      rollups_built_ = LoadBe<uint64_t>(it.value());
    }
    if (sink) ENERGY_RETURN_IF_ERROR(sink(rocksdb::kDefaultColumnFamilyName, it.key(), it.value()));
  }
  if (const auto gap = it.TakeGap()) TellGap(rocksdb::kDefaultColumnFamilyName, *gap);
  return {};
}

base::Status StoreWalk::WalkNames(const Sink& sink) {
  rocksdb::ColumnFamilyHandle* const family = store_.Find("names");
  if (family == nullptr) return {};
  DamageSkipper it(store_.db(), family);
  for (;; it.Next()) {
    if (const auto gap = it.TakeGap()) TellGap("names", *gap);
    if (!it.valid()) break;
    if (it.key().size() != kNameKeyBytes) {
      report_.Add({.what = "a name with a key of another form", .remedy = kRepairRemedy});
      continue;
    }
    names_[it.key()[0]][LoadBe<uint32_t>(it.key().substr(1))] = std::string(it.value());
  }
  for (auto& [kind, names] : names_) {
    const uint32_t end = names.rbegin()->first + 1;
    for (uint32_t ref = 0; ref < end; ++ref) {
      auto name = names.find(ref);
      const std::string what = kind == 'd' ? "device" : "field";
      if (name == names.end()) {
        const std::string substitute = "lost-" + what + "-" + std::to_string(ref);
        report_.Add({.what = "the name of " + what + " handle " + std::to_string(ref) + " is lost",
                     .remedy = "restore a backup; doctor --repair calls it " + substitute});
        name = names.emplace(ref, substitute).first;
      }
      if (sink) ENERGY_RETURN_IF_ERROR(sink("names", NameKey(kind, ref), name->second));
    }
  }
  // A device that was deleted has no name any more.
  const auto named = [](const auto& name) { return !name.second.empty(); };
  report_.contents.devices =
      static_cast<size_t>(std::count_if(names_['d'].begin(), names_['d'].end(), named));
  report_.contents.fields = names_['f'].size();
  return {};
}

base::Status StoreWalk::WalkLog(const Sink& sink) {
  rocksdb::ColumnFamilyHandle* const family = store_.Find("log");
  if (family == nullptr) return {};
  DamageSkipper it(store_.db(), family);
  for (;; it.Next()) {
    if (const auto gap = it.TakeGap()) TellGap("log", *gap);
    if (!it.valid()) break;
    Advance(it.value().size());
    if (it.key().size() == kLogKeyBytes && LoadBe<uint64_t>(it.key()) <= sealed_sequence_) continue;
    if (const std::string wrong = CheckLogRecord(it.key(), it.value()); !wrong.empty()) {
      report_.Add({.what = wrong, .remedy = kRepairRemedy});
      continue;
    }
    if (sink) ENERGY_RETURN_IF_ERROR(sink("log", it.key(), it.value()));
  }
  return {};
}

std::string StoreWalk::CheckLogRecord(std::string_view key, std::string_view value) {
  if (key.size() != kLogKeyBytes) return "a log record with a key of another length";
  Batch batch;
  base::Status status = DecodeLogRecord(value, batch);
  if (status.ok()) {
    status = CheckBatch(batch, names_['d'].size(), names_['f'].size());  // deleted devices too
  }
  if (!status.ok()) {
    return "log record " + std::to_string(LoadBe<uint64_t>(key)) + ": " + status.message();
  }
  ++report_.contents.log_records;
  report_.contents.log_readings += batch.rows.size();
  for (const Row& row : batch.rows) CountTimes(row.time_ns, row.time_ns);
  return {};
}

void StoreWalk::CountTimes(int64_t first_ns, int64_t last_ns) {
  StoreContents& contents = report_.contents;
  contents.first_ns = std::min(contents.first_ns.value_or(first_ns), first_ns);
  contents.last_ns = std::max(contents.last_ns.value_or(last_ns), last_ns);
}

void StoreWalk::TellGap(std::string_view family, const DamageSkipper::Gap& gap) {
  StoreFinding finding{.what = std::string(family) + ": a part cannot be read (" + gap.reason + ")",
                       .remedy = kRepairRemedy};
  for (File& file : files_) {
    if (file.family != family || file.damage.empty()) continue;
    if (gap.before && file.smallest >= *gap.before) continue;
    if (gap.after && file.largest <= *gap.after) continue;
    finding.file += (finding.file.empty() ? "" : ", ") + file.name;
    file.told = true;
  }
  if (family == "chunks") {
    std::string from = "the first device";
    std::string to = "the last device";
    if (gap.after) {
      const ChunkKey after = ChunkKey::Decode(*gap.after);
      from = DeviceName(after.device);
      finding.first_ns = after.first_ns;
    }
    if (gap.before) {
      const ChunkKey before = ChunkKey::Decode(*gap.before);
      to = DeviceName(before.device);
      finding.last_ns = before.first_ns;
    }
    finding.device = from == to ? from : from + " to " + to;
  }
  report_.Add(std::move(finding));
}

// Damage outside the blocks that the walk reads, and in column families that it does not know.
void StoreWalk::TellRemainingFiles() {
  for (const File& file : files_) {
    if (file.damage.empty() || file.told) continue;
    report_.Add({.file = file.name,
                 .what = "damaged, in column family " + file.family + ": " + file.damage,
                 .remedy = kRepairRemedy});
  }
}

std::string StoreWalk::DeviceName(DeviceRef device) const {
  const auto kind = names_.find('d');
  if (kind != names_.end()) {
    if (const auto name = kind->second.find(device); name != kind->second.end()) {
      return name->second;
    }
  }
  return "handle " + std::to_string(device);
}

void StoreWalk::Advance(uint64_t bytes) {
  done_bytes_ = std::min(done_bytes_ + bytes, total_bytes_);
  if (!options_.progress || done_bytes_ - told_bytes_ < kProgressBytes) return;
  told_bytes_ = done_bytes_;
  options_.progress(done_bytes_, total_bytes_);
}

}  // namespace energy::series
