#include "series/chunk.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "series/bytes.h"
#include "series/packing.h"

namespace energy::series {
namespace {

constexpr uint8_t kVersion = 1;
constexpr uint8_t kTimesDelta = 1;  // on disk: never renumber
constexpr size_t kHeaderBytes = 32;
constexpr size_t kColumnBytes = 56;
// Time steps are stored in the coarsest of these units that loses nothing.
constexpr std::array<int64_t, 4> kTimeUnits = {1'000'000'000, 1'000'000, 1'000, 1};

base::Status Damaged(std::string_view what) {
  return base::Internal("chunk damaged: " + std::string(what));
}

void EncodeTimes(std::span<const int64_t> times, std::string& out) {
  std::vector<int64_t> steps(times.size() - 1);
  size_t unit = 0;
  for (size_t i = 0; i < steps.size(); ++i) {
    const uint64_t step = static_cast<uint64_t>(times[i + 1]) - static_cast<uint64_t>(times[i]);
    while (step % static_cast<uint64_t>(kTimeUnits[unit]) != 0) ++unit;
    steps[i] = static_cast<int64_t>(step);
  }
  if (kTimeUnits[unit] != 1) {
    const auto divisor = static_cast<uint64_t>(kTimeUnits[unit]);
    for (int64_t& step : steps) {
      step = static_cast<int64_t>(static_cast<uint64_t>(step) / divisor);
    }
  }
  AppendLe(out, static_cast<uint8_t>(unit));
  EncodeFrame(steps, out);
}

// Writes one column after `out` and its entry into the directory at `entry`; false when no row has
// a value, and then nothing is written.
bool EncodeColumn(FieldRef field, std::span<const double> rows, std::string& out,
                  std::string& directory) {
  std::vector<double> present;
  present.reserve(rows.size());
  for (const double value : rows) {
    if (!std::isnan(value)) present.push_back(value);
  }
  if (present.empty()) return false;

  const size_t start = out.size();
  const bool has_gaps = present.size() != rows.size();
  if (has_gaps) {
    BitWriter bitmap(out);
    for (const double value : rows) bitmap.Write(std::isnan(value) ? 0 : 1, 1);
    bitmap.Finish();
  }
  const ValueCodec codec = EncodeValues(present, out);
  double sum = 0;
  for (const double value : present) sum += value;
  const auto [min, max] = std::minmax_element(present.begin(), present.end());

  AppendLe(directory, field);
  AppendLe(directory, static_cast<uint8_t>(codec));
  AppendLe(directory, static_cast<uint8_t>(has_gaps));
  AppendLe(directory, static_cast<uint32_t>(out.size() - start));
  AppendLe(directory, static_cast<uint32_t>(present.size()));
  AppendLe(directory, uint32_t{0});
  for (const double value : {*min, *max, sum, present.front(), present.back()}) {
    AppendLe(directory, value);
  }
  return true;
}

base::Result<ChunkColumn> ParseColumn(std::string_view entry, size_t rows) {
  ChunkColumn column;
  const auto codec = LoadLe<uint8_t>(entry.data() + 2);
  const auto gaps = LoadLe<uint8_t>(entry.data() + 3);
  if (codec > static_cast<uint8_t>(ValueCodec::kXor)) return Damaged("unknown value codec");
  if (gaps > 1) return Damaged("unknown column flag");
  column.field = LoadLe<FieldRef>(entry.data());
  column.codec = static_cast<ValueCodec>(codec);
  column.has_gaps = gaps == 1;
  column.count = LoadLe<uint32_t>(entry.data() + 8);
  if (column.count == 0 || column.count > rows || (!column.has_gaps && column.count != rows)) {
    return Damaged("value count");
  }
  double* const stats[] = {&column.min, &column.max, &column.sum, &column.first, &column.last};
  for (size_t i = 0; i < std::size(stats); ++i) {
    *stats[i] = LoadLe<double>(entry.data() + 16 + 8 * i);
  }
  return column;
}

}  // namespace

void EncodeChunk(const Columns& in, size_t from, size_t to, std::string& out) {
  const auto times = std::span(in.time_ns).subspan(from, to - from);
  std::string directory;
  std::string body;
  EncodeTimes(times, body);
  const auto times_bytes = static_cast<uint32_t>(body.size());
  uint16_t columns = 0;
  for (size_t c = 0; c < in.fields.size(); ++c) {
    const auto rows = std::span(in.columns[c]).subspan(from, to - from);
    if (EncodeColumn(in.fields[c], rows, body, directory)) ++columns;
  }
  AppendLe(out, kVersion);
  AppendLe(out, kTimesDelta);
  AppendLe(out, columns);
  AppendLe(out, static_cast<uint32_t>(times.size()));
  AppendLe(out, times.front());
  AppendLe(out, times.back());
  AppendLe(out, times_bytes);
  AppendLe(out, uint32_t{0});
  out += directory;
  out += body;
}

base::Result<ChunkView> ChunkView::Parse(std::string_view bytes) {
  if (bytes.size() < kHeaderBytes) return Damaged("shorter than its header");
  if (LoadLe<uint8_t>(bytes.data()) != kVersion) return Damaged("unknown version");
  if (LoadLe<uint8_t>(bytes.data() + 1) != kTimesDelta) return Damaged("unknown time codec");
  const size_t columns = LoadLe<uint16_t>(bytes.data() + 2);
  ChunkView view;
  view.rows_ = LoadLe<uint32_t>(bytes.data() + 4);
  view.first_ns_ = LoadLe<int64_t>(bytes.data() + 8);
  view.last_ns_ = LoadLe<int64_t>(bytes.data() + 16);
  const size_t times_bytes = LoadLe<uint32_t>(bytes.data() + 24);
  if (view.rows_ == 0 || view.rows_ > kMaxChunkRows) return Damaged("row count");
  if (view.last_ns_ < view.first_ns_) return Damaged("time range");

  std::string_view directory = bytes.substr(kHeaderBytes);
  if (directory.size() < columns * kColumnBytes) return Damaged("column directory cut short");
  std::string_view body = directory.substr(columns * kColumnBytes);
  if (body.size() < times_bytes) return Damaged("times cut short");
  view.times_ = body.substr(0, times_bytes);
  body.remove_prefix(times_bytes);

  view.columns_.reserve(columns);
  for (size_t c = 0; c < columns; ++c, directory.remove_prefix(kColumnBytes)) {
    ENERGY_ASSIGN_OR_RETURN(ChunkColumn column, ParseColumn(directory, view.rows_));
    const size_t length = LoadLe<uint32_t>(directory.data() + 4);
    if (body.size() < length) return Damaged("column cut short");
    column.bytes = body.substr(0, length);
    body.remove_prefix(length);
    view.columns_.push_back(column);
  }
  if (!body.empty()) return Damaged("bytes after the last column");
  return view;
}

base::Status ChunkView::DecodeTimes(std::span<int64_t> out) const {
  std::string_view in = times_;
  uint8_t unit = 0;
  if (!TakeLe(in, unit) || unit >= kTimeUnits.size()) return Damaged("time unit");
  if (!DecodeFrame(in, out.subspan(1)) || !in.empty()) return Damaged("time steps");
  const auto scale = static_cast<uint64_t>(kTimeUnits[unit]);
  int64_t time = first_ns_;
  bool ascending = true;
  out[0] = time;
  for (size_t i = 1; i < out.size(); ++i) {
    const auto next =
        static_cast<int64_t>(static_cast<uint64_t>(time) + static_cast<uint64_t>(out[i]) * scale);
    ascending &= next > time;
    out[i] = time = next;
  }
  if (!ascending || time != last_ns_) return Damaged("time order");
  return {};
}

base::Status ChunkView::DecodeColumn(const ChunkColumn& column, std::span<double> out) const {
  if (!column.has_gaps) {
    return DecodeValues(column.codec, column.bytes, out) ? base::Status() : Damaged("values");
  }
  const size_t bitmap_bytes = (rows_ + 7) / 8;
  if (column.bytes.size() < bitmap_bytes) return Damaged("bitmap cut short");
  std::vector<double> present(column.count);
  if (!DecodeValues(column.codec, column.bytes.substr(bitmap_bytes), present)) {
    return Damaged("values");
  }
  size_t taken = 0;
  for (size_t r = 0; r < out.size(); ++r) {
    const bool there = (static_cast<unsigned char>(column.bytes[r / 8]) >> (r % 8) & 1) != 0;
    if (there && taken == present.size()) return Damaged("bitmap");
    out[r] = there ? present[taken++] : kMissing;
  }
  if (taken != present.size()) return Damaged("bitmap");
  return {};
}

base::Status ChunkView::AppendTo(Columns& out, bool all_fields) const {
  const size_t start = out.rows();
  out.time_ns.resize(start + rows_);
  ENERGY_RETURN_IF_ERROR(DecodeTimes(std::span(out.time_ns).subspan(start)));
  for (std::vector<double>& column : out.columns) column.resize(out.rows(), kMissing);
  for (const ChunkColumn& column : columns_) {
    if (all_fields) out.FindOrAdd(column.field);
    for (size_t c = 0; c < out.fields.size(); ++c) {
      if (out.fields[c] != column.field) continue;
      ENERGY_RETURN_IF_ERROR(DecodeColumn(column, std::span(out.columns[c]).subspan(start)));
    }
  }
  return {};
}

base::Status ChunkView::DecodeField(FieldRef field, std::vector<double>& out) const {
  out.resize(rows_);
  for (const ChunkColumn& column : columns_) {
    if (column.field == field) return DecodeColumn(column, out);
  }
  std::fill(out.begin(), out.end(), kMissing);
  return {};
}

base::Status ChunkView::DecodeTo(Columns& out, std::span<const FieldRef> selection) const {
  if (selection.empty()) {
    out.fields.clear();
    for (const ChunkColumn& column : columns_) out.fields.push_back(column.field);
  } else {
    out.fields.assign(selection.begin(), selection.end());
  }
  out.time_ns.resize(rows_);
  out.columns.resize(out.fields.size());
  ENERGY_RETURN_IF_ERROR(DecodeTimes(out.time_ns));
  for (size_t c = 0; c < out.fields.size(); ++c) {
    ENERGY_RETURN_IF_ERROR(DecodeField(out.fields[c], out.columns[c]));
  }
  return {};
}

}  // namespace energy::series
