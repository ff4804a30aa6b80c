#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace energy::mqtt {

/// Largest value of a variable byte integer (§1.5.5).
inline constexpr uint32_t kMaxVarInt = 268'435'455;

constexpr size_t VarIntSize(uint32_t value) {
  if (value < 128) return 1;
  if (value < 16'384) return 2;
  return value < 2'097'152 ? 3 : 4;
}

/// Appends the data types of MQTT (§1.5) to a string. Strings and binary data are cut at 65535
/// bytes, the most their length field can say; callers that take input check it before.
class Writer {
 public:
  explicit Writer(std::string& out) : out_(out) {}

  void U8(uint8_t value) { out_.push_back(static_cast<char>(value)); }
  void U16(uint16_t value) {
    U8(static_cast<uint8_t>(value >> 8));
    U8(static_cast<uint8_t>(value));
  }
  void U32(uint32_t value) {
    U16(static_cast<uint16_t>(value >> 16));
    U16(static_cast<uint16_t>(value));
  }
  void VarInt(uint32_t value) {
    while (value >= 128) {
      U8(static_cast<uint8_t>(value | 0x80U));
      value >>= 7;
    }
    U8(static_cast<uint8_t>(value));
  }
  void Bytes(std::string_view data) { out_.append(data); }
  void Binary(std::string_view data) {
    data = data.substr(0, UINT16_MAX);
    U16(static_cast<uint16_t>(data.size()));
    Bytes(data);
  }

 private:
  std::string& out_;
};

}  // namespace energy::mqtt
