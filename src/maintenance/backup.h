#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>

#include "base/clock.h"
#include "base/log.h"
#include "maintenance/manifest.h"

namespace energy::series {
class EmbeddedStore;
}
namespace energy::sql {
class Database;
}

namespace energy::maintenance {

/// Tells a person how far something is. Called often.
using Progress = std::function<void(const std::string& what, uint64_t done, uint64_t total)>;

/// Writes what `database` and `store` hold now to `folder`: metadata.db and series/. Metadata
/// first: a telemetry store that is ahead of it is what a crash leaves too, and alerts catch up
/// with it at the next start; rows that speak of readings which are not there would stay.
/// PostgreSQL's metadata is copied to SQLite, as it was at one moment. `settings`: the effective
/// options without secrets, written to settings.yaml. Errors: kUnavailable.
base::Status WriteSnapshot(const std::filesystem::path& folder, sql::Database& database,
                           const series::EmbeddedStore& store, const std::string& settings);

struct BackupOptions {
  std::filesystem::path snapshot;  ///< made by WriteSnapshot; nobody else writes to it
  std::filesystem::path data_dir;
  std::filesystem::path keys_dir;
  std::filesystem::path destination;
  std::string created;  ///< RFC 3339; before the snapshot was made
  std::string program_version;
  /// Reading, hashing and copying keep to this, so that a running program does not wait for them.
  uint64_t bytes_per_second = 0;
  Progress progress;
};

struct BackupReport {
  Manifest manifest;
  /// What a check of the backup found; it holds then what the stores hold, damaged as they are.
  std::vector<std::string> damage;
};

/// Creates `destination`, or takes an empty folder. Before the snapshot is made, because it costs
/// nothing to find out. Errors: kConflict when it holds something, kUnavailable.
base::Status PrepareDestination(const std::filesystem::path& destination);

/// Makes a complete backup of a snapshot, checks it, and writes its manifest last. Tables are hard
/// links where the destination is on the same file system, copies elsewhere.
/// Errors: kUnavailable; the destination is then recognisably incomplete.
base::Result<BackupReport> WriteBackup(const BackupOptions& options, const base::Clock& clock,
                                       const base::Logger& logger);

}  // namespace energy::maintenance
