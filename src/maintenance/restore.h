#pragma once

#include <filesystem>
#include <string>

#include "maintenance/backup.h"

namespace energy::maintenance {

struct RestoreOptions {
  std::filesystem::path source;
  std::filesystem::path data_dir;  ///< no process uses it
  /// Moves a data folder that holds something aside, to `aside`.
  bool force = false;
  std::filesystem::path aside;
  Progress progress;
};

struct RestoreReport {
  Manifest manifest;
  bool moved_aside = false;
};

/// Makes a data folder of a backup: copies it to a folder beside the data folder, comparing sizes
/// and checksums with the manifest, and then puts that in its place in one step.
/// Errors, each with the remedy: those of Manifest::Read; kInternal for a file that is damaged,
/// named; kConflict for a data folder that holds something without `force`; kUnavailable. The data
/// folder is then as it was.
base::Result<RestoreReport> Restore(const RestoreOptions& options);

}  // namespace energy::maintenance
