#include "series/packing.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>

#include "series/bytes.h"

namespace energy::series {
namespace {

constexpr size_t kFrameHeaderBytes = 12;
constexpr size_t kExceptionBytes = 10;
// Up to this width a value lies within one 64-bit load at any bit offset.
constexpr unsigned kWidestPacked = 56;
constexpr unsigned kUnpacked = 64;

struct Plan {
  int64_t base = 0;
  unsigned width = 0;
  size_t exceptions = 0;
  size_t bytes = kFrameHeaderBytes;
};

size_t PackedBytes(size_t count, unsigned width) { return (count * width + 7) / 8; }

uint64_t Above(int64_t value, int64_t base) {
  return static_cast<uint64_t>(value) - static_cast<uint64_t>(base);
}

Plan MakePlan(std::span<const int64_t> values) {
  Plan best;
  if (values.empty()) return best;
  best.base = *std::min_element(values.begin(), values.end());
  std::array<uint32_t, 65> of_width{};
  for (const int64_t value : values) ++of_width[std::bit_width(Above(value, best.base))];

  best.width = kUnpacked;
  best.bytes = kFrameHeaderBytes + PackedBytes(values.size(), kUnpacked);
  size_t wider = values.size();
  for (unsigned width = 0; width <= kWidestPacked; ++width) {
    wider -= of_width[width];
    const size_t bytes =
        kFrameHeaderBytes + PackedBytes(values.size(), width) + wider * kExceptionBytes;
    if (bytes < best.bytes) {
      best.width = width;
      best.exceptions = wider;
      best.bytes = bytes;
    }
  }
  return best;
}

void Unpack(std::string_view packed, unsigned width, int64_t base, std::span<int64_t> out) {
  const uint64_t offset = static_cast<uint64_t>(base);
  if (width == 0) {
    std::fill(out.begin(), out.end(), base);
    return;
  }
  if (width == kUnpacked) {
    for (size_t i = 0; i < out.size(); ++i) {
      out[i] = static_cast<int64_t>(offset + LoadLe<uint64_t>(packed.data() + 8 * i));
    }
    return;
  }
  const uint64_t mask = (uint64_t{1} << width) - 1;
  const size_t whole = packed.size() < 8 ? 0 : (packed.size() - 8) * 8 / width;
  const size_t fast = std::min(out.size(), whole);
  size_t bit = 0;
  for (size_t i = 0; i < fast; ++i, bit += width) {
    const uint64_t word = LoadLe<uint64_t>(packed.data() + (bit >> 3)) >> (bit & 7);
    out[i] = static_cast<int64_t>(offset + (word & mask));
  }
  // The last few would load past the end: read them from a padded copy.
  char tail[24] = {};
  const size_t tail_start = bit >> 3;
  std::memcpy(tail, packed.data() + tail_start, std::min<size_t>(packed.size() - tail_start, 16));
  bit &= 7;
  for (size_t i = fast; i < out.size(); ++i, bit += width) {
    const uint64_t word = LoadLe<uint64_t>(tail + (bit >> 3)) >> (bit & 7);
    out[i] = static_cast<int64_t>(offset + (word & mask));
  }
}

}  // namespace

size_t FrameBytes(std::span<const int64_t> values) { return MakePlan(values).bytes; }

void EncodeFrame(std::span<const int64_t> values, std::string& out) {
  const Plan plan = MakePlan(values);
  AppendLe(out, plan.base);
  AppendLe(out, static_cast<uint8_t>(plan.width));
  AppendLe(out, uint8_t{0});
  AppendLe(out, static_cast<uint16_t>(plan.exceptions));

  BitWriter writer(out);
  const uint64_t limit = plan.width == kUnpacked ? ~uint64_t{0} : (uint64_t{1} << plan.width) - 1;
  for (const int64_t value : values) {
    const uint64_t above = Above(value, plan.base);
    writer.Write(above <= limit ? above : 0, plan.width);
  }
  writer.Finish();
  for (size_t i = 0; i < values.size(); ++i) {
    const uint64_t above = Above(values[i], plan.base);
    if (above <= limit) continue;
    AppendLe(out, static_cast<uint16_t>(i));
    AppendLe(out, above);
  }
}

bool DecodeFrame(std::string_view& in, std::span<int64_t> out) {
  int64_t base = 0;
  uint8_t width = 0;
  uint8_t reserved = 0;
  uint16_t exceptions = 0;
  if (!TakeLe(in, base) || !TakeLe(in, width) || !TakeLe(in, reserved) || !TakeLe(in, exceptions)) {
    return false;
  }
  if ((width > kWidestPacked && width != kUnpacked) || reserved != 0) return false;
  const size_t packed = PackedBytes(out.size(), width);
  if (in.size() < packed + exceptions * kExceptionBytes) return false;
  Unpack(in.substr(0, packed), width, base, out);
  in.remove_prefix(packed);
  for (size_t i = 0; i < exceptions; ++i, in.remove_prefix(kExceptionBytes)) {
    const auto index = LoadLe<uint16_t>(in.data());
    if (index >= out.size()) return false;
    const auto above = LoadLe<uint64_t>(in.data() + 2);
    out[index] = static_cast<int64_t>(static_cast<uint64_t>(base) + above);
  }
  return true;
}

uint64_t BitReader::Load(size_t byte) const {
  if (byte + 8 <= in_.size()) return LoadLe<uint64_t>(in_.data() + byte);
  uint64_t word = 0;
  if (byte < in_.size()) std::memcpy(&word, in_.data() + byte, in_.size() - byte);
  return word;
}

}  // namespace energy::series
