#include "sqlquery/duck.h"

#include <array>

#include "base/json.h"
#include "sqlquery/statement_text.h"

namespace energy::sqlquery {
namespace {

std::string Doubled(std::string_view text, char quote) {
  std::string quoted(1, quote);
  for (const char c : text) {
    if (c == quote) quoted += quote;
    quoted += c;
  }
  return quoted + quote;
}

}  // namespace

base::Result<DuckInstance> OpenDuck(bool files) {
  Duck<duckdb_config, duckdb_destroy_config> config;
  if (duckdb_create_config(config.out()) != DuckDBSuccess) {
    return base::Internal("DuckDB gives no configuration");
  }
  using Setting = std::pair<const char*, const char*>;
  const std::array settings{Setting{"threads", "1"},
                            Setting{"autoinstall_known_extensions", "false"},
                            Setting{"autoload_known_extensions", "false"},
                            Setting{"allow_community_extensions", "false"},
                            Setting{"temp_directory", ""},
                            Setting{"enable_external_access", files ? "true" : "false"}};
  for (const auto& [name, value] : settings) {
    if (duckdb_set_config(config.get(), name, value) != DuckDBSuccess) {
      return base::Internal(std::string("DuckDB does not take the setting ") + name);
    }
  }
  DuckInstance instance;
  char* error = nullptr;
  if (duckdb_open_ext(nullptr, instance.database.out(), config.get(), &error) != DuckDBSuccess) {
    const std::string message = error == nullptr ? "" : error;
    duckdb_free(error);
    return base::Internal("DuckDB does not start: " + message);
  }
  if (duckdb_connect(instance.database.get(), instance.connection.out()) != DuckDBSuccess) {
    return base::Internal("DuckDB gives no connection");
  }
  return instance;
}

base::Status Execute(duckdb_connection connection, const std::string& sql) {
  DuckResult result;
  if (duckdb_query(connection, sql.c_str(), result.get()) == DuckDBSuccess) return {};
  const char* text = duckdb_result_error(result.get());
  return base::Internal("DuckDB refuses '" + sql + "': " + (text == nullptr ? "" : text));
}

base::Status UserError(std::string_view sql, const char* text) {
  std::string message = text == nullptr ? "unknown error" : text;
  std::string type;
  std::string position;
  // Errors of the parser have words before the object.
  if (const size_t brace = message.find('{'); brace != std::string::npos) {
    const base::Json json =
        base::Json::parse(message.substr(brace), nullptr, /*allow_exceptions=*/false);
    if (json.is_object() && json.contains("exception_message")) {
      message = json.value("exception_message", "");
      type = json.value("exception_type", "");
      position = json.value("position", "");
    }
  }
  if (type == "Out of Memory" || message.find("Out of Memory") != std::string::npos ||
      message.find("bad_alloc") != std::string::npos ||
      message.find("could not allocate") != std::string::npos) {
    return base::TooLarge(
        "the query needs more memory than one may use: narrow its time range, or group and "
        "aggregate");
  }
  if (!position.empty() && position.find_first_not_of("0123456789") == std::string::npos) {
    return StatementError(sql, message, std::stoul(position.substr(0, 9)));
  }
  return {base::Code::kInvalidArgument,
          "the SQL statement cannot be run: " + message,
          {{"sql", message}}};
}

std::string Quoted(std::string_view text) { return Doubled(text, '\''); }
std::string QuotedName(std::string_view text) { return Doubled(text, '"'); }

}  // namespace energy::sqlquery
