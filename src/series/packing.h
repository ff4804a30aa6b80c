#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace energy::series {

/// Integers as base + small unsigned numbers of one bit width (frame of reference), with the few
/// that do not fit stored apart. Layout: docs/formats/chunk.md, "Frame".
///
/// At most 65,535 integers. Lossless for every int64.
void EncodeFrame(std::span<const int64_t> values, std::string& out);

/// The bytes that EncodeFrame would add.
size_t FrameBytes(std::span<const int64_t> values);

/// Takes a frame of out.size() integers from the front of `in`. False when `in` is no such frame.
/// Never reads outside `in`, whatever it holds.
bool DecodeFrame(std::string_view& in, std::span<int64_t> out);

/// Appends bits to a string, lowest bit of a byte first.
class BitWriter {
 public:
  explicit BitWriter(std::string& out) : out_(out) {}
  /// The low `width` bits of `value`; 0 to 64; higher bits of `value` are zero.
  void Write(uint64_t value, unsigned width) {
    pending_ |= value << used_;
    if (used_ + width < 64) {
      used_ += width;
      return;
    }
    Emit(8);
    const unsigned taken = 64 - used_;
    pending_ = taken < 64 ? value >> taken : 0;
    used_ = width - taken;
  }
  /// Pads to a whole byte with zeros.
  void Finish() {
    Emit((used_ + 7) / 8);
    pending_ = 0;
    used_ = 0;
  }

 private:
  void Emit(size_t bytes) { out_.append(reinterpret_cast<const char*>(&pending_), bytes); }

  std::string& out_;
  uint64_t pending_ = 0;
  unsigned used_ = 0;  // bits of pending_; below 64
};

/// Reads what BitWriter wrote. Past the end it reads zeros and says so in `overrun`.
class BitReader {
 public:
  explicit BitReader(std::string_view in) : in_(in) {}
  /// 0 to 64 bits.
  uint64_t Read(unsigned width) {
    if (width > 56) {
      const uint64_t low = Read(32);
      return low | Read(width - 32) << 32;
    }
    const uint64_t value = Load(position_ >> 3) >> (position_ & 7);
    position_ += width;
    return value & ((uint64_t{1} << width) - 1);
  }
  bool overrun() const { return position_ > in_.size() * 8; }

 private:
  uint64_t Load(size_t byte) const;

  std::string_view in_;
  size_t position_ = 0;  // in bits
};

}  // namespace energy::series
