#pragma once

#include <string>
#include <string_view>

namespace energy::base {

/// What limits count an IP address as: IPv4 as it is, IPv6 by its /64, which is what one customer
/// gets and can change addresses within ("2001:db8:1:2::/64"). IPv4 written as IPv6
/// ("::ffff:10.0.0.1") counts as IPv4; what is no address counts as its text.
std::string AddressGroup(std::string_view address);

}  // namespace energy::base
