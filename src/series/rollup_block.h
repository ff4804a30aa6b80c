#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "series/store.h"

namespace energy::series {

inline constexpr unsigned kMostBuckets = 32;  ///< of one block

/// The buckets of one block. on disk: never change
struct RollupShape {
  Resolution resolution;
  int64_t bucket_ns;
  unsigned buckets;

  constexpr int64_t span_ns() const { return bucket_ns * buckets; }
};
inline constexpr RollupShape kHourlyShape{.resolution = Resolution::kHourly,
                                          .bucket_ns = BucketNanoseconds(Resolution::kHourly),
                                          .buckets = 24};
inline constexpr RollupShape kDailyShape{.resolution = Resolution::kDaily,
                                         .bucket_ns = BucketNanoseconds(Resolution::kDaily),
                                         .buckets = 32};

/// Start of the bucket or block of this width, counted from 1970, that `time_ns` is in.
constexpr int64_t FloorTo(int64_t time_ns, int64_t width) {
  const int64_t rest = time_ns % width;
  return time_ns - (rest < 0 ? rest + width : rest);
}

/// The buckets of one field.
struct RollupField {
  FieldRef field = 0;
  uint32_t there = 0;  ///< bit i: bucket i has readings
  std::array<FieldSummary, kMostBuckets> buckets{};
};

/// Neighbouring buckets of one device, in memory.
struct RollupBlock {
  int64_t start_ns = 0;
  std::vector<RollupField> fields;  ///< ascending by field

  RollupField& FindOrAdd(FieldRef field);
  /// Empties a bucket of every field.
  void Clear(unsigned bucket);
  /// Time of the newest reading in a bucket; the smallest time when it is empty.
  int64_t LastOf(unsigned bucket) const;
};

/// docs/formats/rollup.md. Fields without any bucket are left out. Appends to `out`.
/// Threads: pure. Cost: about 5 us a field.
void EncodeRollup(const RollupBlock& block, const RollupShape& shape, std::string& out);

/// Reads a block in place: `bytes` must outlive the view.
///
/// Errors: kInternal for bytes that are no block of this shape, saying what is wrong. Any input is
/// safe. Threads: const methods anywhere.
class RollupView {
 public:
  static base::Result<RollupView> Parse(std::string_view bytes, const RollupShape& shape);

  int64_t start_ns() const { return start_ns_; }
  std::span<const FieldRef> fields() const { return fields_; }
  /// Buckets in which field `index` has readings, as bits.
  uint32_t there(size_t index) const { return entries_[index].there; }
  /// Fills the buckets of field `index`; those that are not there stay as they are.
  base::Status Decode(size_t index, std::array<FieldSummary, kMostBuckets>& buckets) const;

 private:
  struct Entry {
    uint32_t there = 0;
    uint16_t times_of = 0;  // the field that holds the times
    std::string_view times;
    std::string_view values;
  };
  base::Status DecodeTimes(const Entry& entry, std::span<FieldSummary> out) const;

  int64_t start_ns_ = 0;
  int64_t bucket_ns_ = 0;
  std::vector<FieldRef> fields_;
  std::vector<Entry> entries_;
};

/// All fields of a block, or those of `selection` that it has.
base::Result<RollupBlock> DecodeRollup(std::string_view bytes, const RollupShape& shape,
                                       std::span<const FieldRef> selection);

}  // namespace energy::series
