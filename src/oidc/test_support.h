#pragma once

#include <gtest/gtest.h>
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>

#include <memory>
#include <string>
#include <vector>

#include "base/base64.h"
#include "base/json.h"

// For the tests of this module.

namespace energy::oidc {

/// A provider's key pair, which signs what a test wants.
class SigningKey {
 public:
  static const SigningKey& Rsa() {
    static const SigningKey kKey("rsa-1", EVP_RSA_gen(2048), "RS256");
    return kKey;
  }
  static const SigningKey& OtherRsa() {
    static const SigningKey kKey("rsa-2", EVP_RSA_gen(2048), "RS256");
    return kKey;
  }
  static const SigningKey& Ec() {
    static const SigningKey kKey("ec-1", EVP_EC_gen("P-256"), "ES256");
    return kKey;
  }

  const std::string& id() const { return id_; }
  const std::string& algorithm() const { return algorithm_; }

  base::Json Jwk() const {
    base::Json jwk{{"kid", id_}, {"use", "sig"}, {"alg", algorithm_}};
    if (algorithm_ == "RS256") {
      jwk["kty"] = "RSA";
      jwk["n"] = Parameter(OSSL_PKEY_PARAM_RSA_N, 0);
      jwk["e"] = Parameter(OSSL_PKEY_PARAM_RSA_E, 0);
    } else {
      jwk["kty"] = "EC";
      jwk["crv"] = "P-256";
      jwk["x"] = Parameter(OSSL_PKEY_PARAM_EC_PUB_X, 32);
      jwk["y"] = Parameter(OSSL_PKEY_PARAM_EC_PUB_Y, 32);
    }
    return jwk;
  }

  /// Bytes of a signature in the form of a JWS.
  std::string Sign(const std::string& data) const {
    const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context(EVP_MD_CTX_new(),
                                                                          &EVP_MD_CTX_free);
    size_t size = 0;
    const auto* bytes = reinterpret_cast<const unsigned char*>(data.data());
    EXPECT_EQ(EVP_DigestSignInit(context.get(), nullptr, EVP_sha256(), nullptr, key_.get()), 1);
    EXPECT_EQ(EVP_DigestSign(context.get(), nullptr, &size, bytes, data.size()), 1);
    std::string signature(size, '\0');
    EXPECT_EQ(EVP_DigestSign(context.get(), reinterpret_cast<unsigned char*>(signature.data()),
                             &size, bytes, data.size()),
              1);
    signature.resize(size);
    if (algorithm_ == "RS256") return signature;
    const auto* at = reinterpret_cast<const unsigned char*>(signature.data());
    const std::unique_ptr<ECDSA_SIG, decltype(&ECDSA_SIG_free)> pair(
        d2i_ECDSA_SIG(nullptr, &at, static_cast<long>(size)), &ECDSA_SIG_free);
    std::string both(64, '\0');
    auto* out = reinterpret_cast<unsigned char*>(both.data());
    BN_bn2binpad(ECDSA_SIG_get0_r(pair.get()), out, 32);
    BN_bn2binpad(ECDSA_SIG_get0_s(pair.get()), out + 32, 32);
    return both;
  }

  /// A JWT with this key's header, or another.
  std::string Token(const base::Json& claims) const {
    return Token({{"alg", algorithm_}, {"kid", id_}}, claims);
  }
  std::string Token(const base::Json& header, const base::Json& claims) const {
    const std::string text =
        base::EncodeBase64Url(header.dump()) + "." + base::EncodeBase64Url(claims.dump());
    return text + "." + base::EncodeBase64Url(Sign(text));
  }

 private:
  SigningKey(std::string id, EVP_PKEY* key, std::string algorithm)
      : id_(std::move(id)), algorithm_(std::move(algorithm)), key_(key, &EVP_PKEY_free) {}

  std::string Parameter(const char* name, int bytes) const {
    BIGNUM* raw = nullptr;
    EXPECT_EQ(EVP_PKEY_get_bn_param(key_.get(), name, &raw), 1);
    const std::unique_ptr<BIGNUM, decltype(&BN_free)> number(raw, &BN_free);
    std::string out(static_cast<size_t>(bytes == 0 ? BN_num_bytes(raw) : bytes), '\0');
    BN_bn2binpad(raw, reinterpret_cast<unsigned char*>(out.data()), static_cast<int>(out.size()));
    return base::EncodeBase64Url(out);
  }

  std::string id_;
  std::string algorithm_;
  std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> key_;
};

inline std::string KeySetText(const std::vector<const SigningKey*>& keys) {
  base::Json set{{"keys", base::Json::array()}};
  for (const SigningKey* key : keys) set["keys"].push_back(key->Jwk());
  return set.dump();
}

}  // namespace energy::oidc
