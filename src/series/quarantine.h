#pragma once

#include <rocksdb/db.h>

#include <filesystem>
#include <string>
#include <vector>

#include "base/log.h"
#include "base/status.h"

namespace energy::series {

class Database;

/// Where damaged files go, inside the store's folder.
inline constexpr const char* kQuarantineFolder = "quarantine";

/// An entry that could still be read from a damaged file.
struct SalvagedEntry {
  std::string family;
  std::string key;
  std::string value;
};

struct Quarantined {
  std::vector<std::filesystem::path> files;  ///< where they are now
  std::vector<SalvagedEntry> entries;
};

/// The files in the folder of a store whose checksums are wrong or that are cut short. Reads all
/// of them. The store may be open.
std::vector<std::filesystem::path> FindDamagedFiles(const std::filesystem::path& folder);

/// Takes `files` out of the closed database in `folder`, keeps them in its folder `quarantine` and
/// reads what can still be read of them.
/// Errors: kInternal when there are too many, or the list of files is damaged itself: restore a
/// backup.
base::Result<Quarantined> QuarantineFiles(const std::filesystem::path& folder,
                                          const std::vector<std::filesystem::path>& files,
                                          const base::Logger& logger);

/// What RepairEntries did.
struct Repaired {
  uint64_t put_back = 0;   ///< salvaged entries
  uint64_t set_aside = 0;  ///< chunks and rollups that are damaged themselves
};

/// Puts salvaged entries back where nothing newer is, merges chunks that overlap because a newer
/// version of one is lost, sets chunks and rollups that cannot be decoded aside (under
/// "quarantine/" in the column family `default`), and has the rollups rebuilt.
/// Nobody else writes meanwhile. Cost: reads all chunks.
base::Result<Repaired> RepairEntries(const Database& database,
                                     const std::vector<SalvagedEntry>& salvaged,
                                     const base::Logger& logger);

}  // namespace energy::series
