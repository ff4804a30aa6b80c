#pragma once

#include <rocksdb/db.h>
#include <rocksdb/iterator.h>
#include <rocksdb/write_batch.h>

#include <atomic>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "base/log.h"
#include "base/status.h"
#include "series/database.h"

namespace energy::series {

/// RocksDB as this store uses it, and whether it can write.
///
/// After a failed write every write is refused until Heal has succeeded. Heal closes the database
/// and opens it again: RocksDB 7.8 may otherwise go on in the write-ahead log whose last record is
/// torn, and then fails an assertion (facebook/rocksdb#11643, #12998).
///
/// Threads: safe anywhere. Whoever holds a lock that a lease holder may want must not ask for one.
class Rocks {
 public:
  /// The right to use the database: while one lives the database is not closed.
  class Lease {
   public:
    Lease(Lease&& other) noexcept;
    Lease& operator=(Lease&&) = delete;
    ~Lease();

    const Database& operator*() const { return *database_; }
    const Database* operator->() const { return database_; }

    /// Errors: kUnavailable, naming cause and remedy; nothing is acknowledged then.
    base::Status Write(rocksdb::WriteBatch& batch, bool sync) const;
    /// A view of the column family as it is now. Ends before the lease does.
    std::unique_ptr<rocksdb::Iterator> Iterate(rocksdb::ColumnFamilyHandle* family) const;
    /// A value of the column family `meta`, if there.
    base::Result<std::optional<std::string>> ReadMeta(std::string_view key) const;
    /// Bytes of a column family on disk and in write buffers.
    uint64_t BytesOf(rocksdb::ColumnFamilyHandle* family) const;

   private:
    friend class Rocks;
    Lease(Rocks& rocks, const Database& database) : rocks_(&rocks), database_(&database) {}
    Rocks* rocks_;
    const Database* database_;
  };

  /// Errors: see EmbeddedStore::Open.
  static base::Result<std::unique_ptr<Rocks>> Open(const EmbeddedOptions& options,
                                                   const base::Logger& logger);

  /// Waits while the database is being opened again.
  /// Errors: kUnavailable when that failed; Heal tries again.
  base::Result<Lease> Use();

  bool writable() const { return writable_.load(std::memory_order_acquire); }
  /// Why not writable.
  std::string error() const;
  /// Makes writes possible again where they can be, and proves it with a synced write.
  /// Errors: kUnavailable while the cause persists.
  base::Status Heal();

  base::Status TranslateStatus(const rocksdb::Status& status) const {
    return Translate(status, options_.path);
  }

 private:
  Rocks(EmbeddedOptions options, base::Logger logger)
      : options_(std::move(options)), logger_(std::move(logger)) {}

  void Release();
  base::Status Refuse(base::Status status);
  base::Status CheckSpace() const;
  base::Status CloseWhenUnused();
  base::Status Reopen();
  base::Status Prove();

  const EmbeddedOptions options_;
  const base::Logger logger_;

  std::mutex heal_mutex_;  // one Heal at a time
  mutable std::mutex mutex_;
  std::condition_variable changed_;     // with mutex_
  std::unique_ptr<Database> database_;  // guarded by mutex_; null when opening again failed
  size_t leases_ = 0;                   // guarded by mutex_
  bool reopening_ = false;              // guarded by mutex_
  std::string error_;                   // guarded by mutex_
  std::atomic<bool> writable_ = true;
};

}  // namespace energy::series
