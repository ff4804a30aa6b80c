#pragma once

#include <cstdint>
#include <string>
#include <vector>

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
  std::string web_dir;

  std::string mqtt_address = "127.0.0.1";
  int64_t mqtt_port = 1883;
  bool mqtt_allow_anonymous = false;
  int64_t mqtt_max_connections = 10'000;
  int64_t mqtt_max_packet_bytes = 1 << 20;
  int64_t mqtt_receive_maximum = 1024;

  int64_t telemetry_max_future_s = 300;
  int64_t telemetry_queue_bytes = 32 << 20;
  int64_t series_head_bytes = 64 << 20;
  int64_t series_cache_bytes = 16 << 20;
  int64_t series_seal_age_s = 600;

  std::string sql_url;

  std::string admin_email;
  std::string admin_password;
  std::string jwt_secret;
  int64_t access_token_s = 3600;
  int64_t refresh_token_s = 7 * 24 * 3600;
  int64_t bcrypt_cost = 12;

  void Bind(base::Config& config);
};

/// Splits "ADDR:PORT" ("[::1]:80" for IPv6) into the two options. False when it is not of that
/// form.
bool SplitEndpoint(const std::string& text, std::string& address, std::string& port);

}  // namespace energy::app
