#include "auth/hash.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>

#include <array>
#include <cstdio>
#include <cstdlib>

namespace energy::auth {
namespace {

const unsigned char* Bytes(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

// OpenSSL fails here only without memory or without its own SHA-256: nothing sensible is left to
// do.
[[noreturn]] void Die(const char* what) {
  std::fprintf(stderr, "OpenSSL: %s failed\n", what);
  std::abort();
}

}  // namespace

std::string HmacSha256(std::string_view key, std::string_view data) {
  std::string mac(32, '\0');
  size_t size = 0;
  if (EVP_Q_mac(nullptr, "HMAC", nullptr, "SHA256", nullptr, key.data(), key.size(), Bytes(data),
                data.size(), reinterpret_cast<unsigned char*>(mac.data()), mac.size(),
                &size) == nullptr ||
      size != mac.size()) {
    Die("HMAC-SHA256");
  }
  return mac;
}

std::string Sha256Hex(std::string_view data) {
  std::array<unsigned char, 32> digest;
  size_t size = 0;
  if (EVP_Q_digest(nullptr, "SHA256", nullptr, data.data(), data.size(), digest.data(), &size) !=
      1) {
    Die("SHA-256");
  }
  return ToHex({reinterpret_cast<const char*>(digest.data()), digest.size()});
}

std::string ToHex(std::string_view bytes) {
  static constexpr char kDigits[] = "0123456789abcdef";
  std::string text;
  text.reserve(bytes.size() * 2);
  for (const char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    text += kDigits[byte >> 4];
    text += kDigits[byte & 15];
  }
  return text;
}

bool ConstantTimeEqual(std::string_view a, std::string_view b) {
  return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

}  // namespace energy::auth
