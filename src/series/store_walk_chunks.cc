#include <algorithm>
#include <bit>
#include <cmath>
#include <functional>

#include "series/chunk.h"
#include "series/keys.h"
#include "series/rollup_check.h"
#include "series/store_walk.h"

namespace energy::series {
namespace {

std::string_view FamilyOf(const RollupShape& shape) {
  return shape.resolution == Resolution::kHourly ? "hourly" : "daily";
}

bool SameBits(double a, double b) {
  return std::bit_cast<uint64_t>(a) == std::bit_cast<uint64_t>(b);
}

// What the header says about a column against its content; empty when they agree.
std::string CheckColumn(const ChunkView& chunk, const ChunkColumn& column,
                        std::vector<double>& values) {
  values.resize(chunk.rows());
  if (const base::Status status = chunk.DecodeColumn(column, values); !status.ok()) {
    return status.message();
  }
  std::erase_if(values, [](double value) { return std::isnan(value); });
  const std::string which = "the header of field handle " + std::to_string(column.field);
  if (values.size() != column.count || values.empty()) return which + " has another count";
  double sum = 0;
  for (const double value : values) sum += value;
  const auto [min, max] = std::minmax_element(values.begin(), values.end());
  if (!SameBits(sum, column.sum) || *min != column.min || *max != column.max ||
      !SameBits(values.front(), column.first) || !SameBits(values.back(), column.last)) {
    return which + " does not equal its values";
  }
  return {};
}

std::string CheckContent(const ChunkView& chunk) {
  std::vector<int64_t> times(chunk.rows());
  if (const base::Status status = chunk.DecodeTimes(times); !status.ok()) return status.message();
  if (times.front() != chunk.first_ns() || times.back() != chunk.last_ns()) {
    return "the header does not equal the times";
  }
  if (std::adjacent_find(times.begin(), times.end(), std::greater_equal<>()) != times.end()) {
    return "the times do not ascend";
  }
  std::vector<double> values;
  for (const ChunkColumn& column : chunk.columns()) {
    if (std::string wrong = CheckColumn(chunk, column, values); !wrong.empty()) return wrong;
  }
  return {};
}

}  // namespace

base::Status StoreWalk::WalkChunks(const Sink& sink) {
  rocksdb::ColumnFamilyHandle* const family = store_.Find("chunks");
  if (family == nullptr) return {};
  StartRollupCheck();
  DamageSkipper it(store_.db(), family);
  for (;; it.Next()) {
    if (const auto gap = it.TakeGap()) {
      TellGap("chunks", *gap);
      if (rollups_) rollups_->Skip();
    }
    if (!it.valid()) break;
    Advance(it.value().size());
    if (const std::string wrong = CheckChunk(it.key(), it.value()); !wrong.empty()) {
      TellChunk(it.key(), it.value(), wrong);
      if (rollups_) rollups_->Skip();
      continue;
    }
    if (sink) ENERGY_RETURN_IF_ERROR(sink("chunks", it.key(), it.value()));
  }
  if (rollups_) rollups_->Finish();
  return {};
}

void StoreWalk::TellChunk(std::string_view key, std::string_view value, const std::string& wrong) {
  StoreFinding finding{.what = "chunk: " + wrong, .remedy = kRepairRemedy};
  if (key.size() == kChunkKeyBytes) {
    const ChunkKey at = ChunkKey::Decode(key);
    finding.device = DeviceName(at.device);
    finding.first_ns = at.first_ns;
    if (const auto chunk = ChunkView::Parse(value); chunk.ok()) finding.last_ns = chunk->last_ns();
  }
  report_.Add(std::move(finding));
}

// A store of before there were rollups has no families for them yet.
void StoreWalk::StartRollupCheck() {
  rocksdb::ColumnFamilyHandle* const hourly = store_.Find("hourly");
  rocksdb::ColumnFamilyHandle* const daily = store_.Find("daily");
  if (!options_.thorough || hourly == nullptr || daily == nullptr) return;
  const auto iterate = [&](rocksdb::ColumnFamilyHandle* family) {
    return std::unique_ptr<rocksdb::Iterator>(
        store_.db().NewIterator(rocksdb::ReadOptions(), family));
  };
  hourly_ = iterate(hourly);
  daily_ = iterate(daily);
  rollups_ = std::make_unique<RollupCheck>(
      *hourly_, *daily_,
      [this](const RollupShape& shape, DeviceRef device, int64_t start_ns,
             const std::string& what) {
        const std::string key = ChunkKey{.device = device, .first_ns = start_ns}.Encode();
        if (!wrong_rollups_[shape.resolution].insert(key).second) return;
        report_.Add({.device = DeviceName(device),
                     .first_ns = start_ns,
                     .last_ns = start_ns + shape.span_ns() - 1,
                     .what = std::string(FamilyOf(shape)) + " rollup " + what,
                     .remedy = "energy-platform doctor --repair computes it again"});
      });
}

// Those that the readings could not be compared with have at least to be readable.
base::Status StoreWalk::WalkRollups(const RollupShape& shape, const Sink& sink) {
  const std::string_view name = FamilyOf(shape);
  rocksdb::ColumnFamilyHandle* const family = store_.Find(name);
  if (family == nullptr || !options_.thorough) return {};
  const std::set<std::string>& wrong = wrong_rollups_[shape.resolution];
  DamageSkipper it(store_.db(), family);
  for (;; it.Next()) {
    if (const auto gap = it.TakeGap()) TellGap(name, *gap);
    if (!it.valid()) break;
    if (wrong.contains(std::string(it.key()))) continue;
    const auto block = DecodeRollup(it.value(), shape, {});
    if (!block.ok() || it.key().size() != kChunkKeyBytes) {
      StoreFinding finding{.what = std::string(name) + " rollup: " + block.status().message(),
                           .remedy = kRepairRemedy};
      if (it.key().size() == kChunkKeyBytes) {
        const ChunkKey key = ChunkKey::Decode(it.key());
        finding.device = DeviceName(key.device);
        finding.first_ns = key.first_ns;
      }
      report_.Add(std::move(finding));
      continue;
    }
    if (sink) ENERGY_RETURN_IF_ERROR(sink(name, it.key(), it.value()));
  }
  return {};
}

std::string StoreWalk::CheckChunk(std::string_view bytes, std::string_view value) {
  if (bytes.size() != kChunkKeyBytes) return "a key of another length";
  const ChunkKey key = ChunkKey::Decode(bytes);
  const auto chunk = ChunkView::Parse(value);
  if (!chunk.ok()) return chunk.status().message();
  if (chunk->first_ns() != key.first_ns) return "its first time is not its key's";
  if (!names_['d'].contains(key.device)) return "its device has no name";
  if (last_device_ == key.device && chunk->first_ns() <= last_ns_) {
    return "it overlaps the chunk before";
  }
  for (const ChunkColumn& column : chunk->columns()) {
    if (!names_['f'].contains(column.field)) {
      return "field handle " + std::to_string(column.field) + " has no name";
    }
  }
  if (options_.thorough) {
    if (std::string wrong = CheckContent(*chunk); !wrong.empty()) return wrong;
  }
  if (rollups_ && key.device < rollups_built_) {
    if (const base::Status status = chunk->DecodeTo(rows_, {}); !status.ok()) {
      return status.message();
    }
    const auto kept = std::lower_bound(rows_.time_ns.begin(), rows_.time_ns.end(), raw_from_ns_);
    rows_.Slice(static_cast<size_t>(kept - rows_.time_ns.begin()), rows_.rows());
    rollups_->Add(key.device, rows_);
  }
  last_device_ = key.device;
  last_ns_ = chunk->last_ns();
  ++report_.contents.chunks;
  report_.contents.chunk_readings += chunk->rows();
  CountTimes(chunk->first_ns(), chunk->last_ns());
  return {};
}

}  // namespace energy::series
