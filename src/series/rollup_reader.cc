#include "series/rollup_reader.h"

#include <algorithm>
#include <bit>

#include "series/keys.h"

namespace energy::series {
namespace {

// The buckets of a block that begin within [start_ns, end_ns), as bits.
uint32_t BucketsWithin(int64_t block_ns, const RollupShape& shape, int64_t start_ns,
                       int64_t end_ns) {
  uint32_t bits = 0;
  for (unsigned i = 0; i < shape.buckets; ++i) {
    const int64_t bucket = block_ns + shape.bucket_ns * i;
    if (bucket >= start_ns && bucket < end_ns) bits |= uint32_t{1} << i;
  }
  return bits;
}

}  // namespace

RollupTable::RollupTable(std::span<const FieldRef> selection) : all_(selection.empty()) {
  for (const FieldRef field : selection) {
    if (std::find(rollups_.fields.begin(), rollups_.fields.end(), field) == rollups_.fields.end()) {
      rollups_.fields.push_back(field);
    }
  }
  rollups_.columns.resize(rollups_.fields.size());
}

void RollupTable::Reserve(size_t buckets) {
  rollups_.start_ns.reserve(buckets);
  for (auto& column : rollups_.columns) column.reserve(buckets);
}

size_t RollupTable::ColumnOf(FieldRef field) {
  const auto found = std::find(rollups_.fields.begin(), rollups_.fields.end(), field);
  const auto index = static_cast<size_t>(found - rollups_.fields.begin());
  if (found != rollups_.fields.end() || !all_) return index;
  rollups_.fields.push_back(field);
  rollups_.columns.emplace_back();
  rollups_.columns.back().reserve(rollups_.start_ns.capacity());
  return index;
}

void RollupTable::Grow() {
  for (auto& column : rollups_.columns) column.resize(rollups_.start_ns.size());
}

void RollupTable::AddBlock(const RollupBlock& block, const RollupShape& shape, int64_t start_ns,
                           int64_t end_ns) {
  const uint32_t within = BucketsWithin(block.start_ns, shape, start_ns, end_ns);
  uint32_t there = 0;
  for (const RollupField& field : block.fields) {
    if (ColumnOf(field.field) < rollups_.fields.size()) there |= field.there & within;
  }
  const size_t first = buckets();
  for (uint32_t left = there; left != 0; left &= left - 1) {
    rollups_.start_ns.push_back(block.start_ns + shape.bucket_ns * std::countr_zero(left));
  }
  Grow();
  for (const RollupField& field : block.fields) {
    const size_t column = ColumnOf(field.field);
    if (column == rollups_.fields.size()) continue;
    size_t row = first;
    for (uint32_t left = there; left != 0; left &= left - 1, ++row) {
      rollups_.columns[column][row] = field.buckets[static_cast<size_t>(std::countr_zero(left))];
    }
  }
}

base::Status RollupTable::AddStored(const RollupView& view, const RollupShape& shape,
                                    int64_t start_ns, int64_t end_ns) {
  RollupBlock block;
  block.start_ns = view.start_ns();
  for (size_t i = 0; i < view.fields().size(); ++i) {
    if (ColumnOf(view.fields()[i]) == rollups_.fields.size()) continue;
    RollupField& field = block.fields.emplace_back();
    field.field = view.fields()[i];
    field.there = view.there(i);
    ENERGY_RETURN_IF_ERROR(view.Decode(i, field.buckets));
  }
  AddBlock(block, shape, start_ns, end_ns);
  return {};
}

void RollupTable::CopyBucket(const RollupTable& from, size_t bucket) {
  rollups_.start_ns.push_back(from.rollups_.start_ns[bucket]);
  for (size_t c = 0; c < from.rollups_.fields.size(); ++c) {
    auto& column = rollups_.columns[ColumnOf(from.rollups_.fields[c])];
    column.resize(buckets() - 1);
    column.push_back(from.rollups_.columns[c][bucket]);
  }
}

void RollupTable::Replace(const RollupTable& top, std::span<const int64_t> spans, int64_t span_ns) {
  if (spans.empty()) return;
  const auto& starts = rollups_.start_ns;
  // The usual case: all that is new is at the end.
  const auto keep = static_cast<size_t>(
      std::lower_bound(starts.begin(), starts.end(), spans.front()) - starts.begin());
  RollupTable rest{std::span<const FieldRef>()};
  rest.rollups_.fields = rollups_.fields;
  rest.rollups_.columns.resize(rollups_.columns.size());
  for (size_t i = keep; i < starts.size(); ++i) {
    const bool replaced =
        std::binary_search(spans.begin(), spans.end(), FloorTo(starts[i], span_ns));
    if (!replaced) rest.CopyBucket(*this, i);
  }
  rest.Grow();
  rollups_.start_ns.resize(keep);
  Grow();
  size_t r = 0;
  size_t t = 0;
  while (r < rest.buckets() || t < top.buckets()) {
    const bool from_rest =
        t == top.buckets() ||
        (r < rest.buckets() && rest.rollups_.start_ns[r] < top.rollups_.start_ns[t]);
    if (from_rest) {
      CopyBucket(rest, r++);
    } else {
      CopyBucket(top, t++);
    }
  }
  Grow();
}

Rollups RollupTable::Take(std::span<const FieldRef> asked) && {
  Rollups out;
  out.fields.assign(asked.begin(), asked.end());
  if (asked.empty()) {
    for (size_t c = 0; c < rollups_.fields.size(); ++c) {
      const auto& column = rollups_.columns[c];
      const bool any = std::any_of(column.begin(), column.end(),
                                   [](const FieldSummary& bucket) { return bucket.count != 0; });
      if (any) out.fields.push_back(rollups_.fields[c]);
    }
    std::sort(out.fields.begin(), out.fields.end());
  }
  out.start_ns = std::move(rollups_.start_ns);
  for (size_t f = 0; f < out.fields.size(); ++f) {
    const auto column = std::find(rollups_.fields.begin(), rollups_.fields.end(), out.fields[f]);
    auto& source = rollups_.columns[static_cast<size_t>(column - rollups_.fields.begin())];
    const bool again = std::find(out.fields.begin() + static_cast<ptrdiff_t>(f) + 1,
                                 out.fields.end(), out.fields[f]) != out.fields.end();
    out.columns.push_back(again ? source : std::move(source));
  }
  return out;
}

base::Status ReadStoredRollups(rocksdb::Iterator& it, DeviceRef device, const RollupShape& shape,
                               int64_t start_ns, int64_t end_ns, RollupTable& table) {
  const int64_t first = FloorTo(start_ns, shape.span_ns());
  for (it.Seek(ChunkKey{.device = device, .first_ns = first}.Encode()); it.Valid(); it.Next()) {
    const std::string_view bytes = it.key().ToStringView();
    if (bytes.size() != kChunkKeyBytes) break;
    const ChunkKey key = ChunkKey::Decode(bytes);
    if (key.device != device || key.first_ns >= end_ns) break;
    ENERGY_ASSIGN_OR_RETURN(const RollupView view,
                            RollupView::Parse(it.value().ToStringView(), shape));
    if (view.start_ns() != key.first_ns) {
      return base::Internal("rollup damaged: its start is not its key's");
    }
    ENERGY_RETURN_IF_ERROR(table.AddStored(view, shape, start_ns, end_ns));
  }
  if (it.status().ok()) return {};
  return base::Internal("reading rollups: " + it.status().ToString());
}

}  // namespace energy::series
