#include "series/rocks.h"

#include <rocksdb/cache.h>
#include <rocksdb/listener.h>
#include <rocksdb/table.h>

#include <algorithm>
#include <array>
#include <cstdarg>
#include <cstdio>
#include <system_error>
#include <vector>

#include "series/keys.h"

namespace energy::series {
namespace {

// on disk: never rename
constexpr const char* kNamesFamily = "names";
constexpr const char* kLogFamily = "log";
constexpr const char* kChunksFamily = "chunks";
constexpr const char* kProbeKey = "probe";
constexpr uint64_t kHealAttempts = 4;

// RocksDB's own log goes where the program's goes, and no LOG files pile up in the data folder.
class LogBridge final : public rocksdb::Logger {
 public:
  explicit LogBridge(base::Logger to)
      : rocksdb::Logger(rocksdb::InfoLogLevel::WARN_LEVEL), to_(std::move(to)) {}

  using rocksdb::Logger::Logv;
  void Logv(const char* format, va_list arguments) override {
    Logv(rocksdb::InfoLogLevel::INFO_LEVEL, format, arguments);
  }
  void Logv(rocksdb::InfoLogLevel level, const char* format, va_list arguments) override {
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

}  // namespace

Rocks::Rocks(std::filesystem::path path, base::Logger logger)
    : path_(std::move(path)), logger_(std::move(logger)) {}

Rocks::~Rocks() {
  if (db_ == nullptr) return;
  for (rocksdb::ColumnFamilyHandle* family : {meta_, names_, log_, chunks_}) {
    db_->DestroyColumnFamilyHandle(family);
  }
  if (const rocksdb::Status closed = db_->Close(); !closed.ok()) {
    logger_->warn("closing {}: {}", path_.string(), closed.ToString());
  }
}

base::Status Rocks::CheckFamilies(const rocksdb::DBOptions& options) const {
  if (!std::filesystem::exists(path_ / "CURRENT")) return {};
  std::vector<std::string> found;
  ENERGY_RETURN_IF_ERROR(
      Translate(rocksdb::DB::ListColumnFamilies(options, path_.string(), &found)));
  for (const std::string& name : found) {
    if (name == rocksdb::kDefaultColumnFamilyName || name == kNamesFamily || name == kLogFamily ||
        name == kChunksFamily) {
      continue;
    }
    return base::InvalidArgument("the telemetry store in " + path_.string() + " holds '" + name +
                                 "', which this version does not know: use a newer version");
  }
  return {};
}

base::Result<std::unique_ptr<Rocks>> Rocks::Open(const EmbeddedOptions& options,
                                                 const base::Logger& logger) {
  std::error_code error;
  std::filesystem::create_directories(options.path, error);
  if (error) {
    return base::Unavailable("cannot create the folder " + options.path.string() + ": " +
                             error.message());
  }
  std::unique_ptr<Rocks> rocks(new Rocks(options.path, logger));
  const auto bridge = std::make_shared<LogBridge>(logger);
  const rocksdb::DBOptions database = DatabaseOptions(options, bridge);
  ENERGY_RETURN_IF_ERROR(rocks->CheckFamilies(database));

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
  const rocksdb::Status opened =
      rocksdb::DB::Open(database, options.path.string(), families, &handles, &db);
  if (!opened.ok()) return rocks->Translate(opened);
  rocks->db_.reset(db);
  rocks->meta_ = handles[0];
  rocks->names_ = handles[1];
  rocks->log_ = handles[2];
  rocks->chunks_ = handles[3];
  rocks->dropped_bytes_ = bridge->dropped_bytes();
  return rocks;
}

base::Status Rocks::Translate(const rocksdb::Status& status) const {
  if (status.ok()) return {};
  const std::string where = "telemetry store " + path_.string() + ": ";
  if (status.IsNoSpace() || status.subcode() == rocksdb::Status::kSpaceLimit) {
    return base::Unavailable(where + "the disk is full: free space there (" + status.ToString() +
                             ")");
  }
  if (status.IsCorruption()) {
    return base::Internal(where + "damaged: restore a backup (" + status.ToString() + ")");
  }
  const std::string text = status.ToString();
  if (text.find("lock") != std::string::npos && status.IsIOError()) {
    return base::Unavailable(where + "in use by another process (" + text + ")");
  }
  return base::Unavailable(where + text);
}

base::Status Rocks::Write(rocksdb::WriteBatch& batch, bool sync) {
  if (!writable()) return base::Unavailable(error());
  rocksdb::WriteOptions options;
  options.sync = sync;
  const base::Status status = Translate(db_->Write(options, &batch));
  if (status.ok()) return status;
  {
    const std::lock_guard lock(error_mutex_);
    error_ = status.message();
  }
  writable_.store(false, std::memory_order_release);
  logger_->error("write failed, refusing writes until it is healed: {}", status.message());
  return base::Unavailable(status.message());
}

std::unique_ptr<rocksdb::Iterator> Rocks::Iterate(rocksdb::ColumnFamilyHandle* family) const {
  rocksdb::ReadOptions options;
  return std::unique_ptr<rocksdb::Iterator>(db_->NewIterator(options, family));
}

base::Result<std::optional<std::string>> Rocks::ReadMeta(std::string_view key) const {
  std::string value;
  const rocksdb::Status status =
      db_->Get(rocksdb::ReadOptions(), meta_, rocksdb::Slice(key.data(), key.size()), &value);
  if (status.IsNotFound()) return std::optional<std::string>();
  ENERGY_RETURN_IF_ERROR(Translate(status));
  return std::optional(std::move(value));
}

std::string Rocks::error() const {
  const std::lock_guard lock(error_mutex_);
  return error_;
}

// RocksDB 7.8 continues in the write-ahead log whose write failed unless a memtable is flushed
// while it resumes, and then refuses that file for good (facebook/rocksdb#11643, #12998). So: put
// something into a memtable past the log, provoke the refusal with a synced write, and resume once
// more, which now flushes and starts a new log.
base::Status Rocks::TryHeal(uint64_t attempt) {
  ENERGY_RETURN_IF_ERROR(Translate(db_->Resume()));
  std::string value;
  AppendBe(value, attempt);
  rocksdb::WriteOptions past_the_log;
  past_the_log.disableWAL = true;
  ENERGY_RETURN_IF_ERROR(Translate(db_->Put(past_the_log, meta_, kProbeKey, value)));
  rocksdb::WriteOptions synced;
  synced.sync = true;
  return Translate(db_->Put(synced, meta_, kProbeKey, value));
}

base::Status Rocks::Heal() {
  if (writable()) {
    rocksdb::WriteBatch batch;
    batch.Put(meta_, kProbeKey, "");
    return Write(batch, true);
  }
  base::Status status;
  for (uint64_t attempt = 0; attempt < kHealAttempts; ++attempt) {
    status = TryHeal(attempt);
    if (status.ok()) break;
  }
  // A new write-ahead log, so that a torn record of the failed write has nothing behind it.
  if (status.ok()) {
    status = Translate(db_->Flush(rocksdb::FlushOptions(), {meta_, names_, log_, chunks_}));
  }
  const std::lock_guard lock(error_mutex_);
  if (!status.ok()) {
    error_ = status.message();
    return base::Unavailable(status.message());
  }
  error_.clear();
  writable_.store(true, std::memory_order_release);
  logger_->info("the telemetry store {} can write again", path_.string());
  return {};
}

uint64_t Rocks::BytesOf(rocksdb::ColumnFamilyHandle* family) const {
  uint64_t files = 0;
  uint64_t buffers = 0;
  db_->GetIntProperty(family, rocksdb::DB::Properties::kLiveSstFilesSize, &files);
  db_->GetIntProperty(family, rocksdb::DB::Properties::kCurSizeAllMemTables, &buffers);
  return files + buffers;
}

}  // namespace energy::series
