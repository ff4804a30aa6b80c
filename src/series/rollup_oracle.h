#pragma once

#include <gtest/gtest.h>

#include <bit>
#include <cstdint>
#include <map>

#include "series/store.h"

namespace energy::series::oracle {

constexpr int64_t kHour = 3'600'000'000'000;
constexpr int64_t kDay = 24 * kHour;

/// Readings of one device by time, and its buckets by their start.
using Readings = std::map<int64_t, std::map<FieldRef, double>>;
using Buckets = std::map<int64_t, std::map<FieldRef, FieldSummary>>;

inline int64_t FloorTo(int64_t time_ns, int64_t width) {
  return time_ns - ((time_ns % width) + width) % width;
}

/// The definition of the port, reading by reading.
inline Buckets Recompute(const Readings& readings, Resolution resolution) {
  Buckets hours;
  for (const auto& [time, values] : readings) {
    for (const auto& [field, value] : values) hours[FloorTo(time, kHour)][field].Add(time, value);
  }
  if (resolution == Resolution::kHourly) return hours;
  Buckets days;
  for (const auto& [start, fields] : hours) {
    for (const auto& [field, summary] : fields) days[FloorTo(start, kDay)][field].Append(summary);
  }
  return days;
}

inline bool SameBits(double a, double b) {
  return std::bit_cast<uint64_t>(a) == std::bit_cast<uint64_t>(b);
}

inline bool Same(const FieldSummary& a, const FieldSummary& b) {
  return a.count == b.count && SameBits(a.sum, b.sum) && SameBits(a.min, b.min) &&
         SameBits(a.max, b.max) && SameBits(a.first, b.first) && SameBits(a.last, b.last) &&
         a.first_ns == b.first_ns && a.last_ns == b.last_ns &&
         SameBits(a.integral_h, b.integral_h) && a.integrated_ns == b.integrated_ns;
}

inline void ExpectRollups(const Rollups& rollups, const Buckets& expected) {
  size_t buckets = 0;
  for (const auto& [start, fields] : expected) {
    bool asked = false;
    for (const FieldRef field : rollups.fields) asked |= fields.count(field) != 0;
    if (!asked) continue;
    ASSERT_LT(buckets, rollups.start_ns.size());
    ASSERT_EQ(rollups.start_ns[buckets], start);
    for (size_t c = 0; c < rollups.fields.size(); ++c) {
      const auto found = fields.find(rollups.fields[c]);
      const FieldSummary summary = found == fields.end() ? FieldSummary() : found->second;
      ASSERT_TRUE(Same(rollups.columns.at(c).at(buckets), summary))
          << "bucket " << start / kHour << " h, field " << rollups.fields[c] << ": count "
          << rollups.columns[c][buckets].count << " for " << summary.count << ", sum "
          << rollups.columns[c][buckets].sum << " for " << summary.sum;
    }
    ++buckets;
  }
  ASSERT_EQ(rollups.start_ns.size(), buckets);
}

}  // namespace energy::series::oracle
