#pragma once

#include <bit>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <type_traits>

namespace energy::series {

static_assert(std::endian::native == std::endian::little,
              "the formats are little-endian and are read in place");

template <class T>
void AppendLe(std::string& out, T value) {
  static_assert(std::is_trivially_copyable_v<T>);
  out.append(reinterpret_cast<const char*>(&value), sizeof value);
}

template <class T>
T LoadLe(const char* bytes) {
  static_assert(std::is_trivially_copyable_v<T>);
  T value;
  std::memcpy(&value, bytes, sizeof value);
  return value;
}

template <class T>
void StoreLe(char* bytes, T value) {
  std::memcpy(bytes, &value, sizeof value);
}

/// Takes a T from the front of `in`; false when too few bytes are left.
template <class T>
bool TakeLe(std::string_view& in, T& value) {
  if (in.size() < sizeof value) return false;
  value = LoadLe<T>(in.data());
  in.remove_prefix(sizeof value);
  return true;
}

/// LEB128: seven bits a byte, lowest first, the high bit says that more follow.
inline char* WriteVarint(char* out, uint64_t value) {
  while (value >= 0x80) {
    *out++ = static_cast<char>(value | 0x80);
    value >>= 7;
  }
  *out++ = static_cast<char>(value);
  return out;
}

inline constexpr size_t kMaxVarintBytes = 10;

/// Takes a varint from the front of `in`; false when it is cut short or over 64 bits.
inline bool TakeVarint(std::string_view& in, uint64_t& value) {
  value = 0;
  for (size_t i = 0; i < in.size() && i < kMaxVarintBytes; ++i) {
    const auto byte = static_cast<unsigned char>(in[i]);
    if (i == kMaxVarintBytes - 1 && byte > 1) return false;
    value |= uint64_t{byte & 0x7Fu} << (7 * i);
    if (byte < 0x80) {
      in.remove_prefix(i + 1);
      return true;
    }
  }
  return false;
}

/// Small magnitudes of either sign become small unsigned numbers.
inline uint64_t ZigZag(int64_t value) {
  return (static_cast<uint64_t>(value) << 1) ^ static_cast<uint64_t>(value >> 63);
}
inline int64_t UnZigZag(uint64_t value) {
  return static_cast<int64_t>((value >> 1) ^ (~(value & 1) + 1));
}

}  // namespace energy::series
