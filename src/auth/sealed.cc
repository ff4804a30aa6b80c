#include "auth/sealed.h"

#include <openssl/evp.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <memory>

#include "base/base64.h"

namespace energy::auth {
namespace {

constexpr size_t kKeyBytes = 32;
constexpr size_t kNonceBytes = 12;
constexpr size_t kTagBytes = 16;

struct ContextDeleter {
  void operator()(EVP_CIPHER_CTX* context) const { EVP_CIPHER_CTX_free(context); }
};
using Context = std::unique_ptr<EVP_CIPHER_CTX, ContextDeleter>;

const unsigned char* Bytes(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}
unsigned char* Bytes(std::string& text) { return reinterpret_cast<unsigned char*>(text.data()); }

}  // namespace

std::string Seal(std::string_view key, std::string_view owner, std::string_view plain,
                 base::Random& random) {
  std::array<unsigned char, kNonceBytes> nonce;
  random.Fill(nonce);
  std::string out(reinterpret_cast<const char*>(nonce.data()), nonce.size());
  std::string cipher(plain.size(), '\0');
  std::string tag(kTagBytes, '\0');
  const Context context(EVP_CIPHER_CTX_new());
  int size = 0;
  if (key.size() != kKeyBytes || !context ||
      EVP_EncryptInit_ex(context.get(), EVP_aes_256_gcm(), nullptr, Bytes(key), nonce.data()) !=
          1 ||
      EVP_EncryptUpdate(context.get(), nullptr, &size, Bytes(owner),
                        static_cast<int>(owner.size())) != 1 ||
      EVP_EncryptUpdate(context.get(), Bytes(cipher), &size, Bytes(plain),
                        static_cast<int>(plain.size())) != 1 ||
      EVP_EncryptFinal_ex(context.get(), Bytes(tag), &size) != 1 ||
      EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_GCM_GET_TAG, kTagBytes, tag.data()) != 1) {
    // A key of another size, or OpenSSL without memory or without its own AES.
    std::fprintf(stderr, "AES-256-GCM failed\n");
    std::abort();
  }
  return base::EncodeBase64Url(out + cipher + tag);
}

std::optional<std::string> Unseal(std::string_view key, std::string_view owner,
                                  std::string_view sealed) {
  const std::optional<std::string> bytes = base::DecodeBase64Url(sealed);
  if (!bytes || bytes->size() < kNonceBytes + kTagBytes || key.size() != kKeyBytes) {
    return std::nullopt;
  }
  const std::string_view all = *bytes;
  const std::string_view cipher = all.substr(kNonceBytes, all.size() - kNonceBytes - kTagBytes);
  std::string tag(all.substr(all.size() - kTagBytes));
  std::string plain(cipher.size(), '\0');
  std::string rest(kTagBytes, '\0');
  const Context context(EVP_CIPHER_CTX_new());
  int size = 0;
  const bool good =
      context &&
      EVP_DecryptInit_ex(context.get(), EVP_aes_256_gcm(), nullptr, Bytes(key), Bytes(all)) == 1 &&
      EVP_DecryptUpdate(context.get(), nullptr, &size, Bytes(owner),
                        static_cast<int>(owner.size())) == 1 &&
      EVP_DecryptUpdate(context.get(), Bytes(plain), &size, Bytes(cipher),
                        static_cast<int>(cipher.size())) == 1 &&
      EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_GCM_SET_TAG, kTagBytes, tag.data()) == 1 &&
      EVP_DecryptFinal_ex(context.get(), Bytes(rest), &size) == 1;
  return good ? std::optional(std::move(plain)) : std::nullopt;
}

}  // namespace energy::auth
