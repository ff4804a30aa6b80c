#include "maintenance/restore.h"

#include <sys/stat.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <set>

#include "maintenance/files.h"

namespace energy::maintenance {
namespace {

namespace fs = std::filesystem;

base::Status Damaged(const fs::path& path, const std::string& what) {
  return base::Internal("the backup's file " + path.string() + " " + what + ": use another backup");
}

base::Status CheckSizes(const RestoreOptions& options, const Manifest& manifest) {
  for (const ManifestFile& file : manifest.files) {
    const fs::path path = options.source / file.path;
    std::error_code error;
    const auto bytes = fs::file_size(path, error);
    if (error) return Damaged(path, "cannot be read (" + error.message() + ")");
    if (bytes != file.bytes) {
      return Damaged(
          path, "has " + std::to_string(bytes) + " bytes instead of " + std::to_string(file.bytes));
    }
  }
  return {};
}

// A folder that holds the lock of its last program alone is as good as empty.
bool HoldsSomething(const fs::path& folder) {
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(folder, error)) {
    if (entry.path().filename() != "lock") return true;
  }
  return false;
}

base::Status CopyAll(const RestoreOptions& options, const Manifest& manifest, const fs::path& to) {
  std::set<fs::path> folders{to};
  const uint64_t total = manifest.total_bytes();
  uint64_t done = 0;
  for (const ManifestFile& file : manifest.files) {
    const fs::path target = to / file.path;
    if (folders.insert(target.parent_path()).second) {
      std::error_code error;
      fs::create_directories(target.parent_path(), error);
      if (error) {
        return base::Unavailable("cannot create " + target.parent_path().string() + ": " +
                                 error.message());
      }
      fs::permissions(target.parent_path(), fs::perms::owner_all, error);
    }
    const auto digest = CopyFile(options.source / file.path, target, file.is_secret ? 0600 : 0640,
                                 [&](uint64_t bytes) {
                                   done += bytes;
                                   if (options.progress) options.progress("restored", done, total);
                                 });
    if (!digest.ok()) return digest.status();
    if (digest->sha256 != file.sha256) {
      return Damaged(options.source / file.path, "has another checksum than when it was made");
    }
  }
  for (const fs::path& folder : folders) ENERGY_RETURN_IF_ERROR(SyncFolder(folder));
  return {};
}

base::Status MoveIntoPlace(const RestoreOptions& options, const fs::path& from, bool& moved_aside) {
  std::error_code error;
  if (HoldsSomething(options.data_dir)) {
    fs::rename(options.data_dir, options.aside, error);
    if (error) {
      return base::Unavailable("cannot move " + options.data_dir.string() + " to " +
                               options.aside.string() + ": " + error.message());
    }
    moved_aside = true;
  } else {
    fs::remove(options.data_dir / "lock", error);
  }
  // Takes the place of an empty folder too.
  if (std::rename(from.c_str(), options.data_dir.c_str()) != 0) {
    const std::string cause = std::strerror(errno);
    if (moved_aside) fs::rename(options.aside, options.data_dir, error);
    return base::Unavailable("cannot put the restored folder in the place of " +
                             options.data_dir.string() + ": " + cause +
                             "; where that is a mount point, restore to a folder inside it");
  }
  return SyncFolder(options.data_dir.parent_path());
}

}  // namespace

base::Result<RestoreReport> Restore(const RestoreOptions& options) {
  RestoreReport report;
  ENERGY_ASSIGN_OR_RETURN(report.manifest, Manifest::Read(options.source));
  ENERGY_RETURN_IF_ERROR(CheckSizes(options, report.manifest));
  if (!options.force && HoldsSomething(options.data_dir)) {
    return base::Conflict("the data folder " + options.data_dir.string() +
                          " holds something: name another with --data-dir, or give --force to "
                          "move it aside");
  }
  fs::path staging = options.data_dir;
  staging += ".restoring";
  std::error_code error;
  fs::remove_all(staging, error);
  fs::create_directories(staging.parent_path(), error);
  if (mkdir(staging.c_str(), 0700) != 0) {
    return base::Unavailable("cannot create " + staging.string() + ": " + std::strerror(errno));
  }
  base::Status status = CopyAll(options, report.manifest, staging);
  if (status.ok()) status = MoveIntoPlace(options, staging, report.moved_aside);
  if (!status.ok()) {
    fs::remove_all(staging, error);
    return status;
  }
  return report;
}

}  // namespace energy::maintenance
