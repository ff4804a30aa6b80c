#include "sql/database.h"

#include <filesystem>

#include "sql/migrations.h"
#include "sql/pool.h"

namespace energy::sql {
Database::Database(std::unique_ptr<Pool> pool) : pool_(std::move(pool)) {}
Database::~Database() = default;

base::Result<std::unique_ptr<Database>> Database::Open(const DatabaseOptions& options,
                                                       base::Logger logger) {
  if (options.pool_size < 1 || options.pool_size > 64) {
    return base::InvalidField("pool_size", "must be 1 to 64");
  }
  ENERGY_ASSIGN_OR_RETURN(Address address, ParseAddress(options.url));
  if (address.dialect == Dialect::kSqlite) {
    ENERGY_RETURN_IF_ERROR(CreatePrivateFile(address.path));
  }
  address.wait_limit = options.wait_limit;
  address.statement_limit = options.statement_limit;
  auto pool = std::make_unique<Pool>(std::move(address), options.wait_limit, std::move(logger));
  ENERGY_RETURN_IF_ERROR(pool->Open(options.pool_size));
  return std::unique_ptr<Database>(new Database(std::move(pool)));
}

Database::Lease::Lease(Database& database, Mode mode) : pool_(*database.pool_) {
  const Dialect dialect = pool_.address().dialect;
  if (mode == Mode::kTransaction && dialect == Dialect::kSqlite) {
    writer_ = pool_.EnterWriter();
    if (!writer_) {
      status_ = base::Unavailable("the database is busy writing");
      return;
    }
  }
  base::Result<Session*> borrowed = pool_.Borrow();
  if (!borrowed.ok()) {
    status_ = borrowed.status();
    return;
  }
  session_ = borrowed.value();
  if (mode == Mode::kRead) return;
  status_ = RunCommand(*session_, dialect == Dialect::kSqlite ? "BEGIN IMMEDIATE" : "BEGIN");
  open_ = status_.ok();
}

base::Status Database::Lease::Commit() {
  base::Status status = RunCommand(*session_, "COMMIT");
  open_ = !status.ok();
  return status;
}

Database::Lease::~Lease() {
  if (open_ && !session_->broken && !RunCommand(*session_, "ROLLBACK").ok()) {
    pool_.logger()->warn("a transaction could not be rolled back; reconnecting");
    session_->broken = true;
  }
  if (session_ != nullptr) pool_.GiveBack(session_);
  if (writer_) pool_.LeaveWriter();
}

base::Status Database::Migrate(const base::Clock& clock) {
  return ApplyMigrations(*this, EmbeddedMigrations(), clock);
}

base::Status Database::Check() {
  if (dialect() == Dialect::kPostgresql) return pool_->Health();
  return Read([](Connection& connection) -> base::Status {
    return connection.Query("SELECT 1", {}, 1).status();
  });
}

base::Status Database::SnapshotTo(const std::string& path) {
  if (dialect() != Dialect::kSqlite) {
    return base::InvalidArgument("a snapshot of PostgreSQL is made with pg_dump");
  }
  // VACUUM INTO takes an empty file as it is: the mode is right from the beginning.
  ENERGY_RETURN_IF_ERROR(CreatePrivateFile(path));
  return Read([&](Connection& connection) {
    return connection.Query("VACUUM INTO :path", {{"path", path}}, 0).status();
  });
}

base::Result<std::vector<std::string>> Database::FindDamage() {
  std::vector<std::string> found;
  if (dialect() != Dialect::kSqlite) return found;
  return Read([&](Connection& connection) -> base::Result<std::vector<std::string>> {
    ENERGY_ASSIGN_OR_RETURN(const std::vector<Row> damaged,
                            connection.Query("PRAGMA integrity_check(100)", {}, 1));
    for (const Row& row : damaged) {
      if (row.Text(0) != "ok") found.push_back(row.Text(0));
    }
    ENERGY_ASSIGN_OR_RETURN(
        const std::vector<Row> dangling,
        connection.Query("SELECT \"table\", \"parent\", count(*) FROM pragma_foreign_key_check "
                         "GROUP BY 1, 2 LIMIT 100",
                         {}, 3));
    for (const Row& row : dangling) {
      found.push_back(row.Text(2) + " rows of " + row.Text(0) + " refer to rows of " + row.Text(1) +
                      " that are not there");
    }
    return found;
  });
}

Dialect Database::dialect() const { return pool_->address().dialect; }

uint64_t Database::SizeBytes() {
  if (dialect() == Dialect::kSqlite) {
    uint64_t total = 0;
    for (const char* suffix : {"", "-wal"}) {
      std::error_code error;
      const auto size = std::filesystem::file_size(pool_->address().path + suffix, error);
      if (!error) total += size;
    }
    return total;
  }
  const base::Result<int64_t> size = Read([](Connection& connection) -> base::Result<int64_t> {
    ENERGY_ASSIGN_OR_RETURN(const std::vector<Row> rows,
                            connection.Query("SELECT pg_database_size(current_database())", {}, 1));
    return rows.empty() ? 0 : rows[0].Int(0);
  });
  return size.ok() ? static_cast<uint64_t>(*size) : 0;
}

}  // namespace energy::sql
