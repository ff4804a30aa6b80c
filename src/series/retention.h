#pragma once

#include <rocksdb/compaction_filter.h>

#include <atomic>
#include <cstdint>
#include <limits>
#include <memory>

#include "series/rollup_block.h"

namespace energy::series {

/// What is no longer kept, in force: reads do not show it and compactions drop it. Whole days of
/// UTC; only ever moves forward. Threads: safe anywhere.
struct RetentionCuts {
  std::atomic<int64_t> raw = std::numeric_limits<int64_t>::min();
  std::atomic<int64_t> hourly = std::numeric_limits<int64_t>::min();
  std::atomic<int64_t> daily = std::numeric_limits<int64_t>::min();
};

/// Drops chunks whose last reading is before `cut`. Both outlive the database.
std::unique_ptr<rocksdb::CompactionFilter> ExpiredChunks(const std::atomic<int64_t>& cut);
/// Drops blocks that end before `cut`.
std::unique_ptr<rocksdb::CompactionFilter> ExpiredRollups(const std::atomic<int64_t>& cut,
                                                          const RollupShape& shape);

}  // namespace energy::series
