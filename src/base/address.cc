#include "base/address.h"

#include <arpa/inet.h>
#include <netinet/in.h>

#include <algorithm>
#include <array>
#include <iterator>

namespace energy::base {

std::string AddressGroup(std::string_view address) {
  // A link-local address names its interface after a '%'.
  const std::string text(address.substr(0, address.find('%')));
  in6_addr v6{};
  if (text.find(':') == std::string::npos || ::inet_pton(AF_INET6, text.c_str(), &v6) != 1) {
    return std::string(address);
  }
  std::array<char, INET6_ADDRSTRLEN> shown{};
  if (IN6_IS_ADDR_V4MAPPED(&v6)) {
    ::inet_ntop(AF_INET, &v6.s6_addr[12], shown.data(), shown.size());
    return shown.data();
  }
  std::fill(std::begin(v6.s6_addr) + 8, std::end(v6.s6_addr), uint8_t{0});
  ::inet_ntop(AF_INET6, &v6, shown.data(), shown.size());
  return std::string(shown.data()) + "/64";
}

}  // namespace energy::base
