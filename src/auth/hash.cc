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

std::string Hmac(const char* digest, size_t bytes, std::string_view key, std::string_view data) {
  std::string mac(bytes, '\0');
  size_t size = 0;
  if (EVP_Q_mac(nullptr, "HMAC", nullptr, digest, nullptr, key.data(), key.size(), Bytes(data),
                data.size(), reinterpret_cast<unsigned char*>(mac.data()), mac.size(),
                &size) == nullptr ||
      size != mac.size()) {
    Die("HMAC");
  }
  return mac;
}

}  // namespace

std::string HmacSha256(std::string_view key, std::string_view data) {
  return Hmac("SHA256", 32, key, data);
}

std::string HmacSha1(std::string_view key, std::string_view data) {
  return Hmac("SHA1", 20, key, data);
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

Sha256::Sha256() : context_(EVP_MD_CTX_new()) {
  if (context_ == nullptr || EVP_DigestInit_ex(context_.get(), EVP_sha256(), nullptr) != 1) {
    Die("SHA-256");
  }
}

Sha256::~Sha256() = default;

void Sha256::Deleter::operator()(evp_md_ctx_st* context) const { EVP_MD_CTX_free(context); }

void Sha256::Update(std::string_view data) {
  if (EVP_DigestUpdate(context_.get(), data.data(), data.size()) != 1) Die("SHA-256");
}

std::string Sha256::FinishHex() {
  std::array<unsigned char, 32> digest;
  if (EVP_DigestFinal_ex(context_.get(), digest.data(), nullptr) != 1) Die("SHA-256");
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
