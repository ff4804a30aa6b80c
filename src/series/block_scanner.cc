#include "series/block_scanner.h"

#include <algorithm>

namespace energy::series {
namespace {

bool IsSelected(std::span<const FieldRef> selection, FieldRef field) {
  return selection.empty() ||
         std::find(selection.begin(), selection.end(), field) != selection.end();
}

void CutTo(const ScanQuery& query, Columns& block) {
  const auto& times = block.time_ns;
  if (times.empty() || (times.front() >= query.start_ns && times.back() < query.end_ns)) return;
  const auto from = std::lower_bound(times.begin(), times.end(), query.start_ns);
  const auto to = std::lower_bound(from, times.end(), query.end_ns);
  block.Slice(static_cast<size_t>(from - times.begin()), static_cast<size_t>(to - times.begin()));
}

}  // namespace

BlockScanner::BlockScanner(rocksdb::Iterator& it, const ScanQuery& query, Columns unsealed,
                           TakesHeader takes)
    : query_(query),
      cursor_(it, query.device),
      unsealed_(std::move(unsealed)),
      takes_(std::move(takes)) {
  cursor_.SeekBefore(query.start_ns);
  if (!cursor_.valid()) cursor_.SeekAfter(query.start_ns);
}

bool BlockScanner::HasUnsealedBefore(int64_t end_ns) const {
  return next_unsealed_ < unsealed_.rows() && unsealed_.time_ns[next_unsealed_] < end_ns;
}

Columns BlockScanner::TakeUnsealed(int64_t end_ns, size_t most) {
  const auto& times = unsealed_.time_ns;
  const size_t from = next_unsealed_;
  const auto end =
      std::lower_bound(times.begin() + static_cast<ptrdiff_t>(from), times.end(), end_ns);
  next_unsealed_ = std::min(from + most, static_cast<size_t>(end - times.begin()));
  return unsealed_.CopyRows(from, next_unsealed_);
}

base::Status BlockScanner::Decode(const ChunkView& chunk, Columns& block) const {
  const auto columns = chunk.columns();
  const bool every_row = std::any_of(columns.begin(), columns.end(), [&](const ChunkColumn& c) {
    return !c.has_gaps && IsSelected(query_.fields, c.field);
  });
  ENERGY_RETURN_IF_ERROR(chunk.DecodeTo(block, query_.fields));
  if (!every_row && !query_.every_reading) block.DropEmptyRows();
  CutTo(query_, block);
  return {};
}

// Whether the chunk lies in the range, has a field that is asked for, and its header will do.
bool BlockScanner::TakeHeader(const ChunkView& chunk) {
  if (!takes_ || chunk.first_ns() < query_.start_ns || chunk.last_ns() >= query_.end_ns ||
      !takes_(chunk.first_ns(), chunk.last_ns())) {
    return false;
  }
  header_.first_ns = chunk.first_ns();
  header_.last_ns = chunk.last_ns();
  header_.fields.assign(query_.fields.size(), {});
  bool any = false;
  for (const ChunkColumn& column : chunk.columns()) {
    for (size_t f = 0; f < query_.fields.size(); ++f) {
      if (query_.fields[f] != column.field) continue;
      header_.fields[f] = {.count = column.count,
                           .sum = column.sum,
                           .min = column.min,
                           .max = column.max,
                           .first = column.first,
                           .last = column.last,
                           .first_ns = chunk.first_ns(),
                           .last_ns = chunk.last_ns()};
      any = true;
    }
  }
  return any;
}

base::Result<bool> BlockScanner::Next(Columns& block) {
  block.Slice(0, 0);
  at_header_ = false;
  while (query_.start_ns < query_.end_ns && cursor_.valid() && cursor_.first_ns() < query_.end_ns) {
    ENERGY_ASSIGN_OR_RETURN(const ChunkView chunk, cursor_.View());
    if (chunk.last_ns() < query_.start_ns) {
      cursor_.Next();
      continue;
    }
    if (HasUnsealedBefore(chunk.first_ns())) {
      block = TakeUnsealed(chunk.first_ns(), kMostUnsealed);
      break;
    }
    const int64_t end = chunk.last_ns() < query_.end_ns ? chunk.last_ns() + 1 : query_.end_ns;
    if (!HasUnsealedBefore(end) && TakeHeader(chunk)) {
      cursor_.Next();
      at_header_ = true;
      return true;
    }
    ENERGY_RETURN_IF_ERROR(Decode(chunk, block));
    if (HasUnsealedBefore(end)) {
      block = Overlay(std::move(block), TakeUnsealed(end, unsealed_.rows()));
    }
    cursor_.Next();
    if (!block.empty()) break;
  }
  ENERGY_RETURN_IF_ERROR(cursor_.status());
  if (block.empty()) block = TakeUnsealed(query_.end_ns, kMostUnsealed);
  if (query_.fields.empty()) {
    block.DropEmptyColumns();
    block.SortFields();
  }
  return !block.empty();
}

}  // namespace energy::series
