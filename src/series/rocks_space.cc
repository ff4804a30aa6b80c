#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <system_error>

#include "series/rocks.h"

namespace energy::series {
namespace {

uint64_t LogBytesIn(const std::filesystem::path& folder) {
  uint64_t bytes = 0;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(folder, error)) {
    if (entry.path().extension() != ".log") continue;
    const auto size = entry.file_size(error);
    bytes += error ? 0 : size;
  }
  return bytes;
}

// Giving space back has time: appends, which sync to the same disk, have not.
class SlowPace {
 public:
  explicit SlowPace(const Database& database) : pace_(database.pace()) {
    constexpr int64_t kBytesPerSecond = int64_t{64} << 20;
    pace_.SetBytesPerSecond(kBytesPerSecond);
  }
  ~SlowPace() { pace_.SetBytesPerSecond(Database::kNoLimit); }
  SlowPace(const SlowPace&) = delete;
  SlowPace& operator=(const SlowPace&) = delete;

 private:
  rocksdb::RateLimiter& pace_;
};

// Stopping early is no error.
rocksdb::Status UnlessStopped(rocksdb::Status status) {
  return status.IsIncomplete() ? rocksdb::Status::OK() : std::move(status);
}

}  // namespace

uint64_t Rocks::Lease::BytesBetween(rocksdb::ColumnFamilyHandle* family, const std::string& from,
                                    const std::string& to) const {
  const rocksdb::Range range(from, to);
  rocksdb::SizeApproximationOptions options;
  options.include_memtables = true;
  uint64_t bytes = 0;
  if (!database_->db().GetApproximateSizes(options, family, &range, 1, &bytes).ok()) return 0;
  return bytes;
}

base::Status Rocks::Lease::Compact(rocksdb::ColumnFamilyHandle* family, const std::string& from,
                                   const std::string& to, std::atomic<bool>& stop) const {
  rocksdb::CompactRangeOptions options;
  options.exclusive_manual_compaction = false;
  options.bottommost_level_compaction = rocksdb::BottommostLevelCompaction::kForceOptimized;
  options.canceled = &stop;
  const SlowPace pace(*database_);
  const rocksdb::Slice begin(from);
  const rocksdb::Slice end(to);
  return rocks_->TranslateStatus(
      UnlessStopped(database_->db().CompactRange(options, family, &begin, &end)));
}

base::Status Rocks::Lease::Flatten(rocksdb::ColumnFamilyHandle* family,
                                   std::atomic<bool>& stop) const {
  rocksdb::CompactRangeOptions options;
  options.exclusive_manual_compaction = false;
  options.bottommost_level_compaction = rocksdb::BottommostLevelCompaction::kSkip;
  options.canceled = &stop;
  const SlowPace pace(*database_);
  return rocks_->TranslateStatus(
      UnlessStopped(database_->db().CompactRange(options, family, nullptr, nullptr)));
}

Layers Rocks::Lease::LayersOf(rocksdb::ColumnFamilyHandle* family) const {
  rocksdb::ColumnFamilyMetaData files;
  database_->db().GetColumnFamilyMetaData(family, &files);
  Layers layers;
  for (const rocksdb::LevelMetaData& level : files.levels) {
    if (level.files.empty()) continue;
    layers.above = layers.bytes;
    layers.bytes += level.size;
    if (level.level != 0) continue;
    // Files of level 0 lie above one another; one of them is the deepest.
    uint64_t largest = 0;
    for (const rocksdb::SstFileMetaData& file : level.files) {
      largest = std::max<uint64_t>(largest, file.size);
    }
    layers.above = level.size - largest;
  }
  return layers;
}

base::Status Rocks::Lease::Flush() const {
  std::vector<rocksdb::ColumnFamilyHandle*> families;
  families.reserve(Database::kFamilies.size());
  for (const std::string_view name : Database::kFamilies) {
    families.push_back(database_->Family(name));
  }
  return rocks_->TranslateStatus(database_->db().Flush(rocksdb::FlushOptions(), families));
}

uint64_t Rocks::Lease::WriteAheadLogBytes() const { return LogBytesIn(database_->path()); }

uint64_t Rocks::Lease::BytesOf(rocksdb::ColumnFamilyHandle* family) const {
  uint64_t files = 0;
  uint64_t buffers = 0;
  rocksdb::DB& db = database_->db();
  db.GetIntProperty(family, rocksdb::DB::Properties::kLiveSstFilesSize, &files);
  db.GetIntProperty(family, rocksdb::DB::Properties::kCurSizeAllMemTables, &buffers);
  return files + buffers;
}

// Opening writes what the write-ahead log holds into files. Closing first and then finding that
// there is no room for that would leave reads without a database.
base::Status Rocks::CheckSpace() const {
  constexpr uint64_t kManifestAndMore = uint64_t{1} << 20;
  const auto needed = static_cast<off_t>(LogBytesIn(options_.path) +
                                         2 * options_.write_buffer_bytes + kManifestAndMore);
  const std::filesystem::path trial = options_.path / "space-check.tmp";
  const int file = open(trial.c_str(), O_CREAT | O_TRUNC | O_WRONLY | O_CLOEXEC, 0600);
  int failure = file < 0 ? errno : posix_fallocate(file, 0, needed);
  if (file >= 0) {
    if (failure == 0 && fsync(file) != 0) failure = errno;
    close(file);
    unlink(trial.c_str());
  }
  if (failure == 0) return {};
  const std::string where = "telemetry store " + options_.path.string() + ": ";
  if (failure == ENOSPC || failure == EDQUOT) {
    return base::Unavailable(where + "the disk is full: free " + std::to_string(needed >> 20) +
                             " MiB there");
  }
  return base::Unavailable(where + "cannot write: " + std::strerror(failure));
}

}  // namespace energy::series
