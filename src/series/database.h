#pragma once

#include <rocksdb/db.h>
#include <rocksdb/rate_limiter.h>

#include <array>
#include <atomic>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string_view>
#include <vector>

#include "base/log.h"
#include "base/status.h"
#include "series/embedded_store.h"
#include "series/retention.h"

namespace energy::series {

/// One opening of RocksDB: its column families and tuning. Closed when destroyed.
///
/// Threads: safe anywhere.
class Database {
 public:
  /// Errors: see EmbeddedStore::Open.
  /// `cuts` and `damaged` outlive the database; `damaged` becomes true when a compaction meets a
  /// file that cannot be read.
  static base::Result<std::unique_ptr<Database>> Open(const EmbeddedOptions& options,
                                                      const RetentionCuts& cuts,
                                                      std::atomic<bool>& damaged,
                                                      const base::Logger& logger);
  ~Database();
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;

  /// Names of the column families. on disk: never rename
  static constexpr std::array<std::string_view, 6> kFamilies = {"default", "names",  "log",
                                                                "chunks",  "hourly", "daily"};

  rocksdb::DB& db() const { return *db_; }
  const std::filesystem::path& path() const { return path_; }
  /// Null for a name that is none of kFamilies.
  rocksdb::ColumnFamilyHandle* Family(std::string_view name) const;
  rocksdb::ColumnFamilyHandle* meta() const { return meta_; }
  rocksdb::ColumnFamilyHandle* names() const { return names_; }
  rocksdb::ColumnFamilyHandle* log() const { return log_; }
  rocksdb::ColumnFamilyHandle* chunks() const { return chunks_; }
  rocksdb::ColumnFamilyHandle* hourly() const { return hourly_; }
  rocksdb::ColumnFamilyHandle* daily() const { return daily_; }

  /// What flushes and compactions write goes through it; not limited at first.
  rocksdb::RateLimiter& pace() const { return *pace_; }
  static constexpr int64_t kNoLimit = int64_t{1} << 40;  // bytes/s

  /// Bytes at the end of the write-ahead log that opening dropped as damaged.
  uint64_t dropped_bytes() const { return dropped_bytes_; }

 private:
  Database(std::filesystem::path path, base::Logger logger)
      : path_(std::move(path)), logger_(std::move(logger)) {}

  const std::filesystem::path path_;

  const base::Logger logger_;
  std::vector<std::unique_ptr<rocksdb::CompactionFilter>> filters_;  // outlive db_
  std::unique_ptr<rocksdb::DB> db_;
  std::shared_ptr<rocksdb::RateLimiter> pace_;
  rocksdb::ColumnFamilyHandle* meta_ = nullptr;
  rocksdb::ColumnFamilyHandle* names_ = nullptr;
  rocksdb::ColumnFamilyHandle* log_ = nullptr;
  rocksdb::ColumnFamilyHandle* chunks_ = nullptr;
  rocksdb::ColumnFamilyHandle* hourly_ = nullptr;
  rocksdb::ColumnFamilyHandle* daily_ = nullptr;
  uint64_t dropped_bytes_ = 0;
};

/// RocksDB's outcome in this program's words, for the store in `path`.
base::Status Translate(const rocksdb::Status& status, const std::filesystem::path& path);

}  // namespace energy::series
