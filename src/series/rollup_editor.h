#pragma once

#include <rocksdb/iterator.h>
#include <rocksdb/write_batch.h>

#include <functional>
#include <span>

#include "base/status.h"
#include "series/columns.h"
#include "series/rollup_block.h"

namespace energy::series {

/// Brings the stored hours of one device up to date with readings that they may not have yet. Hours
/// whose new readings are all later than what they have go on adding; others are recomputed from
/// the chunks overlaid by the new readings. Adding the same readings again changes nothing.
///
/// Errors: kInternal when chunks that a recomputation needs are damaged.
/// Threads: none of its own.
class HourEditor {
 public:
  /// Takes each edited block, in the order of time.
  using Sink = std::function<base::Status(const RollupBlock& block)>;

  /// `hourly`: null when nothing is stored. `selection` empty: all fields; else the rows have
  /// these. The iterators are of one snapshot and, like `sink`, outlive the editor.
  HourEditor(rocksdb::Iterator& chunks, rocksdb::Iterator* hourly, DeviceRef device,
             std::span<const FieldRef> selection, Sink sink)
      : chunks_(chunks),
        hourly_(hourly),
        device_(device),
        selection_(selection),
        sink_(std::move(sink)) {}

  /// Rows ascending, also from call to call.
  base::Status Add(const Columns& rows);
  /// Hands the last block over.
  base::Status Finish();

 private:
  base::Status Load(int64_t start_ns);
  base::Status AddToHour(unsigned hour, const Columns& rows, size_t from, size_t to);
  base::Status Recompute(unsigned hour, const Columns& rows, size_t from, size_t to);
  void Accumulate(unsigned hour, const Columns& rows, size_t from, size_t to);

  rocksdb::Iterator& chunks_;
  rocksdb::Iterator* const hourly_;
  const DeviceRef device_;
  const std::span<const FieldRef> selection_;
  const Sink sink_;
  bool open_ = false;
  RollupBlock block_;
};

/// The hours of a block appended to each other.
void FoldDay(const RollupBlock& hours, unsigned day, RollupBlock& days);

/// The block stored under (device, start), or an empty one. A damaged one is an error.
base::Result<RollupBlock> LoadRollup(rocksdb::Iterator& it, DeviceRef device, int64_t start_ns,
                                     const RollupShape& shape, std::span<const FieldRef> selection);

/// Writes both resolutions of one device.
///
/// Errors: see HourEditor. Threads: one at a time; nobody else writes rollups between the making of
/// the iterators and the write of the batch.
class RollupWriter {
 public:
  struct Sources {
    rocksdb::Iterator& chunks;
    rocksdb::Iterator& hourly;
    rocksdb::Iterator& daily;
  };
  struct Families {
    rocksdb::ColumnFamilyHandle* hourly;
    rocksdb::ColumnFamilyHandle* daily;
  };
  RollupWriter(const Sources& sources, const Families& families, DeviceRef device,
               rocksdb::WriteBatch& batch);

  /// Rows ascending, also from call to call.
  base::Status Add(const Columns& rows) { return hours_.Add(rows); }
  /// Puts what is left into the batch.
  base::Status Finish();

 private:
  base::Status Put(const RollupBlock& hours);
  void PutDays();

  const Sources sources_;
  const Families families_;
  const DeviceRef device_;
  rocksdb::WriteBatch& batch_;
  HourEditor hours_;
  bool days_open_ = false;
  RollupBlock days_;
  std::string value_;
};

}  // namespace energy::series
