#include <algorithm>
#include <limits>

#include "series/block_scanner.h"
#include "series/engine.h"
#include "series/engine_snapshot.h"

namespace energy::series {

base::Result<Engine::Snapshot> Engine::Take(const ScanQuery& query) const {
  if (query.device >= devices_.size()) {
    return UnknownDevice(query.device);
  }
  const int64_t start = std::max(query.start_ns, rocks_->cuts().raw.load());
  const RowRange range{.start_ns = start,
                       .end_ns = std::max(start, query.end_ns),
                       .limit = std::numeric_limits<size_t>::max(),
                       .newest_first = false,
                       .every_row = query.every_reading};
  ENERGY_ASSIGN_OR_RETURN(Rocks::Lease lease, rocks_->Use());  // before any lock
  Columns unsealed;
  std::shared_ptr<const Head> sealing;
  Views views;
  {
    const std::shared_lock lock(head_mutex_);
    if (Gone(query.device)) return UnknownDevice(query.device);
    if (const DeviceHead* head = active_->Find(query.device)) {
      unsealed = head->Copy(range, query.fields);
    }
    sealing = sealing_;
    views = lease.IterateSealed();
  }
  if (sealing != nullptr) {
    if (const DeviceHead* head = sealing->Find(query.device)) {
      unsealed = Overlay(head->Copy(range, query.fields), unsealed);
    }
  }
  return Snapshot{.lease = std::move(lease),
                  .views = std::move(views),
                  .unsealed = std::move(unsealed),
                  .raw_from_ns = start};
}

base::Status Engine::Scan(const ScanQuery& query, const ScanSink& sink) const {
  return ScanChunks(query, {.rows = sink});
}

base::Status Engine::ScanChunks(const ScanQuery& query, const ChunkSinks& sinks) const {
  ENERGY_ASSIGN_OR_RETURN(Snapshot snapshot, Take(query));
  ScanQuery kept = query;
  kept.start_ns = snapshot.raw_from_ns;
  BlockScanner scanner(*snapshot.views.chunks, kept, std::move(snapshot.unsealed), sinks.takes);
  Columns rows;
  Series block;
  const auto swap = [&] {
    block.time_ns.swap(rows.time_ns);
    block.fields.swap(rows.fields);
    block.columns.swap(rows.columns);
  };
  while (true) {
    const base::Result<bool> more = scanner.Next(rows);
    if (!more.ok()) return NoteDamage(more.status());
    if (!*more) return {};
    if (scanner.at_header()) {
      if (!sinks.header(scanner.header())) return {};
      continue;
    }
    swap();
    if (!sinks.rows(block)) return {};
    swap();  // the next block reuses the memory
  }
}

}  // namespace energy::series
