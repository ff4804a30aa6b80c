#pragma once

#include <memory>
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
  /// The connection is gone; reconnect before the next use.
  bool broken = false;
};

/// The exception being handled, as a Status; call it in a catch block. `what`: the statement, for
/// the log. Marks the session as broken when its connection is.
base::Status TranslateException(Session& session, std::string_view what);

/// Runs a statement without parameters or result, such as BEGIN or a PRAGMA.
base::Status RunCommand(Session& session, std::string_view sql);

}  // namespace energy::sql
