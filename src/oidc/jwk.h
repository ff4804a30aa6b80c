#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"

struct evp_pkey_st;  // OpenSSL's

namespace energy::oidc {

/// The signatures that are taken (RFC 7518 §3.3 and §3.4). Never "none", never a MAC: a provider's
/// public key is no secret.
enum class Algorithm { kRs256, kEs256 };

/// "RS256", "ES256"; nothing for any other.
std::optional<Algorithm> ParseAlgorithm(std::string_view name);

/// A public key. Threads: safe anywhere.
class Key {
 public:
  Key(std::string id, Algorithm algorithm, std::shared_ptr<evp_pkey_st> key)
      : id_(std::move(id)), algorithm_(algorithm), key_(std::move(key)) {}

  const std::string& id() const { return id_; }
  Algorithm algorithm() const { return algorithm_; }
  /// Whether `signature` (as in a JWS, RFC 7515) is this key's under `data`.
  bool Verifies(std::string_view data, std::string_view signature) const;

 private:
  std::string id_;
  Algorithm algorithm_;
  std::shared_ptr<evp_pkey_st> key_;
};

/// A provider's keys, from a JWK Set (RFC 7517 §5).
class KeySet {
 public:
  /// Keys of other kinds or uses are passed over; RSA has 2048 to 8192 bits, EC is P-256.
  /// Errors: kUnavailable when it is no JWK Set, has more than 100 keys or none that can be used.
  static base::Result<KeySet> Parse(std::string_view json);

  /// The key a token names; without a name the only one of the algorithm. Null when there is none.
  const Key* Find(const std::optional<std::string>& id, Algorithm algorithm) const;

 private:
  std::vector<Key> keys_;
};

}  // namespace energy::oidc
