#include <algorithm>
#include <limits>

#include "series/chunk_reader.h"
#include "series/engine.h"
#include "series/engine_snapshot.h"

namespace energy::series {

base::Result<Series> Engine::Read(const RangeQuery& query) const {
  if (query.limit == 0) return base::InvalidField("limit", "must be at least 1");
  if (query.device >= devices_.size()) {
    return UnknownDevice(query.device);
  }
  // One more than asked for tells whether there is more.
  const size_t most =
      query.limit == std::numeric_limits<size_t>::max() ? query.limit : query.limit + 1;
  const int64_t start = std::max(query.start_ns, rocks_->cuts().raw.load());
  const RowRange range{.start_ns = start,
                       .end_ns = std::max(start, query.end_ns),
                       .limit = most,
                       .newest_first = query.newest_first};
  ENERGY_ASSIGN_OR_RETURN(const Rocks::Lease lease, rocks_->Use());  // before any lock
  Columns active;
  std::shared_ptr<const Head> sealing;
  std::unique_ptr<rocksdb::Iterator> chunks;
  {
    const std::shared_lock lock(head_mutex_);
    if (Gone(query.device)) return UnknownDevice(query.device);
    if (const DeviceHead* head = active_->Find(query.device)) {
      active = head->Copy(range, query.fields);
    }
    sealing = sealing_;
    chunks = lease.Iterate(lease->chunks());
  }
  base::Result<Columns> sealed = ReadChunks(*chunks, query.device, range, query.fields);
  if (!sealed.ok()) return NoteDamage(sealed.status());
  Columns rows = std::move(*sealed);
  if (sealing != nullptr) {
    if (const DeviceHead* head = sealing->Find(query.device)) {
      rows = Overlay(std::move(rows), head->Copy(range, query.fields));
    }
  }
  rows = Overlay(std::move(rows), active);

  Series series;
  series.truncated = rows.rows() > query.limit;
  if (series.truncated) {
    const size_t from = query.newest_first ? rows.rows() - query.limit : 0;
    rows.Slice(from, from + query.limit);
  }
  if (query.fields.empty()) {
    rows.DropEmptyColumns();
    rows.SortFields();
  }
  series.time_ns = std::move(rows.time_ns);
  series.fields = std::move(rows.fields);
  series.columns = std::move(rows.columns);
  return series;
}

std::optional<Latest> Engine::LatestOf(DeviceRef device) const {
  constexpr RowRange kNewest{.start_ns = std::numeric_limits<int64_t>::min(),
                             .end_ns = std::numeric_limits<int64_t>::max(),
                             .limit = 1,
                             .newest_first = true};
  std::optional<Latest> latest;
  std::shared_ptr<const Head> sealing;
  {
    const std::shared_lock lock(head_mutex_);
    if (Gone(device)) return std::nullopt;
    if (const DeviceHead* head = active_->Find(device)) latest = LastRow(head->Copy(kNewest, {}));
    sealing = sealing_;
  }
  if (sealing != nullptr) {
    if (const DeviceHead* head = sealing->Find(device)) {
      latest = Later(LastRow(head->Copy(kNewest, {})), std::move(latest));
    }
  }
  latest = Later(LatestSealed(device), std::move(latest));
  if (latest && latest->time_ns < rocks_->cuts().raw) return std::nullopt;
  return latest;
}

std::optional<Latest> Engine::LatestSealed(DeviceRef device) const {
  uint64_t seals = 0;
  {
    const std::lock_guard lock(latest_mutex_);
    const auto known = latest_sealed_.find(device);
    if (known != latest_sealed_.end()) return known->second;
    seals = seals_;
  }
  const auto lease = rocks_->Use();
  if (!lease.ok()) return std::nullopt;
  const auto it = lease->Iterate((*lease)->chunks());
  ChunkCursor cursor(*it, device);
  cursor.SeekBefore(std::numeric_limits<int64_t>::max());
  std::optional<Latest> latest;
  if (cursor.valid()) {
    const base::Result<ChunkView> chunk = cursor.View();
    Columns rows;
    const base::Status status = chunk.ok() ? chunk->AppendTo(rows, true) : chunk.status();
    if (!status.ok()) {
      (void)NoteDamage(status);
      return std::nullopt;
    }
    latest = LastRow(rows);
  }
  const std::lock_guard lock(latest_mutex_);
  if (seals == seals_ && cursor.status().ok() && device < devices_.size()) {
    if (latest_sealed_.size() >= kMostLatest) latest_sealed_.clear();
    latest_sealed_.emplace(device, latest);
  }
  return latest;
}

}  // namespace energy::series
