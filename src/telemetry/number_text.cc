#include "telemetry/number_text.h"

#include <charconv>
#include <cmath>
#include <cstdint>

namespace energy::telemetry {
namespace {

constexpr uint64_t kLargestExact = uint64_t{1} << 53;  // all integers up to here are doubles
constexpr int kMostDigits = 18;                        // fit uint64_t
constexpr double kPowersOfTen[] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,  1e8, 1e9,
                                   1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18};

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

}  // namespace

const char* ParseNumber(const char* text, const char* end, double& out) {
  const char* at = text;
  const bool negative = at != end && *at == '-';
  if (at != end && (*at == '-' || *at == '+')) ++at;
  const char* const digits = at;
  uint64_t mantissa = 0;
  while (at != end && IsDigit(*at)) mantissa = mantissa * 10 + static_cast<uint64_t>(*at++ - '0');
  auto count = at - digits;
  int decimals = 0;
  if (at != end && *at == '.') {
    const char* const fraction = ++at;
    while (at != end && IsDigit(*at)) mantissa = mantissa * 10 + static_cast<uint64_t>(*at++ - '0');
    decimals = static_cast<int>(at - fraction);
    count += decimals;
  }
  if (count == 0) return nullptr;
  const bool has_exponent = at != end && (*at == 'e' || *at == 'E');
  // Both are exact, so that the quotient is rounded once (Clinger 1990).
  if (!has_exponent && count <= kMostDigits && mantissa <= kLargestExact) {
    const double value = static_cast<double>(mantissa) / kPowersOfTen[decimals];
    out = negative ? -value : value;
    return at;
  }
  const auto [rest, error] = std::from_chars(digits, end, out);
  if (error != std::errc()) return nullptr;
  if (negative) out = -out;
  return rest;
}

}  // namespace energy::telemetry
