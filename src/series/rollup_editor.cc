#include "series/rollup_editor.h"

#include <algorithm>
#include <cmath>

#include "series/block_scanner.h"
#include "series/keys.h"

namespace energy::series {
namespace {

constexpr int64_t kHour = kHourlyShape.bucket_ns;

size_t RowsBefore(const Columns& rows, size_t from, int64_t end_ns) {
  const auto begin = rows.time_ns.begin();
  return static_cast<size_t>(
      std::lower_bound(begin + static_cast<ptrdiff_t>(from), rows.time_ns.end(), end_ns) - begin);
}

}  // namespace

base::Result<RollupBlock> LoadRollup(rocksdb::Iterator& it, DeviceRef device, int64_t start_ns,
                                     const RollupShape& shape,
                                     std::span<const FieldRef> selection) {
  const std::string key = ChunkKey{.device = device, .first_ns = start_ns}.Encode();
  it.Seek(key);
  if (!it.Valid() || it.key() != rocksdb::Slice(key)) {
    if (!it.status().ok()) return base::Internal("reading rollups: " + it.status().ToString());
    RollupBlock block;
    block.start_ns = start_ns;
    return block;
  }
  auto block = DecodeRollup(it.value().ToStringView(), shape, selection);
  if (block.ok() && block->start_ns != start_ns) {
    return base::Internal("rollup damaged: its start is not its key's");
  }
  return block;
}

base::Status HourEditor::Add(const Columns& rows) {
  for (size_t from = 0; from < rows.rows();) {
    const int64_t time = rows.time_ns[from];
    const int64_t day = FloorTo(time, kHourlyShape.span_ns());
    if (!open_ || block_.start_ns != day) ENERGY_RETURN_IF_ERROR(Load(day));
    const int64_t hour = FloorTo(time, kHour);
    const size_t to = RowsBefore(rows, from, hour + kHour);
    ENERGY_RETURN_IF_ERROR(AddToHour(static_cast<unsigned>((hour - day) / kHour), rows, from, to));
    from = to;
  }
  return {};
}

base::Status HourEditor::Finish() {
  if (!open_) return {};
  open_ = false;
  return sink_(block_);
}

base::Status HourEditor::Load(int64_t start_ns) {
  ENERGY_RETURN_IF_ERROR(Finish());
  block_.fields.clear();
  block_.start_ns = start_ns;
  if (hourly_ != nullptr) {
    ENERGY_ASSIGN_OR_RETURN(block_,
                            LoadRollup(*hourly_, device_, start_ns, kHourlyShape, selection_));
  }
  open_ = true;
  return {};
}

base::Status HourEditor::AddToHour(unsigned hour, const Columns& rows, size_t from, size_t to) {
  if (rows.time_ns[from] <= block_.LastOf(hour)) return Recompute(hour, rows, from, to);
  Accumulate(hour, rows, from, to);
  return {};
}

base::Status HourEditor::Recompute(unsigned hour, const Columns& rows, size_t from, size_t to) {
  block_.Clear(hour);
  const int64_t start = block_.start_ns + kHour * hour;
  const ScanQuery query{.device = device_,
                        .start_ns = start,
                        .end_ns = start + kHour,
                        .fields = {selection_.begin(), selection_.end()}};
  BlockScanner scanner(chunks_, query, rows.CopyRows(from, to));
  Columns raw;
  while (true) {
    ENERGY_ASSIGN_OR_RETURN(const bool more, scanner.Next(raw));
    if (!more) return {};
    Accumulate(hour, raw, 0, raw.rows());
  }
}

void HourEditor::Accumulate(unsigned hour, const Columns& rows, size_t from, size_t to) {
  for (size_t c = 0; c < rows.fields.size(); ++c) {
    const double* const values = rows.columns[c].data();
    size_t first = from;
    while (first < to && std::isnan(values[first])) ++first;
    if (first == to) continue;
    RollupField& field = block_.FindOrAdd(rows.fields[c]);
    field.there |= uint32_t{1} << hour;
    FieldSummary summary = field.buckets[hour];
    for (size_t r = first; r < to; ++r) {
      if (!std::isnan(values[r])) summary.Add(rows.time_ns[r], values[r]);
    }
    field.buckets[hour] = summary;
  }
}

void FoldDay(const RollupBlock& hours, unsigned day, RollupBlock& days) {
  days.Clear(day);
  for (const RollupField& field : hours.fields) {
    if (field.there == 0) continue;
    FieldSummary total;
    for (const FieldSummary& hour : field.buckets) total.Append(hour);
    RollupField& to = days.FindOrAdd(field.field);
    to.there |= uint32_t{1} << day;
    to.buckets[day] = total;
  }
}

RollupWriter::RollupWriter(const Sources& sources, const Families& families, DeviceRef device,
                           rocksdb::WriteBatch& batch)
    : sources_(sources),
      families_(families),
      device_(device),
      batch_(batch),
      hours_(sources.chunks, &sources.hourly, device, {},
             [this](const RollupBlock& hours) { return Put(hours); }) {}

base::Status RollupWriter::Finish() {
  ENERGY_RETURN_IF_ERROR(hours_.Finish());
  if (days_open_) PutDays();
  days_open_ = false;
  return {};
}

base::Status RollupWriter::Put(const RollupBlock& hours) {
  value_.clear();
  EncodeRollup(hours, kHourlyShape, value_);
  batch_.Put(families_.hourly, ChunkKey{.device = device_, .first_ns = hours.start_ns}.Encode(),
             value_);
  const int64_t start = FloorTo(hours.start_ns, kDailyShape.span_ns());
  if (!days_open_ || days_.start_ns != start) {
    if (days_open_) PutDays();
    ENERGY_ASSIGN_OR_RETURN(days_, LoadRollup(sources_.daily, device_, start, kDailyShape, {}));
    days_open_ = true;
  }
  FoldDay(hours, static_cast<unsigned>((hours.start_ns - start) / kDailyShape.bucket_ns), days_);
  return {};
}

void RollupWriter::PutDays() {
  value_.clear();
  EncodeRollup(days_, kDailyShape, value_);
  batch_.Put(families_.daily, ChunkKey{.device = device_, .first_ns = days_.start_ns}.Encode(),
             value_);
}

}  // namespace energy::series
