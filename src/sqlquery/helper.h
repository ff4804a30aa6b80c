#pragma once

namespace energy::sqlquery {

/// Descriptors of a helper, as SqlHelper sets them up.
inline constexpr int kHelperSocket = 3;
inline constexpr int kHelperFile = 4;

/// The life of a helper process: opens an empty DuckDB, waits for one query, gives up everything it
/// does not need, answers, and ends. Returns the exit code. Without a server at kHelperSocket it
/// ends at once.
int RunHelper();

}  // namespace energy::sqlquery
