#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "http/message.h"

namespace energy::http {

/// The proxies whose word about a client's address is taken. Nobody's is unless configured: who
/// may say who he is escapes every limit by address. Threads: constant.
class TrustedProxies {
 public:
  /// Addresses and networks, such as "10.0.0.7", "10.0.0.0/8" or "fd00::/8".
  /// Errors: kInvalidArgument on `http.trusted_proxies`.
  static base::Result<TrustedProxies> Parse(const std::vector<std::string>& networks);

  bool empty() const { return networks_.empty(); }
  bool Trusts(std::string_view address) const;

  /// Whose request it is: `peer`, or when that is trusted the last address of X-Forwarded-For that
  /// no trusted proxy has. What stands before it anybody may have written.
  std::string ClientOf(std::string_view peer, const Headers& headers) const;

  /// Whether a trusted `peer` says, by X-Forwarded-Proto, that the client speaks TLS.
  bool SaysSecure(std::string_view peer, const Headers& headers) const;

 private:
  using Address = std::array<uint8_t, 16>;  // IPv4 as ::ffff:a.b.c.d
  struct Network {
    Address address;
    unsigned bits;
  };
  static bool ToAddress(std::string_view text, Address& address);

  std::vector<Network> networks_;
};

}  // namespace energy::http
