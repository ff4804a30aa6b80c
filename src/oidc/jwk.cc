#include "oidc/jwk.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>

#include <algorithm>

#include "base/base64.h"
#include "base/json.h"
#include "oidc/json_object.h"

namespace energy::oidc {
namespace {

constexpr size_t kMaxKeys = 100;
constexpr size_t kMinRsaBits = 2048;
constexpr size_t kMaxRsaBits = 8192;
constexpr size_t kMaxExponentBytes = 8;
constexpr size_t kP256Bytes = 32;

template <auto kFree>
struct Deleter {
  template <class T>
  void operator()(T* object) const {
    kFree(object);
  }
};
template <class T, auto kFree>
using Owned = std::unique_ptr<T, Deleter<kFree>>;
using Number = Owned<BIGNUM, BN_free>;
using PublicKey = std::shared_ptr<EVP_PKEY>;

const unsigned char* Bytes(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

std::string Member(const base::Json& json, const char* name) {
  const auto found = json.find(name);
  return found != json.end() && found->is_string() ? found->get<std::string>() : std::string();
}

std::string Binary(const base::Json& json, const char* name) {
  return base::DecodeBase64Url(Member(json, name)).value_or(std::string());
}

PublicKey Build(const char* type, OSSL_PARAM_BLD* builder) {
  const Owned<OSSL_PARAM, OSSL_PARAM_free> params(OSSL_PARAM_BLD_to_param(builder));
  const Owned<EVP_PKEY_CTX, EVP_PKEY_CTX_free> context(
      EVP_PKEY_CTX_new_from_name(nullptr, type, nullptr));
  EVP_PKEY* made = nullptr;
  if (!params || !context || EVP_PKEY_fromdata_init(context.get()) != 1 ||
      EVP_PKEY_fromdata(context.get(), &made, EVP_PKEY_PUBLIC_KEY, params.get()) != 1) {
    return nullptr;
  }
  return {made, EVP_PKEY_free};
}

PublicKey RsaKey(const base::Json& jwk) {
  const std::string modulus = Binary(jwk, "n");
  const std::string exponent = Binary(jwk, "e");
  if (modulus.size() > kMaxRsaBits / 8 + 1 || exponent.size() > kMaxExponentBytes) return nullptr;
  const Number n(BN_bin2bn(Bytes(modulus), static_cast<int>(modulus.size()), nullptr));
  const Number e(BN_bin2bn(Bytes(exponent), static_cast<int>(exponent.size()), nullptr));
  // An exponent of 1 would make everything its own signature.
  if (!n || !e || BN_num_bits(e.get()) < 2 || BN_is_odd(e.get()) == 0) return nullptr;
  const auto bits = static_cast<size_t>(BN_num_bits(n.get()));
  if (bits < kMinRsaBits || bits > kMaxRsaBits) return nullptr;
  const Owned<OSSL_PARAM_BLD, OSSL_PARAM_BLD_free> builder(OSSL_PARAM_BLD_new());
  if (!builder || OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_N, n.get()) != 1 ||
      OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_E, e.get()) != 1) {
    return nullptr;
  }
  return Build("RSA", builder.get());
}

PublicKey EcKey(const base::Json& jwk) {
  const std::string x = Binary(jwk, "x");
  const std::string y = Binary(jwk, "y");
  if (Member(jwk, "crv") != "P-256" || x.size() != kP256Bytes || y.size() != kP256Bytes) {
    return nullptr;
  }
  const std::string point = "\x04" + x + y;  // uncompressed
  const Owned<OSSL_PARAM_BLD, OSSL_PARAM_BLD_free> builder(OSSL_PARAM_BLD_new());
  if (!builder ||
      OSSL_PARAM_BLD_push_utf8_string(builder.get(), OSSL_PKEY_PARAM_GROUP_NAME, "prime256v1", 0) !=
          1 ||
      OSSL_PARAM_BLD_push_octet_string(builder.get(), OSSL_PKEY_PARAM_PUB_KEY, point.data(),
                                       point.size()) != 1) {
    return nullptr;
  }
  return Build("EC", builder.get());
}

/// A JWS has r and s side by side (RFC 7518 §3.4), OpenSSL wants them in DER.
std::string DerSignature(std::string_view signature) {
  if (signature.size() != 2 * kP256Bytes) return {};
  const Owned<ECDSA_SIG, ECDSA_SIG_free> pair(ECDSA_SIG_new());
  Number r(BN_bin2bn(Bytes(signature), kP256Bytes, nullptr));
  Number s(BN_bin2bn(Bytes(signature.substr(kP256Bytes)), kP256Bytes, nullptr));
  if (!pair || !r || !s || ECDSA_SIG_set0(pair.get(), r.get(), s.get()) != 1) return {};
  (void)r.release();
  (void)s.release();
  std::string der(static_cast<size_t>(i2d_ECDSA_SIG(pair.get(), nullptr)), '\0');
  auto* at = reinterpret_cast<unsigned char*>(der.data());
  i2d_ECDSA_SIG(pair.get(), &at);
  return der;
}

/// Whether the key is for signatures, as far as it says.
bool Signs(const base::Json& jwk) {
  const std::string use = Member(jwk, "use");
  if (!use.empty() && use != "sig") return false;
  const auto operations = jwk.find("key_ops");
  return operations == jwk.end() || !operations->is_array() ||
         std::find(operations->begin(), operations->end(), "verify") != operations->end();
}

}  // namespace

std::optional<Algorithm> ParseAlgorithm(std::string_view name) {
  if (name == "RS256") return Algorithm::kRs256;
  if (name == "ES256") return Algorithm::kEs256;
  return std::nullopt;
}

bool Key::Verifies(std::string_view data, std::string_view signature) const {
  std::string der;
  if (algorithm_ == Algorithm::kEs256) {
    der = DerSignature(signature);
    signature = der;
  }
  if (signature.empty()) return false;
  const Owned<EVP_MD_CTX, EVP_MD_CTX_free> context(EVP_MD_CTX_new());
  // RSA's padding is PKCS #1 v1.5 unless told otherwise, which is what RS256 means.
  return context &&
         EVP_DigestVerifyInit(context.get(), nullptr, EVP_sha256(), nullptr, key_.get()) == 1 &&
         EVP_DigestVerify(context.get(), Bytes(signature), signature.size(), Bytes(data),
                          data.size()) == 1;
}

base::Result<KeySet> KeySet::Parse(std::string_view text) {
  const base::Json json = ParseObject(text);
  const auto keys = json.is_object() ? json.find("keys") : json.end();
  if (!json.is_object() || keys == json.end() || !keys->is_array() || keys->size() > kMaxKeys) {
    return base::Unavailable("the OpenID provider's keys are no JWK Set of at most 100 keys");
  }
  KeySet set;
  for (const base::Json& jwk : *keys) {
    if (!jwk.is_object() || !Signs(jwk)) continue;
    const std::string type = Member(jwk, "kty");
    if (type != "RSA" && type != "EC") continue;
    const Algorithm algorithm = type == "RSA" ? Algorithm::kRs256 : Algorithm::kEs256;
    const std::string declared = Member(jwk, "alg");
    if (!declared.empty() && ParseAlgorithm(declared) != algorithm) continue;
    PublicKey key = type == "RSA" ? RsaKey(jwk) : EcKey(jwk);
    if (key) set.keys_.emplace_back(Member(jwk, "kid"), algorithm, std::move(key));
  }
  if (set.keys_.empty()) {
    return base::Unavailable("the OpenID provider has no key for RS256 or ES256");
  }
  return set;
}

const Key* KeySet::Find(const std::optional<std::string>& id, Algorithm algorithm) const {
  const Key* found = nullptr;
  for (const Key& key : keys_) {
    if (key.algorithm() != algorithm || (id && key.id() != *id)) continue;
    // Two that could be meant: neither is.
    if (found != nullptr) return nullptr;
    found = &key;
  }
  return found;
}

}  // namespace energy::oidc
