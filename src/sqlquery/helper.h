#pragma once

namespace energy::sqlquery {

/// Descriptors of a helper.
inline constexpr int kHelperSocket = 3;
inline constexpr int kHelperFile = 4;
inline constexpr int kHelperWindow = 5;
/// The only one of the template (HelperTemplate).
inline constexpr int kTemplateSocket = 3;

/// The life of the template: opens an empty DuckDB and copies itself for each query that the server
/// announces. A copy is a helper: it waits for the query, gives up everything it does not need,
/// answers, and ends. Returns the exit code. Without a server at kTemplateSocket it ends at once.
int RunHelper();

}  // namespace energy::sqlquery
