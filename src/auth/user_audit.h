#pragma once

#include <optional>

#include "auth/model.h"
#include "base/clock.h"
#include "base/status.h"
#include "sql/connection.h"

namespace energy::auth {

/// Notes a new account in the audit log, in the transaction that made it. Errors: those of SQL.
base::Status RecordUserCreated(sql::Connection& connection, const base::Clock& clock,
                               const User& user);

/// The same of a changed one. Without `before` the log says nothing of how it was.
base::Status RecordUserUpdated(sql::Connection& connection, const base::Clock& clock,
                               const std::optional<User>& before, const User& after);

}  // namespace energy::auth
