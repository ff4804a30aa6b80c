#pragma once

#include <rocksdb/db.h>

#include <cstdint>
#include <filesystem>
#include <memory>

#include "base/log.h"
#include "base/status.h"
#include "series/embedded_store.h"

namespace energy::series {

/// One opening of RocksDB: its column families and tuning. Closed when destroyed.
///
/// Threads: safe anywhere.
class Database {
 public:
  /// Errors: see EmbeddedStore::Open.
  static base::Result<std::unique_ptr<Database>> Open(const EmbeddedOptions& options,
                                                      const base::Logger& logger);
  ~Database();
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;

  rocksdb::DB& db() const { return *db_; }
  rocksdb::ColumnFamilyHandle* meta() const { return meta_; }
  rocksdb::ColumnFamilyHandle* names() const { return names_; }
  rocksdb::ColumnFamilyHandle* log() const { return log_; }
  rocksdb::ColumnFamilyHandle* chunks() const { return chunks_; }

  /// Bytes at the end of the write-ahead log that opening dropped as damaged.
  uint64_t dropped_bytes() const { return dropped_bytes_; }

 private:
  explicit Database(base::Logger logger) : logger_(std::move(logger)) {}

  const base::Logger logger_;
  std::unique_ptr<rocksdb::DB> db_;
  rocksdb::ColumnFamilyHandle* meta_ = nullptr;
  rocksdb::ColumnFamilyHandle* names_ = nullptr;
  rocksdb::ColumnFamilyHandle* log_ = nullptr;
  rocksdb::ColumnFamilyHandle* chunks_ = nullptr;
  uint64_t dropped_bytes_ = 0;
};

/// RocksDB's outcome in this program's words, for the store in `path`.
base::Status Translate(const rocksdb::Status& status, const std::filesystem::path& path);

}  // namespace energy::series
