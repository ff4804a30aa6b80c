#pragma once

#include <cstdint>
#include <string_view>

#include "mqtt/utf8.h"

namespace energy::mqtt {

/// Reads the data types of MQTT (§1.5) from bytes. A failure sticks: every further read gives zero
/// or empty, so a caller reads a whole structure and asks failed() once.
class Reader {
 public:
  explicit Reader(std::string_view data) : data_(data) {}

  bool failed() const { return failed_; }
  bool empty() const { return data_.empty(); }
  size_t size() const { return data_.size(); }
  std::string_view rest() const { return data_; }

  uint8_t U8() {
    if (!Need(1)) return 0;
    const auto value = Byte(0);
    data_.remove_prefix(1);
    return value;
  }
  uint16_t U16() {
    if (!Need(2)) return 0;
    const auto value = static_cast<uint16_t>(Byte(0) << 8 | Byte(1));
    data_.remove_prefix(2);
    return value;
  }
  uint32_t U32() {
    const uint32_t high = U16();
    return high << 16 | U16();
  }
  /// Variable byte integer; one not in its shortest form fails [MQTT-1.5.5-1].
  uint32_t VarInt() {
    uint32_t value = 0;
    for (unsigned shift = 0; shift < 28; shift += 7) {
      const uint8_t byte = U8();
      if (failed_) return 0;
      value |= static_cast<uint32_t>(byte & 0x7FU) << shift;
      if ((byte & 0x80U) == 0) {
        if (byte == 0 && shift > 0) break;
        return value;
      }
    }
    failed_ = true;
    return 0;
  }
  std::string_view Bytes(size_t length) {
    if (!Need(length)) return {};
    const std::string_view value = data_.substr(0, length);
    data_.remove_prefix(length);
    return value;
  }
  /// Two bytes of length, then the data.
  std::string_view Binary() { return Bytes(U16()); }
  /// Binary that is valid UTF-8 without U+0000.
  std::string_view Utf8() {
    const std::string_view value = Binary();
    if (!IsValidUtf8(value)) {
      failed_ = true;
      return {};
    }
    return value;
  }

 private:
  bool Need(size_t length) {
    if (failed_ || data_.size() < length) {
      failed_ = true;
      return false;
    }
    return true;
  }
  uint8_t Byte(size_t index) const { return static_cast<uint8_t>(data_[index]); }

  std::string_view data_;
  bool failed_ = false;
};

}  // namespace energy::mqtt
