#pragma once

#include <string>
#include <string_view>

namespace energy::mqtt {

/// Text from a peer, fit for one line of a log: control characters become '?', long text is cut.
inline std::string Printable(std::string_view text) {
  constexpr size_t kMaxLength = 100;
  std::string result(text.substr(0, kMaxLength));
  for (char& c : result) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F) c = '?';
  }
  if (text.size() > kMaxLength) result += "...";
  return result;
}

}  // namespace energy::mqtt
