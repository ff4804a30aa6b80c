#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <type_traits>
#include <vector>

#include "base/clock.h"
#include "base/log.h"
#include "base/status.h"
#include "sql/connection.h"

namespace energy::sql {

class Pool;

struct DatabaseOptions {
  /// "sqlite:///absolute/path.db" or "postgresql://user:password@host:port/name".
  std::string url;
  /// Sessions kept open, and on PostgreSQL one more that asks whether it answers; also how many
  /// threads can be in Read or Transaction at once. 1 to 64.
  unsigned pool_size = 4;
  /// How long to wait for a free session, and on SQLite for another process that writes.
  std::chrono::milliseconds wait_limit{5000};
  /// How long a statement may take on PostgreSQL; 0: for ever. A server that does not even say that
  /// it was too long loses the connection two seconds later.
  std::chrono::milliseconds statement_limit{10'000};
};

/// The metadata store: SQLite in one file, or PostgreSQL 15 (LLD §3.1).
///
/// While PostgreSQL is away calls fail at once with kUnavailable, and work again by themselves.
/// Threads: safe anywhere. Calls block on disk or network: never from an event loop. A call inside
///   another one's function takes a second session and, when both write, waits for itself until the
///   limit: pass the Connection on instead.
/// Durability: a transaction that returned ok survives power loss.
class Database {
 public:
  /// Opens all sessions. The SQLite file is created with mode 0600; its folder must exist.
  /// Errors: kInvalidArgument for a bad URL, kUnavailable when the database cannot be reached.
  static base::Result<std::unique_ptr<Database>> Open(const DatabaseOptions& options,
                                                      base::Logger logger);
  ~Database();

  /// Brings the schema to this program's version, each step in a transaction of its own, and notes
  /// it in schema_migrations. Errors: kConflict when the schema is newer than the program.
  base::Status Migrate(const base::Clock& clock);

  /// Runs `f(Connection&)` on a free session and returns its Result or Status. For reading only.
  template <class F>
  std::invoke_result_t<F&, Connection&> Read(F&& f) {
    Lease lease(*this, Lease::Mode::kRead);
    if (!lease.status().ok()) return lease.status();
    Connection connection(lease.session(), /*writable=*/false);
    return f(connection);
  }

  /// Runs `f(Connection&)` in a transaction: commits when its Result or Status is ok, rolls back
  /// otherwise. On SQLite it holds the write lock from the beginning, so what it reads stays true
  /// until it commits. PostgreSQL reads what is committed at each statement: let one statement
  /// decide, or compare a version in its WHERE. Nothing is retried.
  template <class F>
  std::invoke_result_t<F&, Connection&> Transaction(F&& f) {
    Lease lease(*this, Lease::Mode::kTransaction);
    if (!lease.status().ok()) return lease.status();
    Connection connection(lease.session(), /*writable=*/true);
    auto result = f(connection);
    if (!result.ok()) return result;
    if (base::Status committed = lease.Commit(); !committed.ok()) return committed;
    return result;
  }

  /// Writes what is committed now to the new file `path` (SQLite, mode 0600) while others read and
  /// write, by VACUUM INTO. Errors: kInvalidArgument on PostgreSQL, which has its own tools.
  base::Status SnapshotTo(const std::string& path);

  /// What SQLite's integrity_check and foreign_key_check find, a line each, at most 100; empty when
  /// all is well, and on PostgreSQL, which checks itself.
  base::Result<std::vector<std::string>> FindDamage();

  /// Ok when the database answers. For /ready. At once on PostgreSQL: what was found at most a few
  /// seconds ago.
  base::Status Check();

  Dialect dialect() const;
  /// Bytes on disk including the write-ahead log; 0 when unknown.
  uint64_t SizeBytes();

 private:
  /// A session of the pool for one scope, with a transaction that is rolled back unless committed.
  class Lease {
   public:
    enum class Mode { kRead, kTransaction };
    Lease(Database& database, Mode mode);
    ~Lease();
    Lease(const Lease&) = delete;
    Lease& operator=(const Lease&) = delete;
    const base::Status& status() const { return status_; }
    Session& session() { return *session_; }
    base::Status Commit();

   private:
    Pool& pool_;
    Session* session_ = nullptr;
    bool writer_ = false;
    bool open_ = false;
    base::Status status_;
  };

  explicit Database(std::unique_ptr<Pool> pool);

  std::unique_ptr<Pool> pool_;
};

}  // namespace energy::sql
