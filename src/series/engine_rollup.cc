#include <algorithm>
#include <cmath>
#include <limits>

#include "series/block_scanner.h"
#include "series/engine.h"
#include "series/engine_snapshot.h"
#include "series/keys.h"
#include "series/rollup_editor.h"
#include "series/rollup_reader.h"

namespace energy::series {
namespace {

constexpr size_t kBuildBatchBytes = size_t{1} << 20;

// Turns edited days into buckets of the asked resolution.
class EditedBuckets {
 public:
  explicit EditedBuckets(const RollupQuery& query) : query_(query), table_(query.fields) {}

  base::Status Add(const RollupBlock& hours) {
    days_.push_back(hours.start_ns);
    if (query_.resolution == Resolution::kHourly) {
      table_.AddBlock(hours, kHourlyShape, query_.start_ns, query_.end_ns);
      return {};
    }
    RollupBlock day;
    day.start_ns = hours.start_ns;
    FoldDay(hours, 0, day);
    table_.AddBlock(day, kDailyShape, query_.start_ns, query_.end_ns);
    return {};
  }
  const RollupTable& table() const { return table_; }
  std::span<const int64_t> days() const { return days_; }

 private:
  const RollupQuery& query_;
  RollupTable table_;
  std::vector<int64_t> days_;
};

// What the rollups of a query are made of, each field once.
ScanQuery RangeOf(const RollupQuery& query) {
  ScanQuery range{.device = query.device,
                  .start_ns = std::clamp(query.start_ns, kOldestTime, kNewestTime),
                  .end_ns = std::clamp(query.end_ns, kOldestTime, kNewestTime)};
  range.end_ns = std::max(range.start_ns, range.end_ns);
  for (const FieldRef field : query.fields) {
    if (std::find(range.fields.begin(), range.fields.end(), field) == range.fields.end()) {
      range.fields.push_back(field);
    }
  }
  return range;
}

// Sums spans up, field by field.
class SummaryBuilder {
 public:
  explicit SummaryBuilder(std::span<const FieldRef> fields) {
    for (const FieldRef field : fields) TotalOf(field);
  }

  void AddBlock(const Series& block) {
    summary_.raw_readings += block.time_ns.size();
    for (size_t c = 0; c < block.fields.size(); ++c) {
      FieldSummary total;
      for (size_t r = 0; r < block.time_ns.size(); ++r) {
        if (!std::isnan(block.columns[c][r])) total.Add(block.time_ns[r], block.columns[c][r]);
      }
      TotalOf(block.fields[c]).Append(total);
    }
  }
  void AddRollups(const Rollups& rollups) {
    summary_.rollup_buckets += rollups.start_ns.size();
    for (size_t c = 0; c < rollups.fields.size(); ++c) {
      FieldSummary& total = TotalOf(rollups.fields[c]);
      for (const FieldSummary& bucket : rollups.columns[c]) total.Append(bucket);
    }
  }
  Summary Take(std::span<const FieldRef> asked) && {
    Summary out = summary_;
    if (asked.empty()) {
      out.fields = summary_.fields;
      std::sort(out.fields.begin(), out.fields.end());
    } else {
      out.fields.assign(asked.begin(), asked.end());
    }
    out.summaries.clear();
    for (const FieldRef field : out.fields) out.summaries.push_back(TotalOf(field));
    return out;
  }

 private:
  FieldSummary& TotalOf(FieldRef field) {
    const auto found = std::find(summary_.fields.begin(), summary_.fields.end(), field);
    if (found != summary_.fields.end()) {
      return summary_.summaries[static_cast<size_t>(found - summary_.fields.begin())];
    }
    summary_.fields.push_back(field);
    return summary_.summaries.emplace_back();
  }

  Summary summary_;
};

}  // namespace

base::Result<Rollups> Engine::ReadRollups(const RollupQuery& query) const {
  base::Result<Rollups> rollups = RollupsOf(query);
  if (!rollups.ok()) return NoteDamage(rollups.status());
  return rollups;
}

base::Result<Rollups> Engine::RollupsOf(const RollupQuery& query) const {
  const int64_t width = BucketNanoseconds(query.resolution);
  if (query.start_ns % width != 0) return base::InvalidField("start", "must begin a bucket (UTC)");
  if (query.end_ns % width != 0) return base::InvalidField("end", "must begin a bucket (UTC)");
  const RetentionCuts& cuts = rocks_->cuts();
  ScanQuery range = RangeOf(query);
  range.start_ns =
      std::max(range.start_ns,
               query.resolution == Resolution::kHourly ? cuts.hourly.load() : cuts.daily.load());
  range.end_ns = std::max(range.start_ns, range.end_ns);
  const bool built = query.device < rollups_built_;  // before the snapshot: it has those at least
  ENERGY_ASSIGN_OR_RETURN(Snapshot snapshot, Take(range));
  EditedBuckets edited(query);
  HourEditor editor(*snapshot.views.chunks, built ? snapshot.views.hourly.get() : nullptr,
                    query.device, range.fields,
                    [&](const RollupBlock& hours) { return edited.Add(hours); });
  RollupTable table(query.fields);
  if (built) {
    ENERGY_RETURN_IF_ERROR(editor.Add(snapshot.unsealed));
    const RollupShape& shape = query.resolution == Resolution::kHourly ? kHourlyShape : kDailyShape;
    rocksdb::Iterator& it =
        query.resolution == Resolution::kHourly ? *snapshot.views.hourly : *snapshot.views.daily;
    ENERGY_RETURN_IF_ERROR(editor.Finish());
    ENERGY_RETURN_IF_ERROR(
        ReadStoredRollups(it, query.device, shape, range.start_ns, range.end_ns, table));
  } else {
    BlockScanner scanner(*snapshot.views.chunks, range, std::move(snapshot.unsealed));
    Columns rows;
    while (true) {
      ENERGY_ASSIGN_OR_RETURN(const bool more, scanner.Next(rows));
      if (!more) break;
      ENERGY_RETURN_IF_ERROR(editor.Add(rows));
    }
    ENERGY_RETURN_IF_ERROR(editor.Finish());
  }
  table.Replace(edited.table(), edited.days(), kHourlyShape.span_ns());
  return std::move(table).Take(query.fields);
}

base::Status Engine::LoadRollupProgress() {
  ENERGY_ASSIGN_OR_RETURN(const Rocks::Lease lease, rocks_->Use());
  ENERGY_ASSIGN_OR_RETURN(const auto built, lease.ReadMeta(kRollupsBuiltKey));
  if (built && built->size() != kLogKeyBytes) {
    return base::Internal("the telemetry store's rollups_built is damaged: restore a backup");
  }
  rollups_built_ = built ? LoadBe<uint64_t>(*built) : 0;
  return {};
}

// One device at a time, so that a seal never waits for long.
base::Status Engine::BuildRollups() {
  const std::lock_guard sealing(seal_mutex_);
  if (RollupsBuilt()) return {};
  const auto device = static_cast<DeviceRef>(rollups_built_.load());
  ENERGY_ASSIGN_OR_RETURN(const Rocks::Lease lease, rocks_->Use());
  rocksdb::WriteBatch batch;
  uint64_t next = kAllRollups;
  if (device < devices_.size()) {
    const Views views = lease.IterateSealed();
    const Views rows_view = lease.IterateSealed();
    RollupWriter writer({*views.chunks, *views.hourly, *views.daily},
                        {lease->hourly(), lease->daily()}, device, batch);
    const ScanQuery all{.device = device, .start_ns = kOldestTime, .end_ns = kNewestTime};
    BlockScanner scanner(*rows_view.chunks, all, {});
    Columns rows;
    while (true) {
      if (stopping_) return base::Unavailable("the telemetry store is stopping");
      ENERGY_ASSIGN_OR_RETURN(const bool more, scanner.Next(rows));
      if (!more) break;
      ENERGY_RETURN_IF_ERROR(writer.Add(rows));
      if (batch.GetDataSize() < kBuildBatchBytes) continue;
      ENERGY_RETURN_IF_ERROR(lease.Write(batch, false));
      batch.Clear();
    }
    ENERGY_RETURN_IF_ERROR(writer.Finish());
    next = uint64_t{device} + 1;
  }
  batch.Put(lease->meta(), kRollupsBuiltKey, LogKey(next));
  ENERGY_RETURN_IF_ERROR(lease.Write(batch, false));
  rollups_built_ = next;
  if (next == kAllRollups) logger_->info("the rollups of this store are built");
  return {};
}

// From the edges inwards: readings, hours, and days in the middle.
base::Result<Summary> Engine::Summarize(const ScanQuery& query) const {
  SummaryBuilder builder(query.fields);
  const auto add_raw = [&](int64_t from, int64_t to) {
    ScanQuery part = query;
    part.start_ns = from;
    part.end_ns = to;
    return Scan(part, [&](const Series& block) {
      builder.AddBlock(block);
      return true;
    });
  };
  const auto add_rollups = [&](int64_t from, int64_t to, Resolution resolution) -> base::Status {
    if (from >= to) return {};
    ENERGY_ASSIGN_OR_RETURN(const Rollups rollups, ReadRollups({.device = query.device,
                                                                .start_ns = from,
                                                                .end_ns = to,
                                                                .fields = query.fields,
                                                                .resolution = resolution}));
    builder.AddRollups(rollups);
    return {};
  };
  const int64_t start = std::clamp(query.start_ns, kOldestTime, kNewestTime);
  const int64_t end = std::max(start, std::clamp(query.end_ns, kOldestTime, kNewestTime));
  constexpr int64_t kHour = kHourlyShape.bucket_ns;
  constexpr int64_t kDay = kDailyShape.bucket_ns;
  const int64_t first_hour = std::min(end, FloorTo(start + kHour - 1, kHour));
  const int64_t last_hour = std::max(first_hour, FloorTo(end, kHour));
  const int64_t first_day = std::min(last_hour, FloorTo(first_hour + kDay - 1, kDay));
  const int64_t last_day = std::max(first_day, FloorTo(last_hour, kDay));
  ENERGY_RETURN_IF_ERROR(add_raw(start, first_hour));
  ENERGY_RETURN_IF_ERROR(add_rollups(first_hour, first_day, Resolution::kHourly));
  ENERGY_RETURN_IF_ERROR(add_rollups(first_day, last_day, Resolution::kDaily));
  ENERGY_RETURN_IF_ERROR(add_rollups(last_day, last_hour, Resolution::kHourly));
  ENERGY_RETURN_IF_ERROR(add_raw(last_hour, end));
  return std::move(builder).Take(query.fields);
}

}  // namespace energy::series
