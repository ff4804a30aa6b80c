#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>

#include "base/clock.h"
#include "base/log.h"
#include "base/metrics.h"
#include "series/store.h"

namespace energy::series {

struct EmbeddedOptions {
  std::filesystem::path path;  ///< folder of the store; created, also its parents
  /// Bound on the readings held in memory. Sealing begins at half of it; Append waits at all of it.
  size_t head_bytes = size_t{64} << 20;
  uint32_t chunk_readings = 1024;  ///< aim for one chunk, 16 to 16,384
  std::chrono::milliseconds seal_age = std::chrono::minutes(10);  ///< oldest reading not sealed
  /// How many whole days (UTC) are kept; 0: for ever. Rollups not shorter than what they are made
  /// of.
  int64_t raw_days = 0;
  int64_t hourly_days = 0;
  int64_t daily_days = 0;
  std::chrono::milliseconds seal_check = std::chrono::seconds(2);
  /// The longest that Append waits for sealing to make room.
  std::chrono::milliseconds append_wait = std::chrono::seconds(20);
  size_t block_cache_bytes = size_t{16} << 20;
  size_t write_buffer_bytes = size_t{8} << 20;  ///< of the log and of the chunks; two each at most
};

/// The telemetry store inside the program, on RocksDB: log, head, sealed chunks.
/// Source: docs/formats/README.md.
class EmbeddedStore : public Store {
 public:
  /// Opens or creates the store and replays its log; reads and appends work at once. Start adds the
  /// thread that seals and the one that keeps retention and space; without them Append seals when
  /// the head is full.
  /// `clock`, `metrics` outlive the store.
  /// Errors: kInvalidArgument for options out of bounds or a store of a newer version;
  /// kUnavailable when another process has it open or the disk fails; kInternal when damaged.
  static base::Result<std::unique_ptr<EmbeddedStore>> Open(const EmbeddedOptions& options,
                                                           const base::Clock& clock,
                                                           base::Logger logger,
                                                           base::Metrics& metrics);

  virtual const ReplayReport& replay() const = 0;

  /// Seals everything that is in the head now. Threads: safe anywhere; one at a time runs.
  /// Errors: kUnavailable when the store cannot write; nothing is lost then.
  virtual base::Status Seal() = 0;

  /// Lets go what is older than the retention and gives its space back, all at once; a started
  /// store does it by itself in small steps. Threads: safe anywhere; one at a time runs.
  /// Errors: kUnavailable when the store cannot write; nothing is lost then.
  virtual base::Status EnforceRetention() = 0;

  /// Gives the space of replaced and deleted entries back, and that of the write-ahead log, where
  /// together they are worth it (a 64th of the store); a started store does it by itself when it is
  /// quiet. Appends, reads and seals go on. Threads: safe anywhere; one at a time runs.
  /// Errors: kUnavailable when the disk fails; nothing is lost then.
  virtual base::Status GiveSpaceBack() = 0;

  /// Makes `folder`, which does not exist, a store of its own with everything that was acknowledged
  /// before the call, while appends and reads go on. Its files are never written to again by this
  /// store; on the same file system the sealed ones are hard links, so that it costs the log alone.
  /// Threads: safe anywhere. Errors: kUnavailable when the folder cannot be written.
  virtual base::Status Checkpoint(const std::filesystem::path& folder) const = 0;
};

}  // namespace energy::series
