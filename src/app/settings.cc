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
  config.Bind("http.tls.port", &http_tls_port,
              {.description = "Port of the same with TLS; used when http.tls.certificate is set; 0 "
                              "picks a free one.",
               .min = 0,
               .max = 65535});
  config.Bind("http.tls.certificate", &http_tls_certificate,
              {.description = "PEM file: the certificate, then its intermediates; empty: no TLS. A "
                              "changed file is used within seconds, without a restart."});
  config.Bind("http.tls.key", &http_tls_key,
              {.description = "PEM file: the key of that certificate."});
  config.Bind("http.tls.hsts_max_age_s", &http_hsts_max_age_s,
              {.description = "How long browsers that came through TLS use nothing else for this "
                              "host (Strict-Transport-Security), the plain port included; 0: they "
                              "are not told. Never told for localhost.",
               .unit = "s",
               .min = 0,
               .max = int64_t{10} * 365 * 86'400});
  config.Bind("http.web_dir", &web_dir,
              {.description = "Folder of the built web page; empty: web/ beside the program."});
  config.Bind(
      "http.trusted_proxies", &trusted_proxies,
      {.description = "Addresses and networks of proxies whose X-Forwarded-For is believed."});
  config.Bind("http.cors_origins", &cors_origins,
              {.description = "Origins whose pages may use the API, as https://host:port."});
  config.Bind("http.access_log", &access_log,
              {.description = "File of a line of JSON for each request, in the data folder unless "
                              "absolute; - is standard output; empty: none."});
  config.Bind("http.access_log_bytes", &access_log_bytes,
              {.description = "Size at which that file becomes FILE.1, in place of the one before.",
               .unit = "bytes",
               .min = 1 << 16,
               .max = int64_t{1} << 40});
  config.Bind("http.max_connections", &http_max_connections,
              {.description = "Connections at the same time; more are answered 503.",
               .min = 1,
               .max = 1'000'000});

  config.Bind("limits.enabled", &limits_enabled,
              {.description = "Limits of requests by user, or by address without one."});
  const auto limit = [&config](const char* key, int64_t* variable, const char* what) {
    config.Bind(key, variable,
                {.description = what, .unit = "requests a minute", .min = 0, .max = 1'000'000'000});
  };
  limit("limits.auth", &limits_auth, "Logins and registrations; 0: no limit.");
  limit("limits.devices", &limits_devices, "Requests below /api/devices.");
  limit("limits.data", &limits_data, "Requests below /api/data but for writes.");
  limit("limits.others", &limits_others, "All other requests below /api.");
  limit("limits.ingest", &limits_ingest,
        "Writes of telemetry by address. Without a limit the pipeline holds writers back itself.");
  const auto live = [&config](const char* key, int64_t* variable, const char* what) {
    config.Bind(key, variable,
                {.description = what, .unit = "connections", .min = 0, .max = 1'000'000});
  };
  live("limits.live_per_user", &limits_live_per_user,
       "Live WebSockets that a user or an API key may have open; 0: no limit.");
  live("limits.live_per_address", &limits_live_per_address,
       "Live WebSockets that may be open from one address, whoever it is; 0: no limit.");

  config.Bind("mqtt.address", &mqtt_address, {.description = "Address of the broker; numeric."});
  config.Bind("mqtt.port", &mqtt_port,
              {.description = "Port of the broker; 0 picks a free one.", .min = 0, .max = 65535});
  config.Bind("mqtt.tls.port", &mqtt_tls_port,
              {.description = "Port of the broker with TLS; used when mqtt.tls.certificate is set; "
                              "0 picks a free one.",
               .min = 0,
               .max = 65535});
  config.Bind("mqtt.tls.certificate", &mqtt_tls_certificate,
              {.description = "PEM file: the broker's certificate, then its intermediates; empty: "
                              "no TLS. A changed file is used within seconds, without a restart."});
  config.Bind("mqtt.tls.key", &mqtt_tls_key,
              {.description = "PEM file: the key of that certificate."});
  config.Bind("mqtt.tls.client_ca", &mqtt_tls_client_ca,
              {.description = "PEM file: the CA that client certificates are checked against."});
  config.Bind("mqtt.tls.client_certificates", &mqtt_tls_client_certificates,
              {.description = "Whether clients show a certificate.",
               .one_of = {"off", "optional", "require"}});
  config.Bind("mqtt.tls.user_name", &mqtt_tls_user_name,
              {.description = "Which name of a client's certificate is its user name, so that it "
                              "needs no password: its common name or its first alternative name.",
               .one_of = {"off", "cn", "san"}});
  config.Bind("mqtt.websocket.enabled", &mqtt_websocket_enabled,
              {.description = "MQTT over WebSocket at /mqtt."});
  config.Bind(
      "mqtt.websocket.port", &mqtt_websocket_port,
      {.description = "Port of MQTT over WebSocket; 0 picks a free one.", .min = 0, .max = 65535});
  config.Bind("mqtt.websocket.tls_port", &mqtt_websocket_tls_port,
              {.description = "The same with TLS; used when mqtt.tls.certificate is set.",
               .min = 0,
               .max = 65535});
  config.Bind("mqtt.allow_anonymous", &mqtt_allow_anonymous,
              {.description = "Clients without a user name get in and may do everything, for test "
                              "benches. One that sends a user name needs its password all the "
                              "same, and has its access rules."});
  config.Bind("mqtt.max_connections", &mqtt_max_connections,
              {.description = "Clients at the same time.", .min = 1, .max = 1'000'000});
  config.Bind("mqtt.max_connections_per_address", &mqtt_max_connections_per_address,
              {.description = "Clients at the same time from one address; 0: no limit of its own.",
               .min = 0,
               .max = 1'000'000});
  config.Bind("mqtt.max_connects_per_second", &mqtt_max_connects_per_second,
              {.description = "Connections accepted in a second; more wait. 0: no limit.",
               .min = 0,
               .max = 1'000'000});
  config.Bind("mqtt.max_connects_per_minute_per_client", &mqtt_max_connects_per_minute_per_client,
              {.description = "Times a client (user and client id) may connect in a minute; more "
                              "are refused, each once the next one will do. Stops two devices with "
                              "one client id. 0: no limit.",
               .min = 0,
               .max = 1'000'000});
  config.Bind("mqtt.max_connects_per_minute_per_address", &mqtt_max_connects_per_minute_per_address,
              {.description = "Connections of one address taken in a minute, in all; more are "
                              "refused. 0: no limit.",
               .min = 0,
               .max = 1'000'000});
  config.Bind(
      "mqtt.free_login_failures", &mqtt_free_login_failures,
      {.description = "Failed logins of an address answered at once; then each answer takes "
                      "twice as long as the one before, up to 30 s.",
       .min = 0,
       .max = 1'000'000});
  config.Bind(
      "mqtt.max_messages_per_second", &mqtt_max_messages_per_second,
      {.description = "Messages a client may publish in a second; beyond, it is read later. "
                      "0: no limit.",
       .min = 0,
       .max = 100'000'000});
  config.Bind("mqtt.max_bytes_per_second", &mqtt_max_bytes_per_second,
              {.description = "The same in bytes; 0: no limit.",
               .unit = "bytes",
               .min = 0,
               .max = int64_t{100} << 30});
  config.Bind("mqtt.max_total_messages_per_second", &mqtt_max_total_messages_per_second,
              {.description = "Messages all clients together may publish in a second; beyond, all "
                              "are read later. 0: no limit.",
               .min = 0,
               .max = 100'000'000});
  config.Bind("mqtt.max_total_bytes_per_second", &mqtt_max_total_bytes_per_second,
              {.description = "What all clients together may send in a second; 0: no limit.",
               .unit = "bytes",
               .min = 0,
               .max = int64_t{100} << 30});
  config.Bind("mqtt.max_subscriptions", &mqtt_max_subscriptions,
              {.description = "Subscriptions a client may have.", .min = 1, .max = 1'000'000});
  config.Bind("mqtt.max_packet_bytes", &mqtt_max_packet_bytes,
              {.description = "Largest packet.", .unit = "bytes", .min = 1024, .max = 16 << 20});
  config.Bind(
      "mqtt.receive_maximum", &mqtt_receive_maximum,
      {.description = "QoS 1 publishes a client may have unacknowledged.", .min = 1, .max = 65535});
  config.Bind(
      "mqtt.max_keep_alive_s", &mqtt_max_keep_alive_s,
      {.description = "MQTT 5 clients are told to be silent no longer than this; 0: as they "
                      "like.",
       .unit = "s",
       .min = 0,
       .max = 65535});
  config.Bind("mqtt.max_queued_bytes", &mqtt_max_queued_bytes,
              {.description = "Messages that may wait for one subscriber, connected or not.",
               .unit = "bytes",
               .min = 4096,
               .max = 1 << 30});
  config.Bind("mqtt.max_queued_messages", &mqtt_max_queued_messages,
              {.description = "The same in number.", .min = 1, .max = 10'000'000});
  config.Bind("mqtt.max_queued_total_bytes", &mqtt_max_queued_total_bytes,
              {.description = "Messages that may wait for all subscribers together.",
               .unit = "bytes",
               .min = 1 << 20,
               .max = int64_t{1} << 36});
  config.Bind(
      "mqtt.max_sessions", &mqtt_max_sessions,
      {.description = "Sessions kept that outlive their connection.", .min = 0, .max = 1'000'000});
  config.Bind("mqtt.max_session_expiry_s", &mqtt_max_session_expiry_s,
              {.description = "How long a session is kept without its client, at most; "
                              "4294967295: for ever.",
               .unit = "s",
               .min = 0,
               .max = UINT32_MAX});
  config.Bind("mqtt.max_retained_messages", &mqtt_max_retained_messages,
              {.description = "Retained messages.", .min = 0, .max = 10'000'000});
  config.Bind(
      "mqtt.max_retained_bytes", &mqtt_max_retained_bytes,
      {.description = "The same in bytes.", .unit = "bytes", .min = 0, .max = int64_t{1} << 34});

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
  config.Bind("telemetry.device_tag", &telemetry_device_tag,
              {.description = "Tag of line protocol that names the device of a line."});
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
  config.Bind("series.retention_days", &series_retention_days,
              {.description = "How long readings are kept; 0: for ever.",
               .unit = "days",
               .min = 0,
               .max = 100'000});
  config.Bind("series.hourly_retention_days", &series_hourly_retention_days,
              {.description = "How long hourly rollups are kept, not shorter than the readings; "
                              "0: for ever.",
               .unit = "days",
               .min = 0,
               .max = 100'000});
  config.Bind("series.daily_retention_days", &series_daily_retention_days,
              {.description = "How long daily rollups are kept, not shorter than the hourly ones; "
                              "0: for ever.",
               .unit = "days",
               .min = 0,
               .max = 100'000});

  config.Bind("alerts.chattering_per_hour", &alerts_chattering_per_hour,
              {.description = "From so many alerts of a rule on one device within an hour on, the "
                              "rule counts as chattering there.",
               .unit = "alerts",
               .min = 2,
               .max = 1000});

  config.Bind("query.sql_memory_bytes", &query_sql_memory_bytes,
              {.description = "Memory of one SQL query, in a process of its own.",
               .unit = "bytes",
               .min = 64 << 20,
               .max = int64_t{64} << 30});
  config.Bind("query.sql_time_s", &query_sql_time_s,
              {.description = "Longest time of one SQL query.", .unit = "s", .min = 1, .max = 600});
  config.Bind(
      "query.sql_rows", &query_sql_rows,
      {.description = "Most rows of a result; the rest is cut off.", .min = 1, .max = 10'000'000});
  config.Bind("query.sql_result_bytes", &query_sql_result_bytes,
              {.description = "Largest result of a SQL query.",
               .unit = "bytes",
               .min = 64 << 10,
               .max = int64_t{1} << 30});
  config.Bind("query.sql_concurrent", &query_sql_concurrent,
              {.description = "SQL queries that run at the same time; as many may wait.",
               .min = 1,
               .max = 16});

  config.Bind(
      "storage.sql.url", &sql_url,
      {.description = "Metadata database, postgresql://user:password@host:port/name with libpq's "
                      "parameters; empty: SQLite in the data folder.",
       .secret = true});
  config.Bind("storage.sql.sessions", &sql_sessions,
              {.description = "Connections to the metadata database; PostgreSQL gets one more, "
                              "which asks whether it answers.",
               .min = 1,
               .max = 64});
  config.Bind("storage.sql.statement_timeout_s", &sql_statement_timeout_s,
              {.description = "Longest time of a statement on PostgreSQL.",
               .unit = "s",
               .min = 1,
               .max = 600});

  config.Bind("cache.url", &cache_url,
              {.description = "Redis 7 that replicas share sessions, limits and failed logins "
                              "through, redis://:password@host:port/database, or rediss:// for "
                              "TLS; empty: this process alone.",
               .secret = true});
  config.Bind("cache.password", &cache_password,
              {.description = "Password of it, instead of one in the URL.", .secret = true});
  config.Bind("cache.password_file", &cache_password_file,
              {.description = "The same: a file whose first line it is."});
  config.Bind(
      "cache.timeout_ms", &cache_timeout_ms,
      {.description = "Longest wait for an answer of it.", .unit = "ms", .min = 10, .max = 5000});
  config.Bind("cache.tls.ca_file", &cache_tls_ca_file,
              {.description = "PEM file: the authorities that its certificate is checked against; "
                              "empty: those of the system."});
  config.Bind("cache.tls.certificate", &cache_tls_certificate,
              {.description = "PEM file: the certificate this program shows it, then its "
                              "intermediates; empty: none. Redis asks for one unless "
                              "tls-auth-clients is no."});
  config.Bind("cache.tls.key", &cache_tls_key,
              {.description = "PEM file: the key of that certificate."});

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
  config.Bind("auth.keys_dir", &keys_dir,
              {.description = "Folder of the keys of tokens and credentials, made at first start; "
                              "empty: keys/ in the data folder. Replicas need the same keys."});
  config.Bind("auth.access_token_s", &access_token_s,
              {.description = "Life of an access token.", .unit = "s", .min = 60, .max = 86'400});
  config.Bind(
      "auth.refresh_token_s", &refresh_token_s,
      {.description = "Life of a refresh token.", .unit = "s", .min = 300, .max = 90 * 86'400});
  config.Bind("auth.bcrypt_cost", &bcrypt_cost,
              {.description = "Work factor of password hashes.", .min = 4, .max = 16});
  config.Bind("auth.login_free_failures", &login_free_failures,
              {.description = "Failed logins of an account in a row before it is locked for 30 s; "
                              "each further one doubles that, up to 15 min.",
               .min = 1,
               .max = 1000});
  config.Bind("auth.login_free_failures_per_address", &login_free_failures_per_address,
              {.description = "The same of an address, with any accounts; 0: addresses are not "
                              "locked.",
               .min = 0,
               .max = 1'000'000});
  config.Bind("auth.sessions_without_cache", &sessions_without_cache,
              {.description = "While cache.url cannot be asked which sessions have ended: refuse "
                              "access tokens with 503, or accept all that have not expired.",
               .one_of = {"refuse", "accept"}});
  oidc.Bind(config);
  config.Bind("audit.retention_days", &audit_retention_days,
              {.description = "How long the audit log is kept in the database; older days go to "
                              "files in audit/ of the data folder. 0: for ever.",
               .unit = "days",
               .min = 0,
               .max = 100'000});
  notifications.Bind(config);
}

std::string PrintSettings(Settings settings) {
  base::Config config;
  settings.Bind(config);
  return config.Print();
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
