#include "series/rollup_check.h"

#include <bit>
#include <cmath>
#include <set>
#include <utility>

#include "series/rollup_editor.h"

namespace energy::series {
namespace {

bool SameBits(double a, double b) {
  return std::bit_cast<uint64_t>(a) == std::bit_cast<uint64_t>(b);
}

bool Same(const FieldSummary& a, const FieldSummary& b) {
  return a.count == b.count && SameBits(a.sum, b.sum) && SameBits(a.min, b.min) &&
         SameBits(a.max, b.max) && SameBits(a.first, b.first) && SameBits(a.last, b.last) &&
         a.first_ns == b.first_ns && a.last_ns == b.last_ns &&
         SameBits(a.integral_h, b.integral_h) && a.integrated_ns == b.integrated_ns;
}

const RollupField* FindField(const RollupBlock& block, FieldRef field) {
  for (const RollupField& candidate : block.fields) {
    if (candidate.field == field) return &candidate;
  }
  return nullptr;
}

// The field handle in which the blocks differ in one of the buckets.
std::optional<FieldRef> FindDifference(const RollupBlock& a, const RollupBlock& b,
                                       uint32_t buckets) {
  std::set<FieldRef> fields;
  for (const RollupBlock* block : {&a, &b}) {
    for (const RollupField& field : block->fields) fields.insert(field.field);
  }
  for (const FieldRef ref : fields) {
    const RollupField* const x = FindField(a, ref);
    const RollupField* const y = FindField(b, ref);
    const uint32_t there = (x == nullptr ? 0 : x->there) & buckets;
    if (there != ((y == nullptr ? 0 : y->there) & buckets)) return ref;
    for (unsigned i = 0; i < kMostBuckets; ++i) {
      if ((there >> i & 1U) != 0 && !Same(x->buckets[i], y->buckets[i])) return ref;
    }
  }
  return std::nullopt;
}

}  // namespace

void RollupCheck::Add(DeviceRef device, const Columns& rows) {
  for (size_t r = 0; r < rows.rows(); ++r) {
    const int64_t time_ns = rows.time_ns[r];
    const int64_t day = FloorTo(time_ns, kHourlyShape.span_ns());
    if (!day_open_ || device_ != device || hours_.start_ns != day) BeginDay(device, day);
    const auto hour = static_cast<unsigned>((time_ns - day) / kHourlyShape.bucket_ns);
    for (size_t c = 0; c < rows.fields.size(); ++c) {
      const double value = rows.columns[c][r];
      if (std::isnan(value)) continue;
      RollupField& field = hours_.FindOrAdd(rows.fields[c]);
      field.there |= uint32_t{1} << hour;
      field.buckets[hour].Add(time_ns, value);
    }
  }
}

void RollupCheck::BeginDay(DeviceRef device, int64_t start_ns) {
  EndDay();
  const int64_t days_start = FloorTo(start_ns, kDailyShape.span_ns());
  if (device_ != device || !days_open_ || days_.start_ns != days_start) {
    EndDays();
    days_ = {};
    days_.start_ns = days_start;
    days_open_ = true;
  }
  device_ = device;
  hours_ = {};
  hours_.start_ns = start_ns;
  day_open_ = true;
  day_whole_ = std::exchange(next_day_whole_, true);
}

void RollupCheck::EndDay() {
  if (!std::exchange(day_open_, false) || !day_whole_) return;
  Compare(hourly_, kHourlyShape, hours_, ~uint32_t{0});
  const auto day =
      static_cast<unsigned>((hours_.start_ns - days_.start_ns) / kDailyShape.bucket_ns);
  FoldDay(hours_, day, days_);
  compared_days_ |= uint32_t{1} << day;
}

void RollupCheck::EndDays() {
  if (!std::exchange(days_open_, false)) return;
  Compare(daily_, kDailyShape, days_, std::exchange(compared_days_, 0));
}

void RollupCheck::Finish() {
  EndDay();
  EndDays();
}

void RollupCheck::Compare(rocksdb::Iterator& it, const RollupShape& shape,
                          const RollupBlock& expected, uint32_t buckets) {
  const auto stored = LoadRollup(it, *device_, expected.start_ns, shape, {});
  if (!stored.ok()) {
    on_wrong_(shape, *device_, expected.start_ns, stored.status().message());
    return;
  }
  if (const auto field = FindDifference(expected, *stored, buckets)) {
    on_wrong_(shape, *device_, expected.start_ns,
              "does not equal its readings in field handle " + std::to_string(*field));
  }
}

}  // namespace energy::series
