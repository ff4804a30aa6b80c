#include "auth/password.h"

#include <crypt.h>

#include <algorithm>
#include <array>
#include <memory>

#include "auth/hash.h"

namespace energy::auth {
namespace {

constexpr std::string_view kPrefix = "$2b$";
constexpr size_t kHashLength = 60;

/// Empty on failure. libxcrypt marks failures with a leading '*'.
std::string Crypt(const std::string& password, const std::string& setting) {
  const auto data = std::make_unique<crypt_data>();  // 32 KB: not on the stack
  const char* hash = crypt_r(password.c_str(), setting.c_str(), data.get());
  return hash == nullptr || hash[0] == '*' ? std::string() : std::string(hash);
}

bool Hashable(std::string_view password) {
  return password.size() <= kMaxPasswordBytes && password.find('\0') == std::string_view::npos;
}

}  // namespace

PasswordHasher::PasswordHasher(base::Random& random, unsigned cost)
    : random_(random), cost_(std::clamp(cost, 4U, 16U)) {}

base::Result<std::string> PasswordHasher::Hash(std::string_view password) const {
  if (password.size() < kMinPasswordBytes || password.size() > kMaxPasswordBytes) {
    return base::InvalidField("password", "must have 8 to 72 bytes");
  }
  if (!Hashable(password)) return base::InvalidField("password", "must not contain NUL");
  std::array<unsigned char, 16> salt;
  random_.Fill(salt);
  std::array<char, CRYPT_GENSALT_OUTPUT_SIZE> setting{};
  if (crypt_gensalt_rn(kPrefix.data(), cost_, reinterpret_cast<const char*>(salt.data()),
                       static_cast<int>(salt.size()), setting.data(),
                       static_cast<int>(setting.size())) == nullptr) {
    return base::Internal("bcrypt is not available in this system's libcrypt");
  }
  std::string hash = Crypt(std::string(password), setting.data());
  if (!hash.starts_with(kPrefix) || hash.size() != kHashLength) {
    return base::Internal("bcrypt failed");
  }
  return hash;
}

bool PasswordHasher::Verify(std::string_view password, const std::string& hash) const {
  // Without this check a damaged hash would be taken for another, weaker scheme.
  if (!hash.starts_with(kPrefix) || hash.size() != kHashLength) return false;
  if (!Hashable(password)) {
    VerifyNobody("");
    return false;
  }
  return ConstantTimeEqual(Crypt(std::string(password), hash), hash);
}

void PasswordHasher::VerifyNobody(std::string_view password) const {
  std::string setting(kPrefix);
  if (cost_ < 10) setting += '0';
  setting += std::to_string(cost_) + '$' + std::string(22, '.');
  (void)Crypt(Hashable(password) ? std::string(password) : std::string(), setting);
}

}  // namespace energy::auth
