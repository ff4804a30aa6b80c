#include "http/trusted_proxies.h"

#include <arpa/inet.h>

#include <algorithm>
#include <charconv>

#include "base/text.h"

namespace energy::http {
namespace {

constexpr unsigned kV4Prefix = 96;

}  // namespace

bool TrustedProxies::ToAddress(std::string_view text, Address& address) {
  const std::string terminated(text);
  if (text.find(':') != std::string_view::npos) {
    return ::inet_pton(AF_INET6, terminated.c_str(), address.data()) == 1;
  }
  address = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF};
  return ::inet_pton(AF_INET, terminated.c_str(), &address[12]) == 1;
}

base::Result<TrustedProxies> TrustedProxies::Parse(const std::vector<std::string>& networks) {
  TrustedProxies proxies;
  for (const std::string& text : networks) {
    const size_t slash = text.find('/');
    const bool v4 = text.find(':') == std::string::npos;
    const unsigned most = v4 ? 32 : 128;
    Network network{};
    network.bits = most;
    bool good = ToAddress(std::string_view(text).substr(0, slash), network.address);
    if (slash != std::string::npos) {
      const char* const end = text.data() + text.size();
      const auto [at, error] = std::from_chars(text.data() + slash + 1, end, network.bits);
      good = good && error == std::errc() && at == end && network.bits <= most;
    }
    if (!good) {
      return base::InvalidField("http.trusted_proxies",
                                "'" + text + "' is no address or network such as 10.0.0.0/8");
    }
    if (v4) network.bits += kV4Prefix;
    proxies.networks_.push_back(network);
  }
  return proxies;
}

bool TrustedProxies::Trusts(std::string_view text) const {
  Address address{};
  if (networks_.empty() || !ToAddress(text, address)) return false;
  return std::any_of(networks_.begin(), networks_.end(), [&](const Network& network) {
    for (unsigned bit = 0; bit < network.bits; bit += 8) {
      const unsigned rest = std::min(8U, network.bits - bit);
      const auto mask = static_cast<uint8_t>(0xFF00U >> rest);
      if (((address[bit / 8] ^ network.address[bit / 8]) & mask) != 0) return false;
    }
    return true;
  });
}

std::string TrustedProxies::ClientOf(std::string_view peer, const Headers& headers) const {
  std::string client(peer);
  if (!Trusts(peer)) return client;
  for (auto header = headers.rbegin(); header != headers.rend(); ++header) {
    if (!EqualsIgnoreCase(header->first, "X-Forwarded-For")) continue;
    std::string_view rest = header->second;
    while (!rest.empty()) {
      const size_t comma = rest.rfind(',');
      const std::string_view item =
          base::Trim(comma == std::string_view::npos ? rest : rest.substr(comma + 1));
      rest = rest.substr(0, comma == std::string_view::npos ? 0 : comma);
      Address address{};
      if (!ToAddress(item, address)) return client;  // the last that is known
      client = item;
      if (!Trusts(item)) return client;
    }
  }
  return client;
}

bool TrustedProxies::SaysSecure(std::string_view peer, const Headers& headers) const {
  return Trusts(peer) && std::any_of(headers.begin(), headers.end(), [](const auto& header) {
           return EqualsIgnoreCase(header.first, "X-Forwarded-Proto") &&
                  EqualsIgnoreCase(header.second, "https");
         });
}

}  // namespace energy::http
