#pragma once

#include <rocksdb/iterator.h>

#include "base/status.h"
#include "series/rollup_block.h"

namespace energy::series {

/// Buckets in the order of time, with fields as they come up.
class RollupTable {
 public:
  /// `selection` empty: all fields.
  explicit RollupTable(std::span<const FieldRef> selection);

  /// Adds the buckets of a block within [start_ns, end_ns).
  void AddBlock(const RollupBlock& block, const RollupShape& shape, int64_t start_ns,
                int64_t end_ns);
  /// Adds the stored block within [start_ns, end_ns).
  base::Status AddStored(const RollupView& view, const RollupShape& shape, int64_t start_ns,
                         int64_t end_ns);
  void Reserve(size_t buckets);
  size_t buckets() const { return rollups_.start_ns.size(); }
  /// `top` in place of the buckets here that lie in the spans of `span_ns` that begin at `spans`.
  void Replace(const RollupTable& top, std::span<const int64_t> spans, int64_t span_ns);
  /// The answer: fields as asked, or ascending; no bucket without any of them.
  Rollups Take(std::span<const FieldRef> asked) &&;

 private:
  size_t ColumnOf(FieldRef field);
  void Grow();
  void CopyBucket(const RollupTable& from, size_t bucket);

  const bool all_;
  Rollups rollups_;
};

/// Adds the stored blocks of a device that meet [start_ns, end_ns).
/// Errors: kInternal when one is damaged.
base::Status ReadStoredRollups(rocksdb::Iterator& it, DeviceRef device, const RollupShape& shape,
                               int64_t start_ns, int64_t end_ns, RollupTable& table);

}  // namespace energy::series
