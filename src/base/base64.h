#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace energy::base {

/// RFC 4648 §4, with padding.
std::string EncodeBase64(std::string_view bytes);
/// Nothing when `text` is not base64 with padding.
std::optional<std::string> DecodeBase64(std::string_view text);

/// RFC 4648 §5 (for URLs and tokens), without padding.
std::string EncodeBase64Url(std::string_view bytes);
std::optional<std::string> DecodeBase64Url(std::string_view text);

}  // namespace energy::base
