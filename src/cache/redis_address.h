#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/status.h"

namespace energy::cache {

/// Where a Redis server is and how to log in.
struct RedisAddress {
  std::string host;
  uint16_t port = 6379;
  std::string user;  ///< empty: the default user
  std::string password;
  int database = 0;
  bool tls = false;
};

/// "redis://[[user]:password@]host[:port][/database]", or "rediss://" for TLS; user and password
/// percent-encoded, an IPv6 address in brackets. Errors: kInvalidArgument on `cache.url`, never
/// with the text, which may hold a password.
base::Result<RedisAddress> ParseRedisUrl(std::string_view url);

/// Gives `address` the password, or the first line of the file; both may be empty. Errors:
/// kInvalidArgument when the password is in more than one place, or the file cannot be read.
base::Status UsePassword(const std::string& password, const std::string& password_file,
                         RedisAddress& address);

}  // namespace energy::cache
