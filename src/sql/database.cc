#include "sql/database.h"

#include <fcntl.h>
#include <soci/postgresql/soci-postgresql.h>
#include <soci/soci.h>
#include <soci/sqlite3/soci-sqlite3.h>
#include <unistd.h>

#include <condition_variable>
#include <cstring>
#include <filesystem>
#include <mutex>
#include <vector>

#include "sql/migrations.h"
#include "sql/session.h"

namespace energy::sql {
namespace {

constexpr std::string_view kSqliteScheme = "sqlite://";
// PostgreSQL's notices would go to standard error.
constexpr std::string_view kQuiet = "SET client_min_messages = warning";

base::Status CreatePrivateFile(const std::string& path) {
  // Created here and not by SQLite, because it holds password hashes and SQLite would use 0644. The
  // write-ahead log takes its mode from it.
  const int file = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (file < 0) {
    return base::Unavailable("cannot open the database file " + path + ": " + strerror(errno));
  }
  ::close(file);
  return {};
}

base::Status ConfigureSqlite(Session& session, std::chrono::milliseconds wait_limit) {
  auto* backend = static_cast<soci::sqlite3_session_backend*>(session.handle->get_backend());
  sqlite_api::sqlite3_extended_result_codes(backend->conn_, 1);
  for (const std::string& pragma :
       {"PRAGMA busy_timeout = " + std::to_string(wait_limit.count()),
        std::string("PRAGMA journal_mode = WAL"), std::string("PRAGMA synchronous = FULL"),
        std::string("PRAGMA foreign_keys = ON"),
        std::string("PRAGMA journal_size_limit = 67108864")}) {
    ENERGY_RETURN_IF_ERROR(RunCommand(session, pragma));
  }
  return {};
}

/// SOCI cuts at '=' and so breaks URLs; libpq turns one into keywords and values.
base::Result<std::string> ToConnectString(const std::string& url) {
  char* error = nullptr;
  const std::unique_ptr<PQconninfoOption, decltype(&PQconninfoFree)> options(
      PQconninfoParse(url.c_str(), &error), &PQconninfoFree);
  if (options == nullptr) {
    PQfreemem(error);  // it may quote the password
    return base::InvalidField("url", "must be postgresql://user:password@host:port/name");
  }
  std::string text;
  for (const PQconninfoOption* option = options.get(); option->keyword != nullptr; ++option) {
    if (option->val == nullptr) continue;
    text += (text.empty() ? "" : " ") + std::string(option->keyword) + "='";
    for (const char* c = option->val; *c != '\0'; ++c) {
      if (*c == '\'' || *c == '\\') text += '\\';
      text += *c;
    }
    text += '\'';
  }
  return text;
}

}  // namespace

struct Database::Pool {
  DatabaseOptions options;
  Dialect dialect = Dialect::kSqlite;
  std::string path;     // of the SQLite file
  std::string connect;  // to PostgreSQL; holds the password
  base::Logger logger;
  std::mutex mutex;
  std::condition_variable returned;
  std::vector<std::unique_ptr<Session>> sessions;
  std::vector<Session*> idle;  // guarded by mutex
  // SQLite has one writer. Waiting here wakes at once; waiting in SQLite polls. Taken before a
  // session, so that waiting writers leave the sessions to readers.
  std::condition_variable writer_left;
  bool writing = false;  // guarded by mutex

  base::Status OpenSession() {
    auto session = std::make_unique<Session>();
    session->dialect = dialect;
    session->logger = logger;
    try {
      if (dialect == Dialect::kSqlite) {
        session->handle = std::make_unique<soci::session>(soci::sqlite3, "db=\"" + path + "\"");
        ENERGY_RETURN_IF_ERROR(ConfigureSqlite(*session, options.wait_limit));
      } else {
        session->handle = std::make_unique<soci::session>(soci::postgresql, connect);
        ENERGY_RETURN_IF_ERROR(RunCommand(*session, kQuiet));
      }
    } catch (...) {
      // Not the statement but the address: it may hold a password, so it is not logged.
      const base::Status status = TranslateException(*session, "opening the database");
      return base::Unavailable(status.message());
    }
    idle.push_back(session.get());
    sessions.push_back(std::move(session));
    return {};
  }

  bool EnterWriter() {
    std::unique_lock lock(mutex);
    if (!writer_left.wait_for(lock, options.wait_limit, [this] { return !writing; })) return false;
    writing = true;
    return true;
  }

  void LeaveWriter() {
    {
      std::lock_guard lock(mutex);
      writing = false;
    }
    writer_left.notify_one();
  }

  base::Result<Session*> Borrow() {
    std::unique_lock lock(mutex);
    if (!returned.wait_for(lock, options.wait_limit, [this] { return !idle.empty(); })) {
      return base::Unavailable("all database sessions are busy");
    }
    Session* session = idle.back();
    idle.pop_back();
    return session;
  }

  void GiveBack(Session* session) {
    {
      std::lock_guard lock(mutex);
      idle.push_back(session);
    }
    returned.notify_one();
  }
};

namespace {

base::Status Revive(Session& session, std::chrono::milliseconds wait_limit) {
  if (!session.broken) return {};
  try {
    session.handle->reconnect();
    session.broken = false;
    // Settings belong to the connection: the new one has none yet.
    return session.dialect == Dialect::kSqlite ? ConfigureSqlite(session, wait_limit)
                                               : RunCommand(session, kQuiet);
  } catch (...) {
    return TranslateException(session, "reconnect");
  }
}

}  // namespace

Database::Database(std::unique_ptr<Pool> pool) : pool_(std::move(pool)) {}
Database::~Database() = default;

base::Result<std::unique_ptr<Database>> Database::Open(const DatabaseOptions& options,
                                                       base::Logger logger) {
  if (options.pool_size < 1 || options.pool_size > 64) {
    return base::InvalidField("pool_size", "must be 1 to 64");
  }
  auto pool = std::make_unique<Pool>();
  pool->options = options;
  pool->logger = std::move(logger);
  if (options.url.starts_with(kSqliteScheme)) {
    pool->path = options.url.substr(kSqliteScheme.size());
    if (!pool->path.starts_with('/') || pool->path.find('"') != std::string::npos) {
      return base::InvalidField("url", "must be sqlite:// and an absolute path without quotes");
    }
    ENERGY_RETURN_IF_ERROR(CreatePrivateFile(pool->path));
  } else if (options.url.starts_with("postgresql://")) {
    pool->dialect = Dialect::kPostgresql;
    ENERGY_ASSIGN_OR_RETURN(pool->connect, ToConnectString(options.url));
  } else {
    return base::InvalidField("url", "must begin with sqlite:// or postgresql://");
  }
  for (unsigned i = 0; i < options.pool_size; ++i) ENERGY_RETURN_IF_ERROR(pool->OpenSession());
  return std::unique_ptr<Database>(new Database(std::move(pool)));
}

Database::Lease::Lease(Database& database, Mode mode) : pool_(*database.pool_) {
  if (mode == Mode::kTransaction && pool_.dialect == Dialect::kSqlite) {
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
  status_ = Revive(*session_, pool_.options.wait_limit);
  if (!status_.ok() || mode == Mode::kRead) return;
  status_ = RunCommand(*session_, pool_.dialect == Dialect::kSqlite ? "BEGIN IMMEDIATE" : "BEGIN");
  open_ = status_.ok();
}

base::Status Database::Lease::Commit() {
  base::Status status = RunCommand(*session_, "COMMIT");
  open_ = !status.ok();
  return status;
}

Database::Lease::~Lease() {
  if (open_ && !session_->broken && !RunCommand(*session_, "ROLLBACK").ok()) {
    pool_.logger->warn("a transaction could not be rolled back; reconnecting");
    session_->broken = true;
  }
  if (session_ != nullptr) pool_.GiveBack(session_);
  if (writer_) pool_.LeaveWriter();
}

base::Status Database::Migrate(const base::Clock& clock) {
  return ApplyMigrations(*this, EmbeddedMigrations(), clock);
}

base::Status Database::Check() {
  return Read([](Connection& connection) -> base::Status {
    return connection.Query("SELECT 1", {}, 1).status();
  });
}

Dialect Database::dialect() const { return pool_->dialect; }

uint64_t Database::SizeBytes() {
  if (dialect() == Dialect::kSqlite) {
    uint64_t total = 0;
    for (const char* suffix : {"", "-wal"}) {
      std::error_code error;
      const auto size = std::filesystem::file_size(pool_->path + suffix, error);
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
