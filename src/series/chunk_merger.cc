#include "series/chunk_merger.h"

#include <algorithm>
#include <limits>
#include <optional>

namespace energy::series {
// Rows [from, to) of the new readings and the chunk that they join, if any.
struct ChunkMerger::Segment {
  size_t to = 0;
  std::optional<Columns> joined;  // the decoded chunk
  bool at_end = false;            // no chunk of the device comes after
};

base::Result<ChunkMerger::Segment> ChunkMerger::NextSegment(ChunkCursor& cursor,
                                                            const Columns& rows,
                                                            size_t from) const {
  cursor.SeekBefore(rows.time_ns[from]);
  // Readings before the first chunk belong to it.
  if (!cursor.valid()) cursor.SeekAfter(std::numeric_limits<int64_t>::min());
  ENERGY_RETURN_IF_ERROR(cursor.status());
  Segment segment{.to = rows.rows(), .joined = std::nullopt, .at_end = true};
  if (!cursor.valid()) return segment;

  ENERGY_ASSIGN_OR_RETURN(const ChunkView chunk, cursor.View());
  const int64_t first = chunk.first_ns();
  const int64_t last = chunk.last_ns();
  const bool full = chunk.rows() >= chunk_readings_;
  Columns decoded;
  ENERGY_RETURN_IF_ERROR(chunk.AppendTo(decoded, true));
  cursor.Next();
  ENERGY_RETURN_IF_ERROR(cursor.status());
  if (cursor.valid()) {
    const auto to = std::lower_bound(rows.time_ns.begin(), rows.time_ns.end(), cursor.first_ns());
    segment.to = static_cast<size_t>(to - rows.time_ns.begin());
    segment.at_end = false;
  }
  const int64_t segment_last = rows.time_ns[segment.to - 1];
  const bool overlaps = rows.time_ns[from] <= last && segment_last >= first;
  if (overlaps || !full) {
    segment.joined = std::move(decoded);
  } else if (segment_last < first) {
    segment.at_end = false;
  }
  return segment;
}

base::Status ChunkMerger::Merge(DeviceRef device, const Columns& rows, rocksdb::WriteBatch& batch) {
  ChunkCursor cursor(it_, device);
  for (size_t from = 0; from < rows.rows();) {
    ENERGY_ASSIGN_OR_RETURN(Segment segment, NextSegment(cursor, rows, from));
    Columns part = rows.CopyRows(from, segment.to);
    if (segment.joined) {
      const int64_t old_first = segment.joined->time_ns.front();
      part = Overlay(std::move(*segment.joined), part);
      if (part.time_ns.front() != old_first) {
        batch.Delete(chunks_, ChunkKey{.device = device, .first_ns = old_first}.Encode());
      }
    }
    Put(device, part, segment.at_end, batch);
    from = segment.to;
  }
  return {};
}

void ChunkMerger::Put(DeviceRef device, const Columns& rows, bool at_end,
                      rocksdb::WriteBatch& batch) {
  const size_t total = rows.rows();
  size_t piece = chunk_readings_;
  if (!at_end) {
    // Nothing will fill the last piece up, so all get the same; a late reading splits none that is
    // not twice too large.
    const size_t pieces = total <= 2 * piece ? 1 : (total + chunk_readings_ - 1) / chunk_readings_;
    piece = (total + pieces - 1) / pieces;
  }
  std::string value;
  for (size_t from = 0; from < total; from += piece) {
    value.clear();
    EncodeChunk(rows, from, std::min(from + piece, total), value);
    batch.Put(chunks_, ChunkKey{.device = device, .first_ns = rows.time_ns[from]}.Encode(), value);
    ++chunks_written_;
  }
}

}  // namespace energy::series
