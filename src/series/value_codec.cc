#include "series/value_codec.h"

#include <array>
#include <bit>
#include <cmath>
#include <cstring>
#include <limits>
#include <vector>

#include "series/bytes.h"
#include "series/packing.h"

namespace energy::series {
namespace {

constexpr std::array<double, 10> kPowersOfTen = {1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9};
constexpr double kLargestExact = 9007199254740992.0;  // 2^53: every integer up to it is a double
// Stands for -0.0, which printf("%.1f", -0.04) makes, so that one of them does not cost the whole
// column its decimals: it becomes an exception of the frame. on disk
constexpr int64_t kMinusZero = std::numeric_limits<int64_t>::max();

bool SameBits(double a, double b) {
  return std::bit_cast<uint64_t>(a) == std::bit_cast<uint64_t>(b);
}

// Dividing an exact integer by an exact power of ten rounds once, which is what reading the decimal
// text does too: a value that was sent with few digits comes back bit for bit.
bool ScaleAll(std::span<const double> values, double scale, std::span<int64_t> out) {
  for (size_t i = 0; i < values.size(); ++i) {
    const double scaled = values[i] * scale;
    if (!(std::fabs(scaled) <= kLargestExact)) return false;
    if (SameBits(values[i], -0.0)) {
      out[i] = kMinusZero;
      continue;
    }
    const auto integer = static_cast<int64_t>(scaled + std::copysign(0.5, scaled));
    if (!SameBits(static_cast<double>(integer) / scale, values[i])) return false;
    out[i] = integer;
  }
  return true;
}

struct Scaled {
  bool exact = false;
  uint8_t exponent = 0;
  std::vector<int64_t> integers;
};

Scaled Scale(std::span<const double> values) {
  Scaled scaled;
  scaled.integers.resize(values.size());
  for (size_t exponent = 0; exponent < kPowersOfTen.size() && !scaled.exact; ++exponent) {
    scaled.exact = ScaleAll(values, kPowersOfTen[exponent], scaled.integers);
    scaled.exponent = static_cast<uint8_t>(exponent);
  }
  return scaled;
}

std::vector<int64_t> Deltas(std::span<const int64_t> integers) {
  std::vector<int64_t> deltas(integers.size() - 1);
  for (size_t i = 0; i < deltas.size(); ++i) {
    deltas[i] = static_cast<int64_t>(static_cast<uint64_t>(integers[i + 1]) -
                                     static_cast<uint64_t>(integers[i]));
  }
  return deltas;
}

void WriteScaled(const Scaled& scaled, std::string& out) {
  AppendLe(out, scaled.exponent);
  EncodeFrame(scaled.integers, out);
}

void WriteScaledDelta(const Scaled& scaled, std::span<const int64_t> deltas, std::string& out) {
  AppendLe(out, scaled.exponent);
  AppendLe(out, scaled.integers.front());
  EncodeFrame(deltas, out);
}

void WriteRaw(std::span<const double> values, std::string& out) {
  out.append(reinterpret_cast<const char*>(values.data()), values.size_bytes());
}

void WriteXor(std::span<const double> values, std::string& out) {
  BitWriter writer(out);
  uint64_t previous = std::bit_cast<uint64_t>(values.front());
  writer.Write(previous, 64);
  unsigned leading = 0;
  unsigned length = 0;  // 0: there is no window yet
  for (const double value : values.subspan(1)) {
    const auto bits = std::bit_cast<uint64_t>(value);
    const uint64_t difference = bits ^ previous;
    previous = bits;
    if (difference == 0) {
      writer.Write(0, 1);
      continue;
    }
    const auto zeros_before = static_cast<unsigned>(std::countl_zero(difference));
    const auto zeros_after = static_cast<unsigned>(std::countr_zero(difference));
    const unsigned needed = 64 - zeros_before - zeros_after;
    const bool fits =
        length != 0 && zeros_before >= leading && zeros_after >= 64 - leading - length;
    // A window much wider than needed costs more than announcing a new one (12 bits).
    if (fits && length <= needed + 12) {
      writer.Write(0b01, 2);
    } else {
      leading = zeros_before;
      length = needed;
      writer.Write(0b11, 2);
      writer.Write(leading, 6);
      writer.Write(length - 1, 6);
    }
    writer.Write(difference >> (64 - leading - length), length);
  }
  writer.Finish();
}

void Unscale(std::span<const int64_t> integers, uint8_t exponent, std::span<double> out) {
  const double scale = kPowersOfTen[exponent];
  bool has_minus_zero = false;
  for (size_t i = 0; i < out.size(); ++i) {
    out[i] = static_cast<double>(integers[i]) / scale;
    has_minus_zero |= integers[i] == kMinusZero;
  }
  if (!has_minus_zero) return;
  for (size_t i = 0; i < out.size(); ++i) {
    if (integers[i] == kMinusZero) out[i] = -0.0;
  }
}

bool ReadScaled(std::string_view in, std::span<double> out) {
  uint8_t exponent = 0;
  if (!TakeLe(in, exponent) || exponent >= kPowersOfTen.size()) return false;
  std::vector<int64_t> integers(out.size());
  if (!DecodeFrame(in, integers) || !in.empty()) return false;
  Unscale(integers, exponent, out);
  return true;
}

bool ReadScaledDelta(std::string_view in, std::span<double> out) {
  uint8_t exponent = 0;
  int64_t first = 0;
  if (!TakeLe(in, exponent) || exponent >= kPowersOfTen.size() || !TakeLe(in, first)) return false;
  std::vector<int64_t> integers(out.size());
  integers[0] = first;
  if (!DecodeFrame(in, std::span(integers).subspan(1)) || !in.empty()) return false;
  auto sum = static_cast<uint64_t>(first);
  for (size_t i = 1; i < integers.size(); ++i) {
    sum += static_cast<uint64_t>(integers[i]);
    integers[i] = static_cast<int64_t>(sum);
  }
  Unscale(integers, exponent, out);
  return true;
}

bool ReadXor(std::string_view in, std::span<double> out) {
  BitReader reader(in);
  uint64_t previous = reader.Read(64);
  out[0] = std::bit_cast<double>(previous);
  unsigned length = 0;
  unsigned shift = 0;
  for (size_t i = 1; i < out.size(); ++i) {
    if (reader.Read(1) != 0) {
      if (reader.Read(1) != 0) {
        const auto leading = static_cast<unsigned>(reader.Read(6));
        length = static_cast<unsigned>(reader.Read(6)) + 1;
        if (leading + length > 64) return false;
        shift = 64 - leading - length;
      } else if (length == 0) {
        return false;
      }
      previous ^= reader.Read(length) << shift;
    }
    if (reader.overrun()) return false;
    out[i] = std::bit_cast<double>(previous);
  }
  return !reader.overrun();
}

}  // namespace

ValueCodec EncodeValues(std::span<const double> values, std::string& out) {
  const Scaled scaled = Scale(values);
  if (scaled.exact) {
    const std::vector<int64_t> deltas = Deltas(scaled.integers);
    constexpr size_t kFirstBytes = sizeof(int64_t);
    if (FrameBytes(deltas) + kFirstBytes < FrameBytes(scaled.integers)) {
      WriteScaledDelta(scaled, deltas, out);
      return ValueCodec::kScaledDelta;
    }
    WriteScaled(scaled, out);
    return ValueCodec::kScaled;
  }
  const size_t start = out.size();
  WriteXor(values, out);
  if (out.size() - start < values.size_bytes()) return ValueCodec::kXor;
  out.resize(start);
  WriteRaw(values, out);
  return ValueCodec::kRaw;
}

bool EncodeValuesAs(ValueCodec codec, std::span<const double> values, std::string& out) {
  switch (codec) {
    case ValueCodec::kRaw:
      WriteRaw(values, out);
      return true;
    case ValueCodec::kXor:
      WriteXor(values, out);
      return true;
    case ValueCodec::kScaled:
    case ValueCodec::kScaledDelta:
      break;
  }
  const Scaled scaled = Scale(values);
  if (!scaled.exact) return false;
  if (codec == ValueCodec::kScaled) {
    WriteScaled(scaled, out);
  } else {
    WriteScaledDelta(scaled, Deltas(scaled.integers), out);
  }
  return true;
}

bool DecodeValues(ValueCodec codec, std::string_view in, std::span<double> out) {
  if (out.empty()) return false;
  switch (codec) {
    case ValueCodec::kRaw:
      if (in.size() != out.size_bytes()) return false;
      std::memcpy(out.data(), in.data(), in.size());
      return true;
    case ValueCodec::kScaled:
      return ReadScaled(in, out);
    case ValueCodec::kScaledDelta:
      return ReadScaledDelta(in, out);
    case ValueCodec::kXor:
      return ReadXor(in, out);
  }
  return false;
}

}  // namespace energy::series
