#pragma once

#include <rocksdb/db.h>

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/log.h"
#include "base/status.h"

namespace energy::series {

/// The database of a store as it lies on disk, opened without changing anything, with whatever
/// column families it has. Threads: safe anywhere.
class ReadOnlyStore {
 public:
  /// Errors: kInternal, naming the file where RocksDB does, for a database too damaged to open;
  /// kUnavailable when it cannot be read.
  static base::Result<std::unique_ptr<ReadOnlyStore>> Open(const std::filesystem::path& path,
                                                           const base::Logger& logger);
  ~ReadOnlyStore();
  ReadOnlyStore(const ReadOnlyStore&) = delete;
  ReadOnlyStore& operator=(const ReadOnlyStore&) = delete;

  rocksdb::DB& db() const { return *db_; }
  const std::vector<rocksdb::ColumnFamilyHandle*>& families() const { return families_; }
  /// Null when there is none of that name.
  rocksdb::ColumnFamilyHandle* Find(std::string_view name) const;
  /// Bytes of write-ahead logs that cannot be read.
  uint64_t dropped_log_bytes() const { return dropped_log_bytes_; }

 private:
  ReadOnlyStore() = default;

  std::unique_ptr<rocksdb::DB> db_;
  std::vector<rocksdb::ColumnFamilyHandle*> families_;
  uint64_t dropped_log_bytes_ = 0;
};

}  // namespace energy::series
