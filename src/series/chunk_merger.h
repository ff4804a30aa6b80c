#pragma once

#include <rocksdb/iterator.h>
#include <rocksdb/write_batch.h>

#include <cstdint>
#include <span>

#include "base/status.h"
#include "series/chunk_reader.h"
#include "series/columns.h"

namespace energy::series {

/// Merges unsealed readings into the chunks of a device: newer readings fill the last chunk and
/// make new ones, late readings rewrite the chunk they fall into. Chunks stay sorted and never
/// overlap; they aim at `chunk_readings` rows and have at most twice as many.
///
/// Threads: one at a time, and nobody else writes chunks between the making of `it` and the write
/// of `batch`.
class ChunkMerger {
 public:
  ChunkMerger(rocksdb::Iterator& it, rocksdb::ColumnFamilyHandle* chunks, uint32_t chunk_readings)
      : it_(it), chunks_(chunks), chunk_readings_(chunk_readings) {}

  /// Adds to `batch` what makes the chunks of `device` contain `rows`, which are ascending and
  /// each have a value. Call once per device.
  /// Errors: kInternal when a chunk that must be rewritten is damaged.
  base::Status Merge(DeviceRef device, const Columns& rows, rocksdb::WriteBatch& batch);

  uint64_t chunks_written() const { return chunks_written_; }

 private:
  struct Segment;
  base::Result<Segment> NextSegment(ChunkCursor& cursor, const Columns& rows, size_t from) const;
  void Put(DeviceRef device, const Columns& rows, bool at_end, rocksdb::WriteBatch& batch);

  rocksdb::Iterator& it_;
  rocksdb::ColumnFamilyHandle* const chunks_;
  const uint32_t chunk_readings_;
  uint64_t chunks_written_ = 0;
};

}  // namespace energy::series
