#include "auth/totp.h"

#include <array>
#include <cstdio>

#include "auth/hash.h"
#include "base/url_text.h"

namespace energy::auth {
namespace {

constexpr int64_t kStepSeconds = 30;
constexpr int64_t kToleratedSteps = 1;

}  // namespace

std::string EncodeBase32(std::string_view bytes) {
  constexpr std::string_view kAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
  std::string text;
  uint32_t buffer = 0;
  unsigned bits = 0;
  for (const char c : bytes) {
    buffer = ((buffer << 8) | static_cast<unsigned char>(c)) & 0xFFFFU;
    for (bits += 8; bits >= 5; bits -= 5) text += kAlphabet[(buffer >> (bits - 5)) & 31U];
  }
  if (bits > 0) text += kAlphabet[(buffer << (5 - bits)) & 31U];
  return text;
}

std::string TotpCode(std::string_view secret, int64_t step) {
  std::string counter(8, '\0');
  for (size_t i = 0; i < counter.size(); ++i) {
    counter[7 - i] = static_cast<char>(static_cast<uint64_t>(step) >> (8 * i));
  }
  const std::string mac = HmacSha1(secret, counter);
  const auto byte = [&](size_t at) {
    return static_cast<uint32_t>(static_cast<unsigned char>(mac[at]));
  };
  const size_t offset = byte(mac.size() - 1) & 15U;
  const uint32_t number = (byte(offset) & 0x7FU) << 24 | byte(offset + 1) << 16 |
                          byte(offset + 2) << 8 | byte(offset + 3);
  std::array<char, 8> text{};
  std::snprintf(text.data(), text.size(), "%06u", number % 1'000'000);
  return text.data();
}

int64_t TotpStep(base::Timestamp time) {
  return std::chrono::floor<std::chrono::seconds>(time).time_since_epoch().count() / kStepSeconds;
}

std::optional<int64_t> FindTotpStep(std::string_view secret, std::string_view code,
                                    base::Timestamp now, int64_t last_step) {
  const int64_t present = TotpStep(now);
  for (int64_t step = present - kToleratedSteps; step <= present + kToleratedSteps; ++step) {
    if (step > last_step && ConstantTimeEqual(TotpCode(secret, step), code)) return step;
  }
  return std::nullopt;
}

std::string OtpauthUri(std::string_view secret, std::string_view account) {
  constexpr std::string_view kIssuer = "Energy%20Platform";
  std::string uri = "otpauth://totp/";
  uri += kIssuer;
  uri += ':';
  uri += base::PercentEncode(account);
  uri += "?secret=" + EncodeBase32(secret) + "&issuer=";
  uri += kIssuer;
  return uri + "&algorithm=SHA1&digits=6&period=30";
}

}  // namespace energy::auth
