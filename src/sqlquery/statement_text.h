#pragma once

#include <cstddef>
#include <string_view>

#include "base/status.h"

namespace energy::sqlquery {

/// Where the comment that begins at `at` ends; `at` when none begins there. An unfinished one ends
/// with the text.
size_t SkipComment(std::string_view sql, size_t at);

/// Refuses what does not begin as a SELECT or WITH does: a quick, clear answer, which keeps PRAGMA
/// from turning into a SELECT. The engine checks the rest. Errors: kInvalidArgument for `sql`.
base::Status CheckBegin(std::string_view sql);

/// What CheckBegin and the checks behind it say to anything but one SELECT.
base::Status OnlySelect();

/// An error at a byte of the statement: "line 2, column 7: message", for the field `sql`.
base::Status StatementError(std::string_view sql, std::string_view message, size_t position);

}  // namespace energy::sqlquery
