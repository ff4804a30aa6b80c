#pragma once

#include <bit>
#include <cstdint>
#include <string>
#include <string_view>

#include "series/bytes.h"
#include "series/store.h"

namespace energy::series {

// Keys are big-endian, so that RocksDB's byte order is the numeric order; docs/formats/README.md.

template <class T>
void AppendBe(std::string& out, T value) {
  for (int shift = static_cast<int>(sizeof value) * 8 - 8; shift >= 0; shift -= 8) {
    out.push_back(static_cast<char>(value >> shift));
  }
}

template <class T>
T LoadBe(std::string_view bytes) {
  T value = 0;
  for (size_t i = 0; i < sizeof value; ++i) {
    value = static_cast<T>(value << 8 | static_cast<unsigned char>(bytes[i]));
  }
  return value;
}

inline constexpr size_t kLogKeyBytes = 8;
inline constexpr size_t kChunkKeyBytes = 12;
inline constexpr size_t kNameKeyBytes = 5;

// Keys of the column family `default`. on disk: never rename
inline constexpr const char* kSealedKey = "sealed_sequence";
inline constexpr const char* kQuarantinePrefix = "quarantine/";
// + the handle, big-endian: its device was deleted, and the space is not given back yet.
inline constexpr std::string_view kDeletedPrefix = "deleted/";
inline constexpr const char* kRetentionKey = "retention";
inline constexpr const char* kRollupsBuiltKey = "rollups_built";

inline std::string LogKey(uint64_t sequence) {
  std::string key;
  AppendBe(key, sequence);
  return key;
}

struct ChunkKey {
  DeviceRef device = 0;
  int64_t first_ns = 0;

  std::string Encode() const {
    std::string key;
    AppendBe(key, device);
    // The sign bit flipped: times before 1970 sort before those after.
    AppendBe(key, static_cast<uint64_t>(first_ns) ^ (uint64_t{1} << 63));
    return key;
  }
  /// `key` has kChunkKeyBytes.
  static ChunkKey Decode(std::string_view key) {
    return {
        .device = LoadBe<uint32_t>(key),
        .first_ns = static_cast<int64_t>(LoadBe<uint64_t>(key.substr(4)) ^ (uint64_t{1} << 63))};
  }
};

inline std::string DeletedKey(DeviceRef device) {
  std::string key(kDeletedPrefix);
  AppendBe(key, device);
  return key;
}

inline std::string NameKey(char kind, uint32_t ref) {
  std::string key(1, kind);
  AppendBe(key, ref);
  return key;
}

}  // namespace energy::series
