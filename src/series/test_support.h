#pragma once

#include <cstdio>
#include <string>
#include <string_view>

#include "base/temporary_folder.h"

namespace energy::series {

using base::TemporaryFolder;

inline std::string Hex(std::string_view bytes) {
  std::string hex;
  for (const char byte : bytes) {
    char digits[3];
    std::snprintf(digits, sizeof digits, "%02x", static_cast<unsigned>(byte) & 0xFFu);
    hex += digits;
  }
  return hex;
}

}  // namespace energy::series
