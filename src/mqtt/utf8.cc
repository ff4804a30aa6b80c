#include "mqtt/utf8.h"

#include <cstdint>
#include <cstring>

namespace energy::mqtt {
namespace {

constexpr uint64_t kHighBits = 0x8080808080808080ULL;
constexpr uint64_t kOnes = 0x0101010101010101ULL;

bool IsContinuation(unsigned char byte) { return (byte & 0xC0U) == 0x80U; }

// Length of the well-formed sequence at `p`, 0 when there is none (RFC 3629 §4, table of the
// well-formed byte sequences).
size_t SequenceLength(const unsigned char* p, size_t left) {
  const unsigned char lead = p[0];
  if (lead < 0x80) return lead == 0 ? 0 : 1;
  if (lead < 0xC2 || left < 2 || !IsContinuation(p[1])) return 0;
  if (lead < 0xE0) return 2;
  if (left < 3 || !IsContinuation(p[2])) return 0;
  if (lead < 0xF0) {
    if (lead == 0xE0 && p[1] < 0xA0) return 0;  // overlong
    if (lead == 0xED && p[1] > 0x9F) return 0;  // surrogate
    return 3;
  }
  if (lead > 0xF4 || left < 4 || !IsContinuation(p[3])) return 0;
  if (lead == 0xF0 && p[1] < 0x90) return 0;  // overlong
  if (lead == 0xF4 && p[1] > 0x8F) return 0;  // above U+10FFFF
  return 4;
}

}  // namespace

bool IsValidUtf8(std::string_view text) {
  const auto* p = reinterpret_cast<const unsigned char*>(text.data());
  size_t left = text.size();
  while (left > 0) {
    if (left >= 8) {
      uint64_t word = 0;
      std::memcpy(&word, p, 8);
      // The second term has a high bit where a byte is zero (or where a lower byte borrowed; then
      // the slow path decides).
      if (((word | ((word - kOnes) & ~word)) & kHighBits) == 0) {
        p += 8;
        left -= 8;
        continue;
      }
    }
    const size_t length = SequenceLength(p, left);
    if (length == 0) return false;
    p += length;
    left -= length;
  }
  return true;
}

}  // namespace energy::mqtt
