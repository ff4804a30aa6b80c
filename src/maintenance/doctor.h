#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "maintenance/backup.h"
#include "series/store_check.h"

namespace energy::maintenance {

/// One thing that is wrong with a data folder.
struct Finding {
  std::string where;  ///< file, device and span of time, as far as known
  std::string what;
  std::string remedy;
};

struct DoctorReport {
  std::vector<Finding> findings;
  uint64_t findings_total = 0;
  bool telemetry_damaged = false;  ///< what series::RepairStore can repair
  series::StoreContents telemetry;
};

/// Checks everything in a data folder that no program uses, without changing the telemetry:
/// telemetry (series::CheckStore), metadata (integrity, foreign keys, the chain of the audit log),
/// those in `keys_dir`. `sql_url`: as configured; empty: SQLite in the folder. Errors: kNotFound
/// when the folder is not there; damage is no error but a finding.
base::Result<DoctorReport> Examine(const std::filesystem::path& data_dir,
                                   const std::filesystem::path& keys_dir,
                                   const std::string& sql_url, const Progress& progress,
                                   const base::Logger& logger);

}  // namespace energy::maintenance
