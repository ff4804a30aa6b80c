#include "series/database.h"

#include <rocksdb/cache.h>
#include <rocksdb/listener.h>
#include <rocksdb/table.h>

#include <array>
#include <atomic>
#include <cstdarg>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

namespace energy::series {
namespace {

// on disk: never rename
constexpr const char* kNamesFamily = "names";
constexpr const char* kLogFamily = "log";
constexpr const char* kChunksFamily = "chunks";

// RocksDB's own log goes where the program's goes, and no LOG files pile up in the data folder.
class LogBridge final : public rocksdb::Logger {
 public:
  explicit LogBridge(base::Logger to)
      : rocksdb::Logger(rocksdb::InfoLogLevel::WARN_LEVEL), to_(std::move(to)) {}

  using rocksdb::Logger::Logv;
  [[gnu::format(printf, 2, 0)]] void Logv(const char* format, va_list arguments) override {
    Logv(rocksdb::InfoLogLevel::INFO_LEVEL, format, arguments);
  }
  [[gnu::format(printf, 3, 0)]] void Logv(rocksdb::InfoLogLevel level, const char* format,
                                          va_list arguments) override {
    if (level < GetInfoLogLevel()) return;
    std::array<char, 1024> text{};
    std::vsnprintf(text.data(), text.size(), format, arguments);
    CountDropped(text.data());
    to_->log(
        level >= rocksdb::InfoLogLevel::ERROR_LEVEL ? spdlog::level::warn : spdlog::level::debug,
        "rocksdb: {}", text.data());
  }
  uint64_t dropped_bytes() const { return dropped_bytes_.load(); }

 private:
  // The only place where RocksDB tells how much of a write-ahead log it skipped.
  void CountDropped(std::string_view text) {
    constexpr std::string_view kMark = ": dropping ";
    const size_t at = text.find(kMark);
    if (at == std::string_view::npos) return;
    dropped_bytes_ += std::strtoull(text.data() + at + kMark.size(), nullptr, 10);
  }

  const base::Logger to_;
  std::atomic<uint64_t> dropped_bytes_ = 0;
};

// Healing is Heal's: at a known moment and with proof. RocksDB's own attempts would run beside it
// and make Resume answer "busy".
class NoSelfHealing final : public rocksdb::EventListener {
 public:
  void OnErrorRecoveryBegin(rocksdb::BackgroundErrorReason, rocksdb::Status,
                            bool* auto_recovery) override {
    *auto_recovery = false;
  }
};

rocksdb::DBOptions DatabaseOptions(const EmbeddedOptions& options,
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
  db.listeners.push_back(std::make_shared<NoSelfHealing>());
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
    if (name == rocksdb::kDefaultColumnFamilyName || name == kNamesFamily || name == kLogFamily ||
        name == kChunksFamily) {
      continue;
    }
    return base::InvalidArgument("the telemetry store in " + path.string() + " holds '" + name +
                                 "', which this version does not know: use a newer version");
  }
  return {};
}

}  // namespace

base::Result<std::unique_ptr<Database>> Database::Open(const EmbeddedOptions& options,
                                                       const base::Logger& logger) {
  std::error_code error;
  std::filesystem::create_directories(options.path, error);
  if (error) {
    return base::Unavailable("cannot create the folder " + options.path.string() + ": " +
                             error.message());
  }
  const auto bridge = std::make_shared<LogBridge>(logger);
  const rocksdb::DBOptions settings = DatabaseOptions(options, bridge);
  ENERGY_RETURN_IF_ERROR(CheckFamilies(settings, options.path));

  const auto cache = rocksdb::NewLRUCache(options.block_cache_bytes, 2);
  constexpr size_t kSmallBuffer = size_t{1} << 20;
  const std::vector<rocksdb::ColumnFamilyDescriptor> families = {
      {rocksdb::kDefaultColumnFamilyName, FamilyOptions(kSmallBuffer, cache)},
      {kNamesFamily, FamilyOptions(kSmallBuffer, cache)},
      {kLogFamily, FamilyOptions(options.write_buffer_bytes, cache)},
      {kChunksFamily, FamilyOptions(options.write_buffer_bytes, cache)},
  };
  std::vector<rocksdb::ColumnFamilyHandle*> handles;
  rocksdb::DB* db = nullptr;
  ENERGY_RETURN_IF_ERROR(Translate(
      rocksdb::DB::Open(settings, options.path.string(), families, &handles, &db), options.path));
  std::unique_ptr<Database> database(new Database(logger));
  database->db_.reset(db);
  database->meta_ = handles[0];
  database->names_ = handles[1];
  database->log_ = handles[2];
  database->chunks_ = handles[3];
  database->dropped_bytes_ = bridge->dropped_bytes();
  return database;
}

Database::~Database() {
  for (rocksdb::ColumnFamilyHandle* family : {meta_, names_, log_, chunks_}) {
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
    return base::Internal(where + "damaged: restore a backup (" + text + ")");
  }
  if (status.IsIOError() && text.find("lock") != std::string::npos) {
    return base::Unavailable(where + "in use by another process (" + text + ")");
  }
  return base::Unavailable(where + text);
}

}  // namespace energy::series
