#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "app/notification_settings.h"
#include "app/oidc_settings.h"
#include "base/config.h"

namespace energy::app {

/// All options of the program, with their defaults. Bind declares each one once; units are in the
/// names or in the declaration.
struct Settings {
  std::vector<std::string> roles{"all"};
  std::string data_dir = "data";
  std::string log_level = "info";
  int64_t io_threads = 2;
  int64_t worker_threads = 4;

  std::string http_address = "127.0.0.1";
  int64_t http_port = 8080;
  int64_t http_tls_port = 8443;
  std::string http_tls_certificate;
  std::string http_tls_key;
  int64_t http_hsts_max_age_s = 365 * 86'400;
  std::string web_dir;
  std::vector<std::string> trusted_proxies;
  std::vector<std::string> cors_origins;
  std::string access_log = "access.log";
  int64_t access_log_bytes = 64 << 20;
  int64_t http_max_connections = 4096;

  bool limits_enabled = true;
  int64_t limits_auth = 20;
  int64_t limits_devices = 100;
  int64_t limits_data = 200;
  int64_t limits_others = 100;
  int64_t limits_ingest = 0;
  int64_t limits_live_per_user = 500;
  int64_t limits_live_per_address = 1000;

  std::string mqtt_address = "127.0.0.1";
  int64_t mqtt_port = 1883;
  int64_t mqtt_tls_port = 8883;
  std::string mqtt_tls_certificate;
  std::string mqtt_tls_key;
  std::string mqtt_tls_client_ca;
  std::string mqtt_tls_client_certificates = "off";
  std::string mqtt_tls_user_name = "off";
  bool mqtt_websocket_enabled = false;
  int64_t mqtt_websocket_port = 8083;
  int64_t mqtt_websocket_tls_port = 8084;
  bool mqtt_allow_anonymous = false;
  int64_t mqtt_max_connections = 10'000;
  int64_t mqtt_max_connections_per_address = 0;
  int64_t mqtt_max_connects_per_second = 0;
  int64_t mqtt_max_connects_per_minute_per_client = 0;
  int64_t mqtt_max_connects_per_minute_per_address = 0;
  int64_t mqtt_free_login_failures = 5;
  int64_t mqtt_max_messages_per_second = 0;
  int64_t mqtt_max_bytes_per_second = 0;
  int64_t mqtt_max_total_messages_per_second = 0;
  int64_t mqtt_max_total_bytes_per_second = 0;
  int64_t mqtt_max_subscriptions = 1000;
  int64_t mqtt_max_packet_bytes = 1 << 20;
  int64_t mqtt_receive_maximum = 1024;
  int64_t mqtt_max_keep_alive_s = 0;
  int64_t mqtt_max_queued_bytes = 4 << 20;
  int64_t mqtt_max_queued_messages = 10'000;
  int64_t mqtt_max_queued_total_bytes = 256 << 20;
  int64_t mqtt_max_sessions = 20'000;
  int64_t mqtt_max_session_expiry_s = 30 * 86'400;
  int64_t mqtt_max_retained_messages = 100'000;
  int64_t mqtt_max_retained_bytes = 64 << 20;

  int64_t telemetry_max_future_s = 300;
  int64_t telemetry_queue_bytes = 32 << 20;
  std::string telemetry_device_tag = "device_id";
  int64_t series_head_bytes = 64 << 20;
  int64_t series_cache_bytes = 16 << 20;
  int64_t series_seal_age_s = 600;
  int64_t series_retention_days = 90;
  int64_t series_hourly_retention_days = 365;
  int64_t series_daily_retention_days = 1825;

  int64_t alerts_chattering_per_hour = 5;

  int64_t query_sql_memory_bytes = int64_t{512} << 20;
  int64_t query_sql_time_s = 10;
  int64_t query_sql_rows = 100'000;
  int64_t query_sql_result_bytes = 64 << 20;
  int64_t query_sql_concurrent = 2;

  std::string sql_url;
  int64_t sql_sessions = 6;
  int64_t sql_statement_timeout_s = 10;
  std::string cache_url;
  std::string cache_password;
  std::string cache_password_file;
  std::string cache_tls_ca_file;
  std::string cache_tls_certificate;
  std::string cache_tls_key;
  int64_t cache_timeout_ms = 200;

  std::string admin_email;
  std::string admin_password;
  std::string jwt_secret;
  std::string keys_dir;
  int64_t access_token_s = 3600;
  int64_t refresh_token_s = 7 * 24 * 3600;
  int64_t bcrypt_cost = 12;
  int64_t login_free_failures = 5;
  int64_t login_free_failures_per_address = 30;
  std::string sessions_without_cache = "refuse";
  OidcSettings oidc;
  int64_t audit_retention_days = 0;

  NotificationSettings notifications;

  void Bind(base::Config& config);
};

/// The settings as YAML, secrets as ***.
std::string PrintSettings(Settings settings);

/// Splits "ADDR:PORT" ("[::1]:80" for IPv6) into the two options. False when it is not of that
/// form.
bool SplitEndpoint(const std::string& text, std::string& address, std::string& port);

}  // namespace energy::app
