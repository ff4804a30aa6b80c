#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "base/json.h"
#include "base/status.h"

namespace energy::maintenance {

/// on disk: never rename
inline constexpr const char* kManifestName = "manifest.json";

/// One file of a backup.
struct ManifestFile {
  std::string path;  ///< relative to the backup's folder; below it
  uint64_t bytes = 0;
  std::string sha256;      ///< hex
  bool is_secret = false;  ///< readable by its owner alone
};

/// What a backup holds. Written last: a backup without it is not complete.
struct Manifest {
  std::string program_version;
  std::string created;       ///< RFC 3339; everything acknowledged before it is in the backup
  bool has_metadata = true;  ///< false: of a version that left PostgreSQL's out
  base::Json counts;         ///< readings, devices and so on, by name
  std::vector<ManifestFile> files;

  uint64_t total_bytes() const;

  /// Writes manifest.json in one step, durably. Errors: kUnavailable.
  base::Status Write(const std::filesystem::path& folder) const;

  /// Errors, each with the remedy: kNotFound when the backup is not complete or `folder` is none;
  /// kInternal when the manifest is damaged; kInvalidArgument for one of a newer version.
  static base::Result<Manifest> Read(const std::filesystem::path& folder);
};

}  // namespace energy::maintenance
