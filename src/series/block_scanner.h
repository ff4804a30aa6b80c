#pragma once

#include <rocksdb/iterator.h>

#include <functional>

#include "base/status.h"
#include "series/chunk_reader.h"
#include "series/columns.h"

namespace energy::series {

/// Goes through the readings of a range block by block: a block is a chunk, overlaid by what is
/// not sealed, or up to kMostUnsealed readings from between chunks.
///
/// Errors: see ChunkCursor. Threads: none of its own.
class BlockScanner {
 public:
  static constexpr size_t kMostUnsealed = 4096;

  using TakesHeader = std::function<bool(int64_t first_ns, int64_t last_ns)>;

  /// `unsealed` has the fields of the query, in their order, or all, and lies within the range.
  /// `takes`: of which chunks the header will do, see ChunkSinks; needs fields in the query.
  /// `it` and `query` outlive the scanner.
  BlockScanner(rocksdb::Iterator& it, const ScanQuery& query, Columns unsealed,
               TakesHeader takes = {});

  /// Goes on to the next header or replaces `block`, reusing its memory; false when there is no
  /// more.
  base::Result<bool> Next(Columns& block);
  /// Whether the last step came to a header, which is valid until the next.
  bool at_header() const { return at_header_; }
  const ChunkSummary& header() const { return header_; }

 private:
  base::Status Decode(const ChunkView& chunk, Columns& block) const;
  bool TakeHeader(const ChunkView& chunk);
  bool HasUnsealedBefore(int64_t end_ns) const;
  Columns TakeUnsealed(int64_t end_ns, size_t most);

  const ScanQuery& query_;
  ChunkCursor cursor_;
  const Columns unsealed_;
  const TakesHeader takes_;
  ChunkSummary header_;
  bool at_header_ = false;
  size_t next_unsealed_ = 0;
};

}  // namespace energy::series
