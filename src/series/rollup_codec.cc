#include <algorithm>
#include <bit>

#include "series/bytes.h"
#include "series/packing.h"
#include "series/rollup_block.h"
#include "series/value_codec.h"

namespace energy::series {
namespace {

constexpr uint8_t kVersion = 1;
constexpr size_t kHeaderBytes = 12;
constexpr size_t kEntryBytes = 12;
// Times within a bucket are stored in the coarsest of these units that loses nothing. on disk
constexpr std::array<int64_t, 4> kTimeUnits = {1'000'000'000, 1'000'000, 1'000, 1};

base::Status Damaged(std::string_view what) {
  return base::Internal("rollup damaged: " + std::string(what));
}

// The buckets that are there, one after the other.
size_t Gather(const RollupField& field, std::array<FieldSummary, kMostBuckets>& out) {
  size_t count = 0;
  for (uint32_t left = field.there; left != 0; left &= left - 1) {
    out[count++] = field.buckets[static_cast<size_t>(std::countr_zero(left))];
  }
  return count;
}

void EncodeTimes(std::span<const FieldSummary> buckets, std::span<const int64_t> starts,
                 std::string& out) {
  std::array<std::array<int64_t, kMostBuckets>, 4> columns{};
  auto& [counts, firsts, lasts, integrated] = columns;
  for (size_t i = 0; i < buckets.size(); ++i) {
    counts[i] = static_cast<int64_t>(buckets[i].count);
    firsts[i] = buckets[i].first_ns - starts[i];
    lasts[i] = buckets[i].last_ns - starts[i];
    integrated[i] = buckets[i].integrated_ns;
  }
  size_t unit = 0;
  for (size_t c = 1; c < columns.size(); ++c) {
    for (size_t i = 0; i < buckets.size(); ++i) {
      while (columns[c][i] % kTimeUnits[unit] != 0) ++unit;
    }
  }
  AppendLe(out, static_cast<uint8_t>(unit));
  for (size_t c = 0; c < columns.size(); ++c) {
    if (c != 0) {
      for (size_t i = 0; i < buckets.size(); ++i) columns[c][i] /= kTimeUnits[unit];
    }
    EncodeFrame(std::span(columns[c]).first(buckets.size()), out);
  }
}

void EncodeGroup(std::span<const double> values, std::string& out) {
  const size_t header = out.size();
  out.append(3, '\0');
  const ValueCodec codec = EncodeValues(values, out);
  out[header] = static_cast<char>(codec);
  StoreLe(out.data() + header + 1, static_cast<uint16_t>(out.size() - header - 3));
}

void EncodeBucketValues(std::span<const FieldSummary> buckets, std::string& out) {
  const size_t n = buckets.size();
  std::array<double, 4 * kMostBuckets> ends{};
  std::array<double, kMostBuckets> sums{};
  std::array<double, kMostBuckets> integrals{};
  for (size_t i = 0; i < n; ++i) {
    ends[i] = buckets[i].min;
    ends[n + i] = buckets[i].max;
    ends[2 * n + i] = buckets[i].first;
    ends[3 * n + i] = buckets[i].last;
    sums[i] = buckets[i].sum;
    integrals[i] = buckets[i].integral_h;
  }
  EncodeGroup(std::span(ends).first(4 * n), out);
  EncodeGroup(std::span(sums).first(n), out);
  EncodeGroup(std::span(integrals).first(n), out);
}

bool DecodeGroup(std::string_view& in, std::span<double> out) {
  uint8_t codec = 0;
  uint16_t bytes = 0;
  if (!TakeLe(in, codec) || !TakeLe(in, bytes) || in.size() < bytes) return false;
  if (codec > static_cast<uint8_t>(ValueCodec::kXor)) return false;
  if (!DecodeValues(static_cast<ValueCodec>(codec), in.substr(0, bytes), out)) return false;
  in.remove_prefix(bytes);
  return true;
}

}  // namespace

void EncodeRollup(const RollupBlock& block, const RollupShape& shape, std::string& out) {
  std::string directory;
  std::string body;
  std::string times;
  std::string last_times;
  uint32_t last_there = 0;
  uint16_t count = 0;
  uint16_t times_of = 0;
  std::array<FieldSummary, kMostBuckets> buckets{};
  std::array<int64_t, kMostBuckets> starts{};
  for (const RollupField& field : block.fields) {
    if (field.there == 0) continue;
    const size_t n = Gather(field, buckets);
    size_t i = 0;
    for (uint32_t left = field.there; left != 0; left &= left - 1) {
      starts[i++] = block.start_ns + shape.bucket_ns * std::countr_zero(left);
    }
    times.clear();
    EncodeTimes(std::span(buckets).first(n), std::span(starts).first(n), times);
    // Fields that come in the same readings share their times.
    const bool shared = count != 0 && field.there == last_there && times == last_times;
    if (!shared) {
      times_of = count;
      last_there = field.there;
      last_times = times;
    }
    const size_t start = body.size();
    if (!shared) body += times;
    const size_t times_bytes = body.size() - start;
    EncodeBucketValues(std::span(buckets).first(n), body);
    AppendLe(directory, field.field);
    AppendLe(directory, times_of);
    AppendLe(directory, field.there);
    AppendLe(directory, static_cast<uint16_t>(times_bytes));
    AppendLe(directory, static_cast<uint16_t>(body.size() - start - times_bytes));
    ++count;
  }
  AppendLe(out, kVersion);
  AppendLe(out, static_cast<uint8_t>(shape.resolution));
  AppendLe(out, count);
  AppendLe(out, block.start_ns);
  out += directory;
  out += body;
}

base::Result<RollupView> RollupView::Parse(std::string_view bytes, const RollupShape& shape) {
  if (bytes.size() < kHeaderBytes) return Damaged("shorter than its header");
  if (LoadLe<uint8_t>(bytes.data()) != kVersion) return Damaged("unknown version");
  if (LoadLe<uint8_t>(bytes.data() + 1) != static_cast<uint8_t>(shape.resolution)) {
    return Damaged("resolution");
  }
  const size_t count = LoadLe<uint16_t>(bytes.data() + 2);
  RollupView view;
  view.start_ns_ = LoadLe<int64_t>(bytes.data() + 4);
  view.bucket_ns_ = shape.bucket_ns;
  std::string_view directory = bytes.substr(kHeaderBytes);
  if (directory.size() < count * kEntryBytes) return Damaged("directory cut short");
  std::string_view body = directory.substr(count * kEntryBytes);
  view.fields_.reserve(count);
  view.entries_.reserve(count);
  const auto too_high = static_cast<uint32_t>(~uint64_t{0} << shape.buckets);
  for (size_t i = 0; i < count; ++i, directory.remove_prefix(kEntryBytes)) {
    const auto field = LoadLe<FieldRef>(directory.data());
    Entry entry;
    entry.times_of = LoadLe<uint16_t>(directory.data() + 2);
    entry.there = LoadLe<uint32_t>(directory.data() + 4);
    const size_t times = LoadLe<uint16_t>(directory.data() + 8);
    const size_t values = LoadLe<uint16_t>(directory.data() + 10);
    if (entry.there == 0 || (entry.there & too_high) != 0) return Damaged("buckets");
    if (i != 0 && field <= view.fields_.back()) return Damaged("order of the fields");
    if (entry.times_of > i) return Damaged("times");
    if (entry.times_of < i && view.entries_[entry.times_of].there != entry.there) {
      return Damaged("times");
    }
    if (body.size() < times + values) return Damaged("field cut short");
    entry.times = body.substr(0, times);
    entry.values = body.substr(times, values);
    body.remove_prefix(times + values);
    view.fields_.push_back(field);
    view.entries_.push_back(entry);
  }
  if (!body.empty()) return Damaged("bytes after the last field");
  return view;
}

base::Status RollupView::DecodeTimes(const Entry& entry, std::span<FieldSummary> out) const {
  std::string_view in = entries_[entry.times_of].times;
  uint8_t unit = 0;
  if (!TakeLe(in, unit) || unit >= kTimeUnits.size()) return Damaged("time unit");
  std::array<std::array<int64_t, kMostBuckets>, 4> columns{};
  for (auto& column : columns) {
    if (!DecodeFrame(in, std::span(column).first(out.size()))) return Damaged("times");
  }
  if (!in.empty()) return Damaged("times");
  const auto& [counts, firsts, lasts, integrated] = columns;
  const auto scale = static_cast<uint64_t>(kTimeUnits[unit]);
  const auto scaled = [&](int64_t value) { return static_cast<uint64_t>(value) * scale; };
  uint32_t left = entry.there;
  for (size_t i = 0; i < out.size(); ++i, left &= left - 1) {
    if (counts[i] <= 0) return Damaged("count");
    const auto start =
        static_cast<uint64_t>(start_ns_) +
        static_cast<uint64_t>(bucket_ns_) * static_cast<uint64_t>(std::countr_zero(left));
    out[i].count = static_cast<uint64_t>(counts[i]);
    out[i].first_ns = static_cast<int64_t>(start + scaled(firsts[i]));
    out[i].last_ns = static_cast<int64_t>(start + scaled(lasts[i]));
    out[i].integrated_ns = static_cast<int64_t>(scaled(integrated[i]));
  }
  return {};
}

base::Status RollupView::Decode(size_t index,
                                std::array<FieldSummary, kMostBuckets>& buckets) const {
  const Entry& entry = entries_[index];
  const auto n = static_cast<size_t>(std::popcount(entry.there));
  std::array<FieldSummary, kMostBuckets> packed{};
  ENERGY_RETURN_IF_ERROR(DecodeTimes(entry, std::span(packed).first(n)));
  std::array<double, 4 * kMostBuckets> ends;
  std::array<double, kMostBuckets> sums;
  std::array<double, kMostBuckets> integrals;
  std::string_view in = entry.values;
  if (!DecodeGroup(in, std::span(ends).first(4 * n)) ||
      !DecodeGroup(in, std::span(sums).first(n)) ||
      !DecodeGroup(in, std::span(integrals).first(n)) || !in.empty()) {
    return Damaged("values");
  }
  uint32_t left = entry.there;
  for (size_t i = 0; i < n; ++i, left &= left - 1) {
    FieldSummary& bucket = buckets[static_cast<size_t>(std::countr_zero(left))];
    bucket = packed[i];
    bucket.min = ends[i];
    bucket.max = ends[n + i];
    bucket.first = ends[2 * n + i];
    bucket.last = ends[3 * n + i];
    bucket.sum = sums[i];
    bucket.integral_h = integrals[i];
  }
  return {};
}

}  // namespace energy::series
