#include "app/stores.h"

namespace energy::app {

std::string DatabaseUrl(const Settings& settings, const std::filesystem::path& data_dir) {
  return settings.sql_url.empty() ? "sqlite://" + (data_dir / "metadata.db").string()
                                  : settings.sql_url;
}

std::filesystem::path KeysDir(const Settings& settings, const std::filesystem::path& data_dir) {
  return settings.keys_dir.empty() ? data_dir / "keys" : std::filesystem::path(settings.keys_dir);
}

base::Result<std::unique_ptr<sql::Database>> OpenDatabase(const Settings& settings,
                                                          const std::filesystem::path& data_dir,
                                                          const base::Logger& logger) {
  auto database = sql::Database::Open(
      {.url = DatabaseUrl(settings, data_dir),
       .pool_size = static_cast<unsigned>(settings.sql_sessions),
       .statement_limit = std::chrono::seconds(settings.sql_statement_timeout_s)},
      base::Named(logger, "sql"));
  const base::Status status =
      database.ok() ? (*database)->Migrate(base::SystemClock()) : database.status();
  if (status.ok()) return database;
  // The address of a PostgreSQL may hold a password.
  const std::string where =
      settings.sql_url.empty() ? (data_dir / "metadata.db").string() : "storage.sql.url";
  return base::Status(status.code(), where + ": " + status.message(), status.fields());
}

base::Result<std::unique_ptr<series::EmbeddedStore>> OpenTelemetry(
    const Settings& settings, const std::filesystem::path& data_dir, const base::Clock& clock,
    const base::Logger& logger, base::Metrics& metrics) {
  series::EmbeddedOptions options;
  options.path = data_dir / "series";
  options.head_bytes = static_cast<size_t>(settings.series_head_bytes);
  options.block_cache_bytes = static_cast<size_t>(settings.series_cache_bytes);
  options.seal_age = std::chrono::seconds(settings.series_seal_age_s);
  options.raw_days = settings.series_retention_days;
  options.hourly_days = settings.series_hourly_retention_days;
  options.daily_days = settings.series_daily_retention_days;
  return series::EmbeddedStore::Open(options, clock, base::Named(logger, "series"), metrics);
}

}  // namespace energy::app
