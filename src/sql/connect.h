#pragma once

#include <chrono>
#include <string>

#include "base/status.h"
#include "sql/session.h"

namespace energy::sql {

/// Where a database is, read from its URL, and how its sessions are set up.
struct Address {
  Dialect dialect = Dialect::kSqlite;
  std::string path;     ///< of the SQLite file
  std::string connect;  ///< keywords and values for libpq; hold the password: never log it

  /// On SQLite: how long to wait for another process that writes.
  std::chrono::milliseconds wait_limit{5000};
  /// On PostgreSQL: how long a statement may take; 0: for ever.
  std::chrono::milliseconds statement_limit{0};
};

/// Errors: kInvalidArgument for a URL that is none.
base::Result<Address> ParseAddress(const std::string& url);

/// Connects `session`, again when it was connected, and sets it up.
/// Errors: kUnavailable, with the cause and without the password.
base::Status Connect(const Address& address, Session& session);

/// Creates the file with mode 0600 unless it exists. Errors: kUnavailable.
base::Status CreatePrivateFile(const std::string& path);

}  // namespace energy::sql
