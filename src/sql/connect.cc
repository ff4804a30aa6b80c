#include "sql/connect.h"

#include <fcntl.h>
#include <soci/postgresql/soci-postgresql.h>
#include <soci/soci.h>
#include <soci/sqlite3/soci-sqlite3.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <initializer_list>
#include <set>

namespace energy::sql {
namespace {

constexpr std::string_view kSqliteScheme = "sqlite://";

// What a URL may leave open. A server that does not answer must not hold a thread for minutes.
constexpr std::array<std::pair<std::string_view, std::string_view>, 6> kDefaults = {{
    {"connect_timeout", "3"},  // s
    {"keepalives_idle", "30"},
    {"keepalives_interval", "10"},
    {"keepalives_count", "3"},
    {"tcp_user_timeout", "20000"},  // ms
    {"application_name", "energy-platform"},
}};

base::Status RunAll(Session& session, std::initializer_list<std::string> statements) {
  for (const std::string& statement : statements) {
    ENERGY_RETURN_IF_ERROR(RunCommand(session, statement));
  }
  return {};
}

base::Status ConfigureSqlite(const Address& address, Session& session) {
  auto* backend = static_cast<soci::sqlite3_session_backend*>(session.handle->get_backend());
  sqlite_api::sqlite3_extended_result_codes(backend->conn_, 1);
  return RunAll(session, {"PRAGMA busy_timeout = " + std::to_string(address.wait_limit.count()),
                          "PRAGMA journal_mode = WAL", "PRAGMA synchronous = FULL",
                          "PRAGMA foreign_keys = ON", "PRAGMA journal_size_limit = 67108864"});
}

base::Status ConfigurePostgresql(const Address& address, Session& session) {
  const std::string limit = std::to_string(address.statement_limit.count());
  // Notices would go to standard error. Times are read as ISO 8601 in UTC, whatever the server's
  // settings say.
  return RunAll(session, {"SET client_min_messages = warning", "SET datestyle = 'ISO'",
                          "SET timezone = 'UTC'", "SET statement_timeout = " + limit});
}

void AddKeyword(std::string_view keyword, std::string_view value, std::string& text) {
  text += (text.empty() ? "" : " ") + std::string(keyword) + "='";
  for (const char c : value) {
    if (c == '\'' || c == '\\') text += '\\';
    text += c;
  }
  text += '\'';
}

/// SOCI cuts at '=' and so breaks URLs; libpq turns one into keywords and values.
base::Status ParsePostgresql(const std::string& url, Address& address) {
  char* error = nullptr;
  const std::unique_ptr<PQconninfoOption, decltype(&PQconninfoFree)> options(
      PQconninfoParse(url.c_str(), &error), &PQconninfoFree);
  if (options == nullptr) {
    PQfreemem(error);  // it may quote the password
    return base::InvalidField("url", "must be postgresql://user:password@host:port/name");
  }
  std::set<std::string_view> given;
  for (const PQconninfoOption* option = options.get(); option->keyword != nullptr; ++option) {
    if (option->val == nullptr) continue;
    given.insert(option->keyword);
    AddKeyword(option->keyword, option->val, address.connect);
  }
  for (const auto& [keyword, value] : kDefaults) {
    if (!given.contains(keyword)) AddKeyword(keyword, value, address.connect);
  }
  return {};
}

/// The exception being handled. libpq says which server and why, never the password.
base::Status ConnectFailure(Dialect dialect) {
  std::string text;
  try {
    throw;
  } catch (const soci::soci_error& error) {
    text = error.get_error_message();
  } catch (const std::exception& error) {
    text = error.what();
  }
  if (const size_t cause = text.find('\n'); cause != std::string::npos) text.erase(0, cause + 1);
  if (const size_t hint = text.find('\n'); hint != std::string::npos) text.resize(hint);
  const char* what = dialect == Dialect::kSqlite ? "the database cannot be opened: "
                                                 : "PostgreSQL cannot be reached: ";
  return base::Unavailable(what + text);
}

}  // namespace

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

base::Result<Address> ParseAddress(const std::string& url) {
  Address address;
  if (url.starts_with(kSqliteScheme)) {
    address.path = url.substr(kSqliteScheme.size());
    if (!address.path.starts_with('/') || address.path.find('"') != std::string::npos) {
      return base::InvalidField("url", "must be sqlite:// and an absolute path without quotes");
    }
    return address;
  }
  if (!url.starts_with("postgresql://")) {
    return base::InvalidField("url", "must begin with sqlite:// or postgresql://");
  }
  address.dialect = Dialect::kPostgresql;
  ENERGY_RETURN_IF_ERROR(ParsePostgresql(url, address));
  return address;
}

base::Status Connect(const Address& address, Session& session) {
  try {
    if (session.handle) {
      session.handle->reconnect();
    } else if (address.dialect == Dialect::kSqlite) {
      session.handle =
          std::make_unique<soci::session>(soci::sqlite3, "db=\"" + address.path + "\"");
    } else {
      session.handle = std::make_unique<soci::session>(soci::postgresql, address.connect);
    }
    session.broken = false;
  } catch (...) {
    session.broken = true;
    return ConnectFailure(session.dialect);
  }
  // Settings belong to the connection: a new one has none yet.
  const base::Status status = address.dialect == Dialect::kSqlite
                                  ? ConfigureSqlite(address, session)
                                  : ConfigurePostgresql(address, session);
  session.broken = !status.ok();
  return status;
}

}  // namespace energy::sql
