#pragma once

#include <rocksdb/iterator.h>

#include <span>

#include "base/status.h"
#include "series/chunk.h"
#include "series/keys.h"
#include "series/sorted_rows.h"

namespace energy::series {

/// Walks the chunks of one device in an iterator over the column family `chunks`.
///
/// Errors: kInternal for a damaged chunk, naming device and chunk; see Rocks::Translate for the
/// rest. Threads: none of its own.
class ChunkCursor {
 public:
  ChunkCursor(rocksdb::Iterator& it, DeviceRef device) : it_(it), device_(device) {}

  /// Goes to the last chunk that begins at or before `time_ns`.
  void SeekBefore(int64_t time_ns);
  /// Goes to the first chunk that begins at or after `time_ns`.
  void SeekAfter(int64_t time_ns);
  void Next() { it_.Next(); }
  void Prev() { it_.Prev(); }

  /// False past the chunks of the device, or on an error: see status.
  bool valid() const;
  base::Status status() const;
  int64_t first_ns() const;
  /// The chunk here; valid until the cursor moves.
  base::Result<ChunkView> View() const;

 private:
  rocksdb::Iterator& it_;
  const DeviceRef device_;
};

/// The rows of a range from the chunks, `range.limit` at most; `selection` empty: all fields.
/// Rows without an asked value are left out.
base::Result<Columns> ReadChunks(rocksdb::Iterator& it, DeviceRef device, const RowRange& range,
                                 std::span<const FieldRef> selection);

}  // namespace energy::series
