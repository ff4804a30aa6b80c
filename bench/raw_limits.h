#pragma once

#include <cstddef>
#include <filesystem>

#include "base/status.h"

namespace energy::bench {

struct Syncs {
  double per_second = 0;
  double p50_ms = 0;
  double p99_ms = 0;
};

/// Durable writes of `bytes`, the cheapest that there are: sequential, over blocks that a file of
/// `folder` already has, each followed by fdatasync.
base::Result<Syncs> MeasureSyncs(const std::filesystem::path& folder, size_t bytes);

/// Messages of `request` bytes answered with `answer` bytes over one loopback connection between
/// two threads, one at a time, per second.
base::Result<double> RoundTripsPerSecond(size_t request, size_t answer);

/// Messages of `bytes` that one loopback connection carries from one thread to another, many in a
/// write, per second.
base::Result<double> StreamedPerSecond(size_t bytes);

/// Size of the log record of a group commit of `readings` bulb readings.
size_t LogRecordBytes(size_t readings);

}  // namespace energy::bench
