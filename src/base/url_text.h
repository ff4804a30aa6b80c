#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace energy::base {

/// All but unreserved characters as %XX (RFC 3986 §2.3): right in paths, queries and forms.
std::string PercentEncode(std::string_view text);

/// "a=b&c=d", for a query or a body of application/x-www-form-urlencoded.
std::string EncodeForm(const std::vector<std::pair<std::string_view, std::string_view>>& fields);

}  // namespace energy::base
