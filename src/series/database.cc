#include "series/database.h"

#include <rocksdb/cache.h>
#include <rocksdb/listener.h>
#include <rocksdb/table.h>

#include <algorithm>
#include <array>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

#include "series/log_bridge.h"

namespace energy::series {
namespace {

// Healing is Heal's: at a known moment and with proof. RocksDB's own attempts would run beside it
// and make Resume answer "busy".
class NoSelfHealing final : public rocksdb::EventListener {
 public:
  explicit NoSelfHealing(std::atomic<bool>& damaged) : damaged_(damaged) {}
  // A file that a compaction cannot read is no reason to refuse writes: it is taken out.
  void OnBackgroundError(rocksdb::BackgroundErrorReason reason, rocksdb::Status* error) override {
    if (reason != rocksdb::BackgroundErrorReason::kCompaction || !error->IsCorruption()) return;
    damaged_ = true;
    *error = rocksdb::Status::OK();
  }
  void OnErrorRecoveryBegin(rocksdb::BackgroundErrorReason, rocksdb::Status,
                            bool* auto_recovery) override {
    *auto_recovery = false;
  }

 private:
  std::atomic<bool>& damaged_;
};

rocksdb::DBOptions DatabaseOptions(const EmbeddedOptions& options, std::atomic<bool>& damaged,
                                   std::shared_ptr<rocksdb::Logger> log) {
  rocksdb::DBOptions db;
  db.create_if_missing = true;
  db.create_missing_column_families = true;
  // A crash may leave the last record torn; nothing after it was acknowledged.
  db.wal_recovery_mode = rocksdb::WALRecoveryMode::kPointInTimeRecovery;
  db.max_background_jobs = 2;
  db.max_open_files = 256;
  db.max_total_wal_size = 4 * options.write_buffer_bytes;
  db.bytes_per_sync = uint64_t{1} << 20;
  db.avoid_flush_during_shutdown = true;  // the write-ahead log has it all; stopping is quick
  db.skip_stats_update_on_db_open = true;
  db.stats_dump_period_sec = 0;
  db.stats_persist_period_sec = 0;
  db.max_bgerror_resume_count = 0;
  db.listeners.push_back(std::make_shared<NoSelfHealing>(damaged));
  db.info_log = std::move(log);
  return db;
}

rocksdb::ColumnFamilyOptions FamilyOptions(size_t write_buffer_bytes,
                                           const std::shared_ptr<rocksdb::Cache>& cache) {
  rocksdb::BlockBasedTableOptions table;
  table.block_cache = cache;
  table.block_size = size_t{16} << 10;
  rocksdb::ColumnFamilyOptions family;
  family.table_factory.reset(rocksdb::NewBlockBasedTableFactory(table));
  family.compression = rocksdb::kNoCompression;  // packed columns do not shrink further
  family.write_buffer_size = write_buffer_bytes;
  family.max_write_buffer_number = 2;
  family.level_compaction_dynamic_level_bytes = true;
  return family;
}

// A column family that this version does not know means that a newer one keeps something in step
// with the chunks there; writing past it would spoil that.
base::Status CheckFamilies(const rocksdb::DBOptions& options, const std::filesystem::path& path) {
  if (!std::filesystem::exists(path / "CURRENT")) return {};
  std::vector<std::string> found;
  ENERGY_RETURN_IF_ERROR(
      Translate(rocksdb::DB::ListColumnFamilies(options, path.string(), &found), path));
  for (const std::string& name : found) {
    if (std::find(Database::kFamilies.begin(), Database::kFamilies.end(), name) !=
        Database::kFamilies.end())
      continue;
    return base::InvalidArgument("the telemetry store in " + path.string() + " holds '" + name +
                                 "', which this version does not know: use a newer version");
  }
  return {};
}

}  // namespace

base::Result<std::unique_ptr<Database>> Database::Open(const EmbeddedOptions& options,
                                                       const RetentionCuts& cuts,
                                                       std::atomic<bool>& damaged,
                                                       const base::Logger& logger) {
  std::error_code error;
  std::filesystem::create_directories(options.path, error);
  if (error) {
    return base::Unavailable("cannot create the folder " + options.path.string() + ": " +
                             error.message());
  }
  const auto bridge = std::make_shared<LogBridge>(logger);
  rocksdb::DBOptions settings = DatabaseOptions(options, damaged, bridge);
  settings.rate_limiter.reset(rocksdb::NewGenericRateLimiter(kNoLimit));
  ENERGY_RETURN_IF_ERROR(CheckFamilies(settings, options.path));

  const auto cache = rocksdb::NewLRUCache(options.block_cache_bytes, 2);
  constexpr size_t kSmallBuffer = size_t{1} << 20;
  std::unique_ptr<Database> database(new Database(options.path, logger));
  database->filters_.push_back(ExpiredChunks(cuts.raw));
  database->filters_.push_back(ExpiredRollups(cuts.hourly, kHourlyShape));
  database->filters_.push_back(ExpiredRollups(cuts.daily, kDailyShape));
  const auto filtered = [&](size_t filter) {
    rocksdb::ColumnFamilyOptions family = FamilyOptions(options.write_buffer_bytes, cache);
    family.compaction_filter = database->filters_[filter].get();
    return family;
  };
  const std::vector<rocksdb::ColumnFamilyDescriptor> families = {
      {std::string(kFamilies[0]), FamilyOptions(kSmallBuffer, cache)},
      {std::string(kFamilies[1]), FamilyOptions(kSmallBuffer, cache)},
      {std::string(kFamilies[2]), FamilyOptions(options.write_buffer_bytes, cache)},
      {std::string(kFamilies[3]), filtered(0)},
      {std::string(kFamilies[4]), filtered(1)},
      {std::string(kFamilies[5]), filtered(2)},
  };
  std::vector<rocksdb::ColumnFamilyHandle*> handles;
  rocksdb::DB* db = nullptr;
  ENERGY_RETURN_IF_ERROR(Translate(
      rocksdb::DB::Open(settings, options.path.string(), families, &handles, &db), options.path));
  database->db_.reset(db);
  database->pace_ = settings.rate_limiter;
  database->meta_ = handles[0];
  database->names_ = handles[1];
  database->log_ = handles[2];
  database->chunks_ = handles[3];
  database->hourly_ = handles[4];
  database->daily_ = handles[5];
  database->dropped_bytes_ = bridge->dropped_bytes();
  return database;
}

rocksdb::ColumnFamilyHandle* Database::Family(std::string_view name) const {
  for (rocksdb::ColumnFamilyHandle* family : {meta_, names_, log_, chunks_, hourly_, daily_}) {
    if (family->GetName() == name) return family;
  }
  return nullptr;
}

Database::~Database() {
  if (db_ == nullptr) return;  // never opened
  for (rocksdb::ColumnFamilyHandle* family : {meta_, names_, log_, chunks_, hourly_, daily_}) {
    db_->DestroyColumnFamilyHandle(family);
  }
  if (const rocksdb::Status closed = db_->Close(); !closed.ok()) {
    logger_->warn("closing the telemetry store: {}", closed.ToString());
  }
}

base::Status Translate(const rocksdb::Status& status, const std::filesystem::path& path) {
  if (status.ok()) return {};
  const std::string where = "telemetry store " + path.string() + ": ";
  const std::string text = status.ToString();
  if (status.IsNoSpace() || status.subcode() == rocksdb::Status::kSpaceLimit) {
    return base::Unavailable(where + "the disk is full: free space there (" + text + ")");
  }
  if (status.IsCorruption()) {
    return base::Internal(where + "damaged: run energy-platform doctor, or restore a backup (" +
                          text + ")");
  }
  if (status.IsPathNotFound() || text.find("No such file") != std::string::npos) {
    return base::Internal(where + "a file is missing: run energy-platform doctor, or restore a " +
                          "backup (" + text + ")");
  }
  if (status.IsIOError() && text.find("lock") != std::string::npos) {
    return base::Unavailable(where + "in use by another process (" + text + ")");
  }
  return base::Unavailable(where + text);
}

}  // namespace energy::series
