#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/log.h"
#include "base/status.h"

namespace energy::series {

/// One thing that is wrong in a store, and what to do about it.
struct StoreFinding {
  std::string file = {};  ///< of the store's folder; empty when it is not known
  std::string device =
      {};  ///< name, or "handle N" when the name is lost; empty when it is not of one
  std::optional<int64_t> first_ns = {};  ///< of the readings concerned
  std::optional<int64_t> last_ns = {};
  std::string what = {};
  std::string remedy = {};
};

struct StoreContents {
  uint64_t devices = 0;
  uint64_t fields = 0;
  uint64_t chunks = 0;
  uint64_t chunk_readings = 0;
  uint64_t log_records = 0;  ///< not sealed yet
  uint64_t log_readings = 0;
  std::optional<int64_t> first_ns;  ///< oldest reading
  std::optional<int64_t> last_ns;
};

struct StoreCheckOptions {
  std::filesystem::path path;
  /// Reads every block and decodes every chunk; otherwise only counts, from the chunks' headers.
  bool thorough = true;
  /// Told from time to time how much of the store is read.
  std::function<void(uint64_t done_bytes, uint64_t total_bytes)> progress;
};

struct StoreCheckReport {
  StoreContents contents;
  std::vector<StoreFinding> findings;  ///< the first kMostFindings
  uint64_t findings_total = 0;
  static constexpr size_t kMostFindings = 200;

  bool sound() const { return findings_total == 0; }
  void Add(StoreFinding finding);
};

/// Checks a store that no process has open, without changing it: checksums of all files; that
/// every chunk decodes, equals its header, is in order and overlaps no other; that every handle has
/// a name; that every log record decodes. A folder without a store is a store without readings.
/// Source: docs/formats/README.md, "What holds".
/// Errors: kUnavailable when the folder cannot be read; damage is no error but a finding.
/// Cost: reads everything once, with one thread.
base::Result<StoreCheckReport> CheckStore(const StoreCheckOptions& options,
                                          const base::Logger& logger);

/// Makes a damaged store whole again without what is damaged: moves the folder `path` to
/// `quarantine`, which does not exist, and writes a new store with everything in it that can be
/// read and is sound. Needs as much free space as the store has bytes. When it fails the store is
/// as it was. Errors: kUnavailable when the disk fails or is full; kInternal when nothing can be
/// read.
base::Status RepairStore(const std::filesystem::path& path, const std::filesystem::path& quarantine,
                         const base::Logger& logger);

}  // namespace energy::series
