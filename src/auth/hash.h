#pragma once

#include <memory>
#include <string>
#include <string_view>

struct evp_md_ctx_st;  // OpenSSL's

namespace energy::auth {

/// HMAC-SHA256 (RFC 2104): 32 bytes.
std::string HmacSha256(std::string_view key, std::string_view data);

/// HMAC-SHA1: 20 bytes. Only for one-time passwords, which RFC 6238 makes of it.
std::string HmacSha1(std::string_view key, std::string_view data);

/// SHA-256 as 64 lower-case hex digits.
std::string Sha256Hex(std::string_view data);

/// SHA-256 of data that comes in pieces. Threads: one.
class Sha256 {
 public:
  Sha256();
  ~Sha256();
  Sha256(const Sha256&) = delete;
  Sha256& operator=(const Sha256&) = delete;
  void Update(std::string_view data);
  /// 64 lower-case hex digits; once, at the end.
  std::string FinishHex();

 private:
  struct Deleter {
    void operator()(evp_md_ctx_st* context) const;
  };
  std::unique_ptr<evp_md_ctx_st, Deleter> context_;
};

std::string ToHex(std::string_view bytes);

/// Compares without telling by its time where the difference is. The lengths are not secret.
bool ConstantTimeEqual(std::string_view a, std::string_view b);

}  // namespace energy::auth
