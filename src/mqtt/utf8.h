#pragma once

#include <string_view>

namespace energy::mqtt {

/// True when `text` is a valid MQTT UTF-8 string: well-formed UTF-8 (RFC 3629: no overlong forms,
/// no surrogates, nothing above U+10FFFF) without U+0000 [MQTT-1.5.4-1, MQTT-1.5.4-2]. Cost: eight
/// bytes at a time while the text is ASCII.
bool IsValidUtf8(std::string_view text);

}  // namespace energy::mqtt
