#pragma once

#include <rocksdb/db.h>
#include <rocksdb/write_batch.h>

#include <atomic>
#include <filesystem>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "base/log.h"
#include "base/status.h"
#include "series/embedded_store.h"

namespace energy::series {

/// RocksDB as this store uses it: its column families, tuning, errors, and whether it can write.
///
/// After a failed write every write is refused until Heal has succeeded: what follows a torn record
/// in the write-ahead log could otherwise be lost at the next start.
///
/// Threads: safe anywhere.
class Rocks {
 public:
  /// Errors: see EmbeddedStore::Open.
  static base::Result<std::unique_ptr<Rocks>> Open(const EmbeddedOptions& options,
                                                   const base::Logger& logger);
  ~Rocks();
  Rocks(const Rocks&) = delete;
  Rocks& operator=(const Rocks&) = delete;

  rocksdb::ColumnFamilyHandle* meta() const { return meta_; }
  rocksdb::ColumnFamilyHandle* names() const { return names_; }
  rocksdb::ColumnFamilyHandle* log() const { return log_; }
  rocksdb::ColumnFamilyHandle* chunks() const { return chunks_; }

  /// Errors: kUnavailable, naming the cause and the remedy.
  base::Status Write(rocksdb::WriteBatch& batch, bool sync);
  /// A view of the column family as it is now.
  std::unique_ptr<rocksdb::Iterator> Iterate(rocksdb::ColumnFamilyHandle* family) const;
  /// A value of `meta`, if there.
  base::Result<std::optional<std::string>> ReadMeta(std::string_view key) const;

  bool writable() const { return writable_.load(std::memory_order_acquire); }
  /// Why not writable.
  std::string error() const;
  /// Makes writes possible again where they can be, and proves it with a synced write.
  base::Status Heal();

  /// Bytes of a column family on disk and in write buffers.
  uint64_t BytesOf(rocksdb::ColumnFamilyHandle* family) const;
  /// Bytes at the end of the write-ahead log that the last Open dropped as damaged.
  uint64_t dropped_bytes() const { return dropped_bytes_; }

  base::Status Translate(const rocksdb::Status& status) const;

 private:
  Rocks(std::filesystem::path path, base::Logger logger);
  base::Status CheckFamilies(const rocksdb::DBOptions& options) const;
  base::Status TryHeal(uint64_t attempt);

  const std::filesystem::path path_;
  const base::Logger logger_;
  std::unique_ptr<rocksdb::DB> db_;
  rocksdb::ColumnFamilyHandle* meta_ = nullptr;
  rocksdb::ColumnFamilyHandle* names_ = nullptr;
  rocksdb::ColumnFamilyHandle* log_ = nullptr;
  rocksdb::ColumnFamilyHandle* chunks_ = nullptr;
  uint64_t dropped_bytes_ = 0;

  std::atomic<bool> writable_ = true;
  mutable std::mutex error_mutex_;
  std::string error_;  // guarded by error_mutex_
};

}  // namespace energy::series
