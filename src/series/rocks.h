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
#include <vector>

#include "base/log.h"
#include "base/status.h"
#include "series/database.h"
#include "series/retention.h"

namespace energy::series {

/// Chunks and rollups at one moment.
struct Views {
  std::unique_ptr<rocksdb::Iterator> chunks;
  std::unique_ptr<rocksdb::Iterator> hourly;
  std::unique_ptr<rocksdb::Iterator> daily;
};

/// The files of a column family.
struct Layers {
  uint64_t bytes = 0;
  /// Of them above the deepest level: an upper bound of what they replace or delete below.
  uint64_t above = 0;
};

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
    /// Views of chunks and rollups at one moment. They end before the lease does.
    Views IterateSealed() const;
    /// Bytes of files that hold the keys [from, to), about.
    uint64_t BytesBetween(rocksdb::ColumnFamilyHandle* family, const std::string& from,
                          const std::string& to) const;
    /// Rewrites the files that hold the keys [from, to], without what is deleted or has expired.
    /// Writes and reads go on. At most 64 MiB/s; one Compact or Flatten at a time. Ends early when
    /// `stop` becomes true.
    base::Status Compact(rocksdb::ColumnFamilyHandle* family, const std::string& from,
                         const std::string& to, std::atomic<bool>& stop) const;
    /// Moves everything to the deepest level, without what was replaced or deleted; see Compact.
    base::Status Flatten(rocksdb::ColumnFamilyHandle* family, std::atomic<bool>& stop) const;
    Layers LayersOf(rocksdb::ColumnFamilyHandle* family) const;
    /// Writes what is only in the write-ahead log into files, and gives the log's space back.
    base::Status Flush() const;
    uint64_t WriteAheadLogBytes() const;
    /// Grows with each write.
    uint64_t LastWrite() const { return database_->db().GetLatestSequenceNumber(); }
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

  RetentionCuts& cuts() { return *cuts_; }

  /// True after a compaction, or ReportDamage, has met something that cannot be read.
  bool damaged() const { return damaged_.load(std::memory_order_acquire); }
  void ReportDamage() { damaged_.store(true, std::memory_order_release); }
  /// Takes damaged files out and sets damaged entries aside, so that the rest can be read and
  /// written; docs/formats/README.md. Nobody else writes meanwhile but the log. Reads wait while
  /// the database is opened again. Answers how much was damaged.
  /// Errors: kUnavailable when busy; kInternal when it is beyond repair.
  base::Result<uint64_t> Repair();
  /// How much Open found damaged and repaired.
  uint64_t damaged_at_open() const { return damaged_at_open_; }

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
  base::Result<uint64_t> QuarantineAndOpen(const std::vector<std::filesystem::path>& files);
  base::Status Prove();

  const EmbeddedOptions options_;
  const base::Logger logger_;
  const std::unique_ptr<RetentionCuts> cuts_ = std::make_unique<RetentionCuts>();

  std::mutex heal_mutex_;  // one Heal at a time
  mutable std::mutex mutex_;
  std::condition_variable changed_;     // with mutex_
  std::unique_ptr<Database> database_;  // guarded by mutex_; null when opening again failed
  size_t leases_ = 0;                   // guarded by mutex_
  bool reopening_ = false;              // guarded by mutex_
  std::string error_;                   // guarded by mutex_
  std::atomic<bool> writable_ = true;
  std::atomic<bool> damaged_ = false;
  uint64_t damaged_at_open_ = 0;
};

}  // namespace energy::series
