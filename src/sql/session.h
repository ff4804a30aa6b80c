#pragma once

#include <chrono>
#include <memory>
#include <mutex>
#include <optional>
#include <string_view>

#include "base/log.h"
#include "base/status.h"
#include "sql/dialect.h"

namespace soci {
class session;
}

namespace energy::sql {

/// One connection to the database. SOCI's types stay in the .cc files.
struct Session {
  Session();
  ~Session();

  std::unique_ptr<soci::session> handle;
  Dialect dialect = Dialect::kSqlite;
  base::Logger logger;
  /// There is no connection, or it is gone: Connect before the next use.
  bool broken = true;
  /// How long PostgreSQL may take to answer a statement before the connection is cut.
  std::chrono::milliseconds answer_limit{0};
  /// Instead of answer_limit, until the session goes back to the pool.
  std::optional<std::chrono::milliseconds> longer_limit;

  struct Wait {
    int socket;
    std::chrono::steady_clock::time_point until;
  };
  std::mutex mutex;
  /// The statement under way. Guarded by mutex.
  std::optional<Wait> wait;

  /// Cuts the connection when its statement is overdue, so that its thread gets an error. The
  /// server's statement_timeout does not help against one that is stopped or unreachable.
  /// Threads: any; the others are for the thread that has the session.
  void CutWhenOverdue(std::chrono::steady_clock::time_point now);

  /// True when the server ended this idle connection, which its use would find out too late.
  bool EndedByServer() const;
};

/// A statement under way, for Session::CutWhenOverdue. Nothing on SQLite.
class StatementWait {
 public:
  explicit StatementWait(Session& session);
  ~StatementWait();
  StatementWait(const StatementWait&) = delete;
  StatementWait& operator=(const StatementWait&) = delete;

 private:
  Session& session_;
};

/// The exception being handled, as a Status; call it in a catch block. `what`: the statement, for
/// the log. Marks the session as broken when its connection is.
base::Status TranslateException(Session& session, std::string_view what);

/// Runs a statement without parameters or result, such as BEGIN or a PRAGMA.
base::Status RunCommand(Session& session, std::string_view sql);

}  // namespace energy::sql
