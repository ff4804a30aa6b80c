#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "base/status.h"

struct ssl_ctx_st;
struct ssl_st;

namespace energy::cache {

struct TlsClientOptions {
  std::string ca_file;      ///< PEM: whom to believe; empty: whom the system believes
  std::string certificate;  ///< PEM: of this program, with its intermediates; empty: none
  std::string key;          ///< PEM: of that certificate
};

/// The client's side of TLS 1.2 and 1.3. Immutable. Threads: safe anywhere.
class TlsClient {
 public:
  /// Errors: kInvalidArgument that names the setting and the file.
  static base::Result<std::shared_ptr<const TlsClient>> Load(const TlsClientOptions& options);
  ~TlsClient();
  TlsClient(const TlsClient&) = delete;
  TlsClient& operator=(const TlsClient&) = delete;

  ssl_ctx_st* get() const { return context_; }

 private:
  explicit TlsClient(ssl_ctx_st* context) : context_(context) {}
  ssl_ctx_st* const context_;
};

/// One connection's TLS, over bytes that its owner sends and receives. The server must show a
/// certificate for `host`, a name or an address, that the client's authorities signed.
/// Threads: one at a time.
class TlsSession {
 public:
  TlsSession(const TlsClient& client, const std::string& host);
  ~TlsSession();
  TlsSession(const TlsSession&) = delete;
  TlsSession& operator=(const TlsSession&) = delete;

  /// Goes on with the handshake. False: bytes of the server are needed. Errors: kUnavailable with
  /// what is wrong with the server or its certificate.
  base::Result<bool> Handshake();
  /// Takes bytes that came from the server.
  void Take(std::string_view bytes);
  /// What has to be sent to the server, which is then forgotten.
  std::string Outgoing();
  /// Makes bytes to send of `text`. Errors: kUnavailable.
  base::Status Encrypt(std::string_view text);
  /// Appends what the server has said so far. Errors: kUnavailable, also when it has said goodbye.
  base::Status Decrypt(std::string& text);

 private:
  ssl_st* const ssl_;
};

}  // namespace energy::cache
