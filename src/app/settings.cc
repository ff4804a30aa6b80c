#include "app/settings.h"

namespace energy::app {

void Settings::Bind(base::Config& config) {
  config.Bind(
      "server.roles", &roles,
      {.description = "What this process does. all is the whole platform.", .one_of = {"all"}});
  config.Bind("server.data_dir", &data_dir,
              {.description = "Folder of the embedded stores, keys and first credentials."});
  config.Bind("server.io_threads", &io_threads,
              {.description = "Threads for connections.", .min = 1, .max = 64});
  config.Bind("server.worker_threads", &worker_threads,
              {.description = "Threads for work that blocks: SQL, queries, password hashes.",
               .min = 1,
               .max = 64});
  config.Bind("log.level", &log_level,
              {.description = "Least severity that is logged.",
               .one_of = {"trace", "debug", "info", "warning", "error", "off"}});

  config.Bind("http.address", &http_address,
              {.description = "Address of the API and the web page; numeric."});
  config.Bind("http.port", &http_port,
              {.description = "Port of the API and the web page; 0 picks a free one.",
               .min = 0,
               .max = 65535});
  config.Bind("http.web_dir", &web_dir,
              {.description = "Folder of the built web page; empty: web/ beside the program."});

  config.Bind("mqtt.address", &mqtt_address, {.description = "Address of the broker; numeric."});
  config.Bind("mqtt.port", &mqtt_port,
              {.description = "Port of the broker; 0 picks a free one.", .min = 0, .max = 65535});
  config.Bind("mqtt.allow_anonymous", &mqtt_allow_anonymous,
              {.description = "No login and no access rules, for test benches."});
  config.Bind("mqtt.max_connections", &mqtt_max_connections,
              {.description = "Clients at the same time.", .min = 1, .max = 1'000'000});
  config.Bind("mqtt.max_packet_bytes", &mqtt_max_packet_bytes,
              {.description = "Largest packet.", .unit = "bytes", .min = 256, .max = 16 << 20});
  config.Bind(
      "mqtt.receive_maximum", &mqtt_receive_maximum,
      {.description = "QoS 1 publishes a client may have unacknowledged.", .min = 1, .max = 65535});

  config.Bind("telemetry.max_future_s", &telemetry_max_future_s,
              {.description = "How far ahead of now a reading may be.",
               .unit = "s",
               .min = 0,
               .max = 86'400});
  config.Bind(
      "telemetry.queue_bytes", &telemetry_queue_bytes,
      {.description = "Readings that may wait for their commit; then devices are held back.",
       .unit = "bytes",
       .min = 1 << 16,
       .max = int64_t{4} << 30});
  config.Bind("series.head_bytes", &series_head_bytes,
              {.description = "Memory for readings that are not sealed into chunks yet.",
               .unit = "bytes",
               .min = 1 << 20,
               .max = int64_t{64} << 30});
  config.Bind("series.cache_bytes", &series_cache_bytes,
              {.description = "Memory for blocks read from disk.",
               .unit = "bytes",
               .min = 1 << 20,
               .max = int64_t{64} << 30});
  config.Bind("series.seal_age_s", &series_seal_age_s,
              {.description = "Age at which readings are sealed into chunks.",
               .unit = "s",
               .min = 1,
               .max = 86'400});

  config.Bind(
      "storage.sql.url", &sql_url,
      {.description = "Metadata database; empty: SQLite in the data folder.", .secret = true});

  config.Bind("auth.admin_email", &admin_email,
              {.description = "E-mail of the admin made at first start; empty: admin@localhost.",
               .alias = "ENERGY_ADMIN_EMAIL"});
  config.Bind("auth.admin_password", &admin_password,
              {.description = "Password of that admin; empty: generated.",
               .secret = true,
               .alias = "ENERGY_ADMIN_PASSWORD"});
  config.Bind(
      "auth.jwt_secret", &jwt_secret,
      {.description = "Key of access tokens, 32 bytes or more; empty: generated and kept in "
                      "the data folder.",
       .secret = true,
       .alias = "JWT_SECRET"});
  config.Bind("auth.access_token_s", &access_token_s,
              {.description = "Life of an access token.", .unit = "s", .min = 60, .max = 86'400});
  config.Bind(
      "auth.refresh_token_s", &refresh_token_s,
      {.description = "Life of a refresh token.", .unit = "s", .min = 300, .max = 90 * 86'400});
  config.Bind("auth.bcrypt_cost", &bcrypt_cost,
              {.description = "Work factor of password hashes.", .min = 4, .max = 16});
}

bool SplitEndpoint(const std::string& text, std::string& address, std::string& port) {
  const size_t colon = text.rfind(':');
  if (colon == std::string::npos || colon == 0 || colon + 1 == text.size()) return false;
  address = text.substr(0, colon);
  port = text.substr(colon + 1);
  if (address.front() == '[' && address.back() == ']')
    address = address.substr(1, address.size() - 2);
  return true;
}

}  // namespace energy::app
