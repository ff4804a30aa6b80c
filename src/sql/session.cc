#include "sql/session.h"

#include <soci/postgresql/soci-postgresql.h>
#include <soci/soci.h>
#include <soci/sqlite3/soci-sqlite3.h>

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
    case 11:  // corrupt
    case 13:  // disk full
    case 14:  // cannot open
    case 26:  // not a database
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

}  // namespace

Session::Session() = default;
Session::~Session() = default;

base::Status TranslateException(Session& session, std::string_view what) {
  base::Status status;
  try {
    throw;
  } catch (const soci::sqlite3_soci_error& error) {
    status = FromSqlite(error.result(), error.get_error_message());
  } catch (const soci::postgresql_soci_error& error) {
    session.broken = session.broken || IsConnectionLoss(error);
    status = session.broken ? base::Unavailable("the database is away")
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
    *session.handle << std::string(sql);
    return {};
  } catch (...) {
    return TranslateException(session, sql);
  }
}

}  // namespace energy::sql
