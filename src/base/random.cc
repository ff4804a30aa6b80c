#include "base/random.h"

#include <sys/random.h>

#include <cctype>
#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace energy::base {

void SystemRandom::Fill(std::span<unsigned char> out) {
  size_t done = 0;
  while (done < out.size()) {
    const ssize_t got = getrandom(out.data() + done, out.size() - done, 0);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) {
      // Going on with predictable bytes would be worse than ending.
      std::perror("getrandom");
      std::abort();
    }
    done += static_cast<size_t>(got);
  }
}

void SeededRandom::Fill(std::span<unsigned char> out) {
  for (unsigned char& byte : out) byte = static_cast<unsigned char>(engine_());
}

std::string NewUuid(Random& random, const Clock& clock) {
  unsigned char bytes[16];
  random.Fill(bytes);
  const auto ms = static_cast<uint64_t>(
      std::chrono::duration_cast<std::chrono::milliseconds>(clock.Now().time_since_epoch())
          .count());
  for (int i = 0; i < 6; ++i) bytes[i] = static_cast<unsigned char>(ms >> (40 - 8 * i));
  bytes[6] = static_cast<unsigned char>((bytes[6] & 0x0F) | 0x70);
  bytes[8] = static_cast<unsigned char>((bytes[8] & 0x3F) | 0x80);

  static constexpr char kHex[] = "0123456789abcdef";
  std::string text;
  text.reserve(36);
  for (int i = 0; i < 16; ++i) {
    if (i == 4 || i == 6 || i == 8 || i == 10) text += '-';
    text += kHex[bytes[i] >> 4];
    text += kHex[bytes[i] & 0x0F];
  }
  return text;
}

bool IsUuid(std::string_view text) {
  if (text.size() != 36) return false;
  for (size_t i = 0; i < text.size(); ++i) {
    const bool dash = i == 8 || i == 13 || i == 18 || i == 23;
    if (dash ? text[i] != '-' : !std::isxdigit(static_cast<unsigned char>(text[i]))) return false;
  }
  return true;
}

std::string NewSecret(Random& random, size_t length) {
  static constexpr std::string_view kAlphabet =
      "ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnpqrstuvwxyz23456789";
  // Bytes from the last, incomplete run of the alphabet are thrown away: each letter is as likely.
  constexpr unsigned kLimit = 256 - 256 % kAlphabet.size();
  std::string secret;
  secret.reserve(length);
  while (secret.size() < length) {
    unsigned char byte;
    random.Fill({&byte, 1});
    if (byte < kLimit) secret += kAlphabet[byte % kAlphabet.size()];
  }
  return secret;
}

}  // namespace energy::base
