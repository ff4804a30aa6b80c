#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace energy::oidc {

/// All but unreserved characters as %XX (RFC 3986 §2.3): right in queries and in forms.
std::string PercentEncode(std::string_view text);

/// "a=b&c=d".
std::string EncodeForm(const std::vector<std::pair<std::string_view, std::string_view>>& fields);

}  // namespace energy::oidc
