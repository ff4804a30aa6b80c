#include "series/chunk_reader.h"

#include <algorithm>
#include <limits>
#include <vector>

namespace energy::series {
namespace {

// Adds the rows of a chunk that have an asked value to `out`, which ends before it.
base::Status AppendChunk(const ChunkView& chunk, std::span<const FieldRef> selection,
                         Columns& out) {
  if (selection.empty()) return chunk.AppendTo(out, true);
  const auto columns = chunk.columns();
  const bool every_row = std::any_of(columns.begin(), columns.end(), [&](const ChunkColumn& c) {
    return !c.has_gaps && std::find(selection.begin(), selection.end(), c.field) != selection.end();
  });
  if (every_row) return chunk.AppendTo(out, false);
  Columns rows;
  rows.fields.assign(selection.begin(), selection.end());
  rows.columns.resize(selection.size());
  ENERGY_RETURN_IF_ERROR(chunk.AppendTo(rows, false));
  rows.DropEmptyRows();
  for (size_t c = 0; c < rows.fields.size(); ++c) {
    out.columns[c].insert(out.columns[c].end(), rows.columns[c].begin(), rows.columns[c].end());
  }
  out.time_ns.insert(out.time_ns.end(), rows.time_ns.begin(), rows.time_ns.end());
  return {};
}

void CutStart(Columns& rows, int64_t start_ns) {
  const auto from = std::lower_bound(rows.time_ns.begin(), rows.time_ns.end(), start_ns);
  rows.Slice(static_cast<size_t>(from - rows.time_ns.begin()), rows.rows());
}

void CutEnd(Columns& rows, int64_t end_ns) {
  const auto to = std::lower_bound(rows.time_ns.begin(), rows.time_ns.end(), end_ns);
  rows.Slice(0, static_cast<size_t>(to - rows.time_ns.begin()));
}

Columns EmptyAnswer(std::span<const FieldRef> selection) {
  Columns out;
  out.fields.assign(selection.begin(), selection.end());
  out.columns.resize(selection.size());
  return out;
}

base::Result<Columns> ReadOldest(ChunkCursor& cursor, const RowRange& range,
                                 std::span<const FieldRef> selection) {
  Columns out = EmptyAnswer(selection);
  cursor.SeekBefore(range.start_ns);
  if (!cursor.valid()) cursor.SeekAfter(range.start_ns);
  for (; cursor.valid() && cursor.first_ns() < range.end_ns && out.rows() < range.limit;
       cursor.Next()) {
    ENERGY_ASSIGN_OR_RETURN(const ChunkView chunk, cursor.View());
    if (chunk.last_ns() < range.start_ns) continue;
    ENERGY_RETURN_IF_ERROR(AppendChunk(chunk, selection, out));
    if (chunk.first_ns() < range.start_ns) CutStart(out, range.start_ns);
  }
  ENERGY_RETURN_IF_ERROR(cursor.status());
  CutEnd(out, range.end_ns);
  out.Slice(0, std::min(out.rows(), range.limit));
  return out;
}

base::Result<Columns> ReadNewest(ChunkCursor& cursor, const RowRange& range,
                                 std::span<const FieldRef> selection) {
  std::vector<Columns> newest_first;
  size_t rows = 0;
  // No overflow: an empty range never gets here, so the end is above the smallest time.
  for (cursor.SeekBefore(range.end_ns - 1); cursor.valid() && rows < range.limit; cursor.Prev()) {
    ENERGY_ASSIGN_OR_RETURN(const ChunkView chunk, cursor.View());
    if (chunk.last_ns() < range.start_ns) break;
    Columns& part = newest_first.emplace_back(EmptyAnswer(selection));
    ENERGY_RETURN_IF_ERROR(AppendChunk(chunk, selection, part));
    CutStart(part, range.start_ns);
    CutEnd(part, range.end_ns);
    rows += part.rows();
  }
  ENERGY_RETURN_IF_ERROR(cursor.status());
  Columns out = EmptyAnswer(selection);
  for (auto part = newest_first.rbegin(); part != newest_first.rend(); ++part) {
    out = Overlay(std::move(out), *part);
  }
  if (out.rows() > range.limit) out.Slice(out.rows() - range.limit, out.rows());
  return out;
}

}  // namespace

void ChunkCursor::SeekBefore(int64_t time_ns) {
  it_.SeekForPrev(ChunkKey{.device = device_, .first_ns = time_ns}.Encode());
}

void ChunkCursor::SeekAfter(int64_t time_ns) {
  it_.Seek(ChunkKey{.device = device_, .first_ns = time_ns}.Encode());
}

bool ChunkCursor::valid() const {
  return it_.Valid() && it_.key().size() == kChunkKeyBytes &&
         ChunkKey::Decode(it_.key().ToStringView()).device == device_;
}

base::Status ChunkCursor::status() const {
  const rocksdb::Status status = it_.status();
  if (status.ok()) return {};
  return base::Internal("reading the chunks of device handle " + std::to_string(device_) + ": " +
                        status.ToString());
}

int64_t ChunkCursor::first_ns() const {
  return ChunkKey::Decode(it_.key().ToStringView()).first_ns;
}

base::Result<ChunkView> ChunkCursor::View() const {
  base::Result<ChunkView> view = ChunkView::Parse(it_.value().ToStringView());
  if (view.ok() && view->first_ns() != first_ns()) {
    view = base::Internal("chunk damaged: its first time is not its key's");
  }
  if (view.ok()) return view;
  return base::Internal(view.status().message() + " (device handle " + std::to_string(device_) +
                        ", chunk at " + std::to_string(first_ns()) + " ns)");
}

base::Result<Columns> ReadChunks(rocksdb::Iterator& it, DeviceRef device, const RowRange& range,
                                 std::span<const FieldRef> selection) {
  if (range.start_ns >= range.end_ns) return EmptyAnswer(selection);
  ChunkCursor cursor(it, device);
  return range.newest_first ? ReadNewest(cursor, range, selection)
                            : ReadOldest(cursor, range, selection);
}

}  // namespace energy::series
