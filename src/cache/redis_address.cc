#include "cache/redis_address.h"

#include <charconv>
#include <fstream>
#include <optional>

namespace energy::cache {
namespace {

base::Status Wrong(std::string message) {
  return base::InvalidField(
      "cache.url", std::move(message) + "; the form is redis://:password@host:port/database");
}

template <class Number>
bool ToNumber(std::string_view text, Number& number) {
  const char* const end = text.data() + text.size();
  const auto [at, error] = std::from_chars(text.data(), end, number);
  return error == std::errc() && at == end;
}

std::optional<std::string> Decode(std::string_view text) {
  std::string decoded;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      decoded += text[i];
      continue;
    }
    unsigned value = 0;
    const std::string_view digits = text.substr(i + 1, 2);
    const auto [at, error] =
        std::from_chars(digits.data(), digits.data() + digits.size(), value, 16);
    if (digits.size() != 2 || error != std::errc() || at != digits.data() + 2) return std::nullopt;
    decoded += static_cast<char>(value);
    i += 2;
  }
  return decoded;
}

base::Status ReadLogin(std::string_view login, RedisAddress& address) {
  const size_t colon = login.find(':');
  if (colon == std::string_view::npos) return Wrong("before the @ belongs user:password");
  const auto user = Decode(login.substr(0, colon));
  const auto password = Decode(login.substr(colon + 1));
  if (!user || !password) return Wrong("the login has a % without two hexadecimal digits");
  address.user = *user;
  address.password = *password;
  return {};
}

base::Status ReadHost(std::string_view place, RedisAddress& address) {
  const size_t bracket = place.starts_with('[') ? place.find(']') : 0;
  if (bracket == std::string_view::npos) return Wrong("the address has a [ without its ]");
  const size_t colon = place.find(':', bracket);
  address.host = bracket > 0 ? place.substr(1, bracket - 1) : place.substr(0, colon);
  if (address.host.empty()) return Wrong("the host is missing");
  if (colon == std::string_view::npos) return {};
  if (!ToNumber(place.substr(colon + 1), address.port) || address.port == 0) {
    return Wrong("the port is not a number from 1 to 65535");
  }
  return {};
}

}  // namespace

base::Result<RedisAddress> ParseRedisUrl(std::string_view url) {
  constexpr std::string_view kPlain = "redis://";
  constexpr std::string_view kTls = "rediss://";
  RedisAddress address;
  address.tls = url.starts_with(kTls);
  if (!address.tls && !url.starts_with(kPlain)) return Wrong("the scheme is not redis or rediss");
  url.remove_prefix(address.tls ? kTls.size() : kPlain.size());
  if (const size_t at = url.rfind('@'); at != std::string_view::npos) {
    ENERGY_RETURN_IF_ERROR(ReadLogin(url.substr(0, at), address));
    url.remove_prefix(at + 1);
  }
  if (const size_t slash = url.find('/'); slash != std::string_view::npos) {
    const std::string_view database = url.substr(slash + 1);
    if (!database.empty() && (!ToNumber(database, address.database) || address.database < 0)) {
      return Wrong("the database is not a number");
    }
    url = url.substr(0, slash);
  }
  ENERGY_RETURN_IF_ERROR(ReadHost(url, address));
  return address;
}

base::Status UsePassword(const std::string& password, const std::string& password_file,
                         RedisAddress& address) {
  const int places = (address.password.empty() ? 0 : 1) + (password.empty() ? 0 : 1) +
                     (password_file.empty() ? 0 : 1);
  if (places > 1) {
    return base::InvalidField("cache.password",
                              "give the password once: in cache.url, cache.password or "
                              "cache.password_file");
  }
  if (!password.empty()) address.password = password;
  if (password_file.empty()) return {};
  std::ifstream file(password_file);
  if (!std::getline(file, address.password) || address.password.empty()) {
    return base::InvalidField("cache.password_file",
                              "'" + password_file + "' has no first line that can be read");
  }
  if (address.password.ends_with('\r')) address.password.pop_back();
  return {};
}

}  // namespace energy::cache
