#include "sql/session.h"

#include <poll.h>
#include <soci/postgresql/soci-postgresql.h>
#include <soci/soci.h>
#include <soci/sqlite3/soci-sqlite3.h>
#include <sys/socket.h>

#include <string>

namespace energy::sql {
namespace {

// https://www.sqlite.org/rescode.html
base::Status FromSqlite(int extended, const std::string& text) {
  constexpr int kConstraint = 19;
  constexpr int kUnique = 2067;
  constexpr int kPrimaryKey = 1555;
  constexpr int kForeignKey = 787;
  if (extended == kUnique || extended == kPrimaryKey) return base::Conflict("exists already");
  if (extended == kForeignKey) {
    return base::InvalidArgument("refers to something that does not exist");
  }
  switch (extended & 0xff) {
    case 11:  // corrupt
    case 26:  // not a database
      return base::Unavailable("the database is damaged: restore a backup (" + text + ")");
    case kConstraint:
      return base::InvalidArgument("a value is not allowed: " + text);
    case 18:
      return base::TooLarge("too large for the database");
    case 5:   // busy
    case 6:   // locked
    case 7:   // out of memory
    case 8:   // read-only
    case 9:   // interrupted
    case 10:  // input or output
    case 13:  // disk full
    case 14:  // cannot open
      return base::Unavailable("the database is not available: " + text);
    default:
      return base::Internal("database: " + text);
  }
}

// PostgreSQL 15 manual, appendix A.
base::Status FromPostgresql(const std::string& state, const std::string& text) {
  if (state == "23505") return base::Conflict("exists already");
  if (state == "23503") return base::InvalidArgument("refers to something that does not exist");
  const std::string kind = state.substr(0, 2);
  if (kind == "23" || kind == "22") return base::InvalidArgument("a value is not allowed: " + text);
  if (kind == "08" || kind == "40" || kind == "53" || kind == "55" || kind == "57" ||
      kind == "58") {
    return base::Unavailable("the database is not available: " + text);
  }
  return base::Internal("database: " + text);
}

bool IsConnectionLoss(const soci::postgresql_soci_error& error) {
  const std::string state = error.sqlstate();
  return error.get_error_category() == soci::soci_error::connection_error ||
         state.starts_with("08") || state.starts_with("57P") || state.starts_with('\0') ||
         state.starts_with(' ');
}

int SocketOf(const Session& session) {
  auto* backend = static_cast<soci::postgresql_session_backend*>(session.handle->get_backend());
  return backend == nullptr || backend->conn_ == nullptr ? -1 : PQsocket(backend->conn_);
}

}  // namespace

Session::Session() = default;
Session::~Session() = default;

void Session::CutWhenOverdue(std::chrono::steady_clock::time_point now) {
  const std::lock_guard lock(mutex);
  if (!wait || wait->until > now) return;
  ::shutdown(wait->socket, SHUT_RDWR);
  wait.reset();
}

bool Session::EndedByServer() const {
  if (dialect == Dialect::kSqlite || broken) return false;
  pollfd socket{SocketOf(*this), POLLIN, 0};
  if (socket.fd < 0) return true;
  // Nobody asked for anything: what there is to read is the end, or the notice of it.
  return ::poll(&socket, 1, 0) != 0;
}

StatementWait::StatementWait(Session& session) : session_(session) {
  if (session.dialect == Dialect::kSqlite) return;
  const int socket = SocketOf(session);
  const auto limit = session.longer_limit.value_or(session.answer_limit);
  if (socket < 0 || limit.count() == 0) return;
  const std::lock_guard lock(session.mutex);
  session.wait = {socket, std::chrono::steady_clock::now() + limit};
}

StatementWait::~StatementWait() {
  if (session_.dialect == Dialect::kSqlite) return;
  const std::lock_guard lock(session_.mutex);
  session_.wait.reset();
}

base::Status TranslateException(Session& session, std::string_view what) {
  base::Status status;
  try {
    throw;
  } catch (const soci::sqlite3_soci_error& error) {
    status = FromSqlite(error.result(), error.get_error_message());
  } catch (const soci::postgresql_soci_error& error) {
    session.broken = session.broken || IsConnectionLoss(error);
    status = session.broken ? base::Unavailable("PostgreSQL is away")
                            : FromPostgresql(error.sqlstate(), error.get_error_message());
  } catch (const soci::soci_error& error) {
    status = base::Internal("database: " + error.get_error_message());
  } catch (const std::exception& error) {
    status = base::Internal(std::string("database: ") + error.what());
  }
  if (status.code() == base::Code::kInternal || status.code() == base::Code::kUnavailable) {
    session.logger->error("{} in: {}", status.ToString(), what);
  }
  return status;
}

base::Status RunCommand(Session& session, std::string_view sql) {
  try {
    const StatementWait wait(session);
    *session.handle << std::string(sql);
    return {};
  } catch (...) {
    return TranslateException(session, sql);
  }
}

}  // namespace energy::sql
